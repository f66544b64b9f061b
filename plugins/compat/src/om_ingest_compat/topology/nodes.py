"""Topologies: which methods of a source are called, in which order, and what each of them fills.

`metadata.ingestion.models.topology` of every release; earlier names of the flags are taken, too.
"""

from __future__ import annotations

import copy
import queue
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from om_ingest_compat.topology.context import TopologyContext

_StageT = TypeVar("_StageT")


class NodeStage:
    """One method that is called with every element of a node.

    `context` is where the name of what it yields is kept; `consumer` are the keys of the parents.
    """

    __class_getitem__ = classmethod(lambda cls, _: cls)

    def __init__(
        self,
        *,
        type_: Any,
        processor: str,
        context: str | None = None,
        consumer: Sequence[str] | None = None,
        nullable: bool = False,
        overwrite: bool = True,
        store_all_in_context: bool = False,
        clear_context: bool = False,
        store_fqn: bool = False,
        cache_all: bool = False,
        clear_cache: bool = False,
        **others: Any,
    ) -> None:
        """`others` are flags of a release that change nothing here: `must_return`, `use_cache` …"""
        self.type_ = type_
        self.processor = processor
        self.context = context
        self.consumer = list(consumer) if consumer is not None else None
        self.nullable = nullable
        self.overwrite = overwrite
        self.store_all_in_context = store_all_in_context or cache_all
        self.clear_context = clear_context or clear_cache
        self.store_fqn = store_fqn
        vars(self).update(others)

    @property
    def kind(self) -> str:
        """The entity type of what it yields; empty for what is no entity."""
        kind = getattr(self.type_, "entity_type", None)
        return kind if isinstance(kind, str) else ""

    @property
    def is_entity(self) -> bool:
        """Whether what follows for an element makes no sense without what this stage yields."""
        return self.context is not None and not (self.nullable or self.store_all_in_context)


class TopologyNode:
    """A producer of elements, the stages for each of them, and the nodes below it."""

    def __init__(
        self,
        *,
        producer: str,
        stages: Iterable[NodeStage],
        children: Iterable[str] | None = None,
        post_process: Iterable[str] | None = None,
        threads: bool = False,
    ) -> None:
        self.producer = producer
        self.stages = list(stages)
        self.children = list(children) if children is not None else None
        self.post_process = list(post_process) if post_process is not None else None
        self.threads = threads
        """Taken, and without effect: a run reads with one thread."""

    @property
    def own_stages(self) -> list[NodeStage]:
        """The stages that yield the elements themselves, and not what is linked to them."""
        own = [stage for stage in self.stages if stage.is_entity]
        return own or [stage for stage in self.stages if stage.kind]

    @property
    def kinds(self) -> list[str]:
        """The entity types of what the stages yield."""
        return [stage.kind for stage in self.stages if stage.kind]

    @property
    def above(self) -> list[str]:
        """The keys in the context that tell where the elements of this node lie."""
        return next((stage.consumer for stage in self.stages if stage.consumer), [])


class ServiceTopology:
    """Nodes by name: attributes of the class, or arguments."""

    def __init__(self, **nodes: TopologyNode) -> None:
        for cls in reversed(type(self).__mro__):
            found = {k: v for k, v in vars(cls).items() if isinstance(v, TopologyNode)}
            vars(self).update(copy.deepcopy(found))  # a source may change its own
        vars(self).update(nodes)

    def context_keys(self) -> dict[str, Any]:
        """The keys of all stages with what the context has before they have yielded anything."""
        stages = (stage for node in get_topology_nodes(self) for stage in node.stages)
        return {stage.context: get_ctx_default(stage) for stage in stages if stage.context}


def get_topology_nodes(topology: Any) -> list[TopologyNode]:
    """All nodes."""
    return [node for node in vars(topology).values() if isinstance(node, TopologyNode)]


def node_has_no_consumers(node: TopologyNode) -> bool:
    """Whether a node depends on no other one."""
    return not node.above


def get_topology_root(topology: Any) -> list[TopologyNode]:
    """The nodes that depend on no other one."""
    return [node for node in get_topology_nodes(topology) if node_has_no_consumers(node)]


def get_topology_node(name: str, topology: Any) -> TopologyNode:
    """A node by its name; raises `ValueError` if there is none."""
    node = vars(topology).get(name)
    if not isinstance(node, TopologyNode):
        raise ValueError(f"The topology {type(topology).__name__} has no node {name!r}")
    return node


def get_ctx_default(stage: NodeStage) -> list[Any] | None:
    """What the context has before a stage has yielded anything."""
    return [] if stage.store_all_in_context else None


def create_source_context(topology: Any) -> TopologyContext:
    """An empty context with the keys of all stages."""
    return TopologyContext(topology)


class Queue:
    """Items that threads of a source hand over."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Any] = queue.Queue()

    def has_tasks(self) -> bool:
        """Whether there is anything."""
        return not self._queue.empty()

    def put(self, item: Any) -> None:
        """Add an item."""
        self._queue.put(item)

    def process(self) -> Iterator[Any]:
        """Take what is there now."""
        while self.has_tasks():
            yield self._queue.get_nowait()
