"""What a run left in a catalog, as plain values that a person can write down."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from om_ingest.kinds import KINDS
from om_ingest_catalog import Catalog, Collection

Content = dict[str, dict[str, Any]]
"""`entities`: `type fqn` -> its fields; `lineage`: `type fqn -> type fqn` -> details."""

OF_THE_STORE = {
    "changeDescription",
    "createdAt",
    "createdBy",
    "fullyQualifiedName",
    "href",
    "id",
    "incrementalChangeDescription",
    "serviceType",  # of a service alone it is said
    "updatedAt",
    "updatedBy",
    "version",
    "votes",
}
"""Fields that no source says."""
IMPLIED = {"databaseSchema": ("database", "service"), "database": ("service",)}
"""Parents that follow from another one."""
DEFAULTS = {"provider": "user"}
"""What stores say of an entity whose source says nothing."""


def content(path: Path) -> Content:
    """Everything that was put into a catalog file, without what a fresh one holds already."""
    with Catalog(path, read_only=True) as catalog:
        return _content(catalog, _of_a_fresh_catalog())


def said(value: Any) -> Any:
    """The value without keys that say nothing: null, empty, false."""
    if isinstance(value, dict):
        parts = {name: said(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if not _is_empty(part)}
    return [said(part) for part in value] if isinstance(value, list) else value


@functools.cache
def _of_a_fresh_catalog() -> frozenset[str]:
    with Catalog.temporary() as catalog:
        catalog.initialise()
        return frozenset(_content(catalog, frozenset())["entities"])


def _content(catalog: Catalog, known: frozenset[str]) -> Content:
    content: Content = {"entities": {}, "lineage": {}}
    for entity_type in catalog.counts():
        kind = KINDS[entity_type]
        collection = Collection(catalog, kind)
        for entity in catalog.list_entities(kind.entity):
            fqn = str(entity.fullyQualifiedName)
            key = f"{entity_type} {fqn}"
            if key in known:
                continue
            content["entities"][key] = _shown(entity_type, collection.whole(fqn))
            graph = catalog.get_lineage(kind.entity, fqn, upstream_depth=0)
            assert graph is not None
            names = {str(node.id): f"{node.type} {node.fullyQualifiedName}" for node in graph.nodes}
            for edge in graph.downstreamEdges:
                details = edge.lineageDetails.model_dump(mode="json") if edge.lineageDetails else {}
                content["lineage"][f"{key} -> {names[str(edge.toEntity)]}"] = said(_plain(details))
    return content


def _shown(entity_type: str, body: dict[str, Any]) -> dict[str, Any]:
    """An entity as its author thinks of it: references are names, nothing is the store's own."""
    shown = _plain(body)
    if entity_type.endswith("Service"):
        shown["serviceType"] = body["serviceType"]
    parent = next((name for name in IMPLIED if name in body), "")
    for name in ("name", *IMPLIED.get(parent, ())):
        del shown[name]
    return {name: value for name, value in said(shown).items() if DEFAULTS.get(name) != value}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if not isinstance(value, dict):
        return value
    if {"id", "type", "fullyQualifiedName"} <= value.keys():
        return f"{value['type']} {value['fullyQualifiedName']}"
    return {name: _plain(part) for name, part in value.items() if name not in OF_THE_STORE}


def _is_empty(value: Any) -> bool:
    return value in (None, "", [], {}) or value is False
