"""The references of a request to other entities, and a request without some of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds.identity import Identity, identity_at
from om_ingest.kinds.kind import EntityKind
from om_ingest.kinds.lines import from_document
from om_ingest.kinds.requests import holders, reference_paths
from om_ingest.kinds.table import KINDS, SHARED_LINKS
from om_ingest.model import fqn as names
from om_ingest.model.records import Record

IsDropped = Callable[[Identity], bool]


def named_in(kind: EntityKind, body: dict[str, Any]) -> Iterator[tuple[str, Identity]]:
    """What the body of a request refers to beside its parents, each with the name of the field.

    An identity has an FQN, or an id where the body has nothing else.
    """
    links = {**kind.links, **kind.id_links, **SHARED_LINKS}
    for field, value in body.items():
        if field in kind.place_fields:
            continue
        target = links.get(field)
        for part in value if isinstance(value, list) else [value]:
            if target and isinstance(part, str):
                yield field, (target, part if field in kind.id_links else names.spelled(part))
            elif isinstance(part, dict):
                yield from ((field, identity) for identity in _named_within(part))


def _named_within(part: dict[str, Any]) -> Iterator[Identity]:
    entity_type, fqn = part.get("type"), part.get("tagFQN")
    if fqn:
        yield _labelled(part), names.spelled(fqn)
    elif entity_type in KINDS and (part.get("fullyQualifiedName") or part.get("id")):
        yield str(entity_type), part.get("fullyQualifiedName") or str(part["id"])
    for value in part.values():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from _named_within(inner)


def _labelled(label: dict[str, Any]) -> str:
    """The type of the entity that a label names."""
    return "glossaryTerm" if label.get("source") == "Glossary" else "tag"


def without(line: bytes, is_dropped: IsDropped) -> Record | None:
    """The request on a line of JSON without the references for which `is_dropped` holds.

    Those are owners, tags, links and the like, and constraints with columns of other tables; never
    its parent. None if it has no such reference, if it needs one, and for other records.
    """
    document = json.loads(line)
    kind, body = KINDS.get(document["type"]), document["record"]
    if kind is None:
        return None
    before = json.dumps(body)
    try:
        _prune_all(kind, body, is_dropped)
        return None if json.dumps(body) == before else from_document(document)
    except RecordError:  # a reference is required, or is no FQN
        return None


def _prune_all(kind: EntityKind, body: dict[str, Any], is_dropped: IsDropped) -> None:
    def drops_reference(given: dict[str, Any]) -> bool:
        return drops(given.get("type", ""), given.get("fullyQualifiedName"))

    def drops(entity_type: str, fqn: str | None) -> bool:
        if not fqn or entity_type not in KINDS:
            return False
        return is_dropped(identity_at(entity_type, fqn))

    def drops_label(given: dict[str, Any]) -> bool:
        return drops(_labelled(given), given.get("tagFQN"))

    def drops_constraint(given: dict[str, Any]) -> bool:
        columns = given.get("referredColumns") or ()
        return any(drops("table", names.parent(column)) for column in columns)

    for path in reference_paths(kind.entity_type):
        for holder in holders(body, path):
            _prune(holder, path[-1], drops_reference)
    for field, entity_type in {**kind.links, **SHARED_LINKS}.items():
        _prune(body, field, partial(drops, entity_type))
    _prune(body, "tags", drops_label)
    _prune(body, "tableConstraints", drops_constraint)


def _prune(holder: dict[str, Any], field: str, is_dropped: Callable[[Any], bool]) -> None:
    """Take values out of a field, which holds one or a list of them."""
    given = holder.get(field)
    if isinstance(given, list):
        holder[field] = [item for item in given if not is_dropped(item)]
    elif given is not None and is_dropped(given):
        del holder[field]
