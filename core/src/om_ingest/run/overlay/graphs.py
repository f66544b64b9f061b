"""A lineage graph that is put together step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from om_ingest.kinds import Identity, kind_of
from om_ingest.model.entity import EntityReference
from om_ingest.model.lineage import Edge, EntityLineage
from om_ingest.store import MetadataStore

EdgesAt = Callable[[EntityReference], Iterable[tuple[Edge, EntityReference]]]
"""The edges at an entity in one direction, each with its other end."""


def graph(
    start: EntityReference, up: tuple[EdgesAt, int], down: tuple[EdgesAt, int]
) -> EntityLineage:
    """The graph around an entity; each direction with its depth."""
    nodes: dict[str, EntityReference] = {}
    upstream, downstream = (list(_walked(start, nodes, *way)) for way in (up, down))
    nodes.pop(str(start.id), None)
    return EntityLineage(
        entity=start,
        nodes=list(nodes.values()),
        upstreamEdges=upstream,
        downstreamEdges=downstream,
    )


def _walked(
    start: EntityReference, nodes: dict[str, EntityReference], edges_at: EdgesAt, depth: int
) -> Iterator[Edge]:
    """The edges up to so many steps away; adds what they lead to to the `nodes`."""
    reached, step = {str(start.id)}, [start]
    for _ in range(depth):
        following: list[EntityReference] = []
        for edge, other in (found for node in step for found in edges_at(node)):
            yield edge
            if str(other.id) not in reached:
                reached.add(str(other.id))
                nodes.setdefault(str(other.id), other)
                following.append(other)
        step = following


def edge_between(start: EntityReference, target: EntityReference) -> Identity:
    """The identity of the edge between two entities."""
    return ("lineage", f"{start.type}:{start.fullyQualifiedName} -> {target.fullyQualifiedName}")


def has_edge(store: MetadataStore, start: EntityReference, target: EntityReference) -> bool:
    """Whether a store shows an edge between two entities."""
    entity, fqn = kind_of(target.type).entity, target.fullyQualifiedName or ""
    found = store.get_lineage(entity, fqn, upstream_depth=1, downstream_depth=0)
    names = {} if found is None else {str(n.id): n.fullyQualifiedName for n in found.nodes}
    edges = () if found is None else found.upstreamEdges
    return start.fullyQualifiedName in {names.get(edge.fromEntity) for edge in edges}
