"""An entity as a request for another store, and what two stores have of one entity."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from om_ingest.kinds.comparing import Body
from om_ingest.kinds.identity import Parcel
from om_ingest.kinds.kind import EntityKind
from om_ingest.kinds.lines import from_document
from om_ingest.kinds.policy import Policy, policy_of
from om_ingest.kinds.request_form import as_request
from om_ingest.kinds.requests import reference_paths
from om_ingest.kinds.settling import settled
from om_ingest.kinds.table import KINDS, SHARED_LINKS
from om_ingest.model.entity import CreateRequest, Entity
from om_ingest.store import EntityT

_LABELS = frozenset({"tags", "owners"})
"""Fields of parts, such as columns, that refer to other entities."""


def copied(kind: EntityKind, found: Entity, *, is_whole: bool) -> CreateRequest:
    """The request that creates what was read, in the same place, under the same name.

    Without `is_whole` it refers to nothing but its parents. The connection of a service, which a
    server masks, is left out. Raises `ValidationError` where the kind needs what is left out.
    """
    document = found.model_dump(mode="json", exclude_none=True)
    body = as_request(kind, document)
    body.pop("connection", None)
    references = {path[0] for path in reference_paths(kind.entity_type) if len(path) == 1}
    for field in (*kind.id_links, *(() if is_whole else _referring(kind, references))):
        body.pop(field, None)
    body = _by_fqn(body, _fqns_in(document)) if is_whole else _without_labels(body)
    body["name"] = document["name"]
    for field, value in _place(kind, document):
        body[field] = value
    return kind.request.model_validate(body)


def on_top(theirs: EntityT, mine: EntityT, *, replaces: bool, override: bool) -> EntityT:
    """The entity of one store as a run would leave it that says what another store has.

    With `replaces` all that a request can say is as in `mine`. See `settled` for `override`.
    """
    kind = KINDS[theirs.entity_type]
    stored = theirs.model_dump(mode="json", exclude_none=True)
    own = {
        field
        for field in kind.request.model_fields
        if policy_of(kind, field) is not Policy.PLACE and field not in kind.id_links
    } - {"connection"}  # that of a service stays as it is
    body = mine.model_dump(mode="json", exclude_none=True)
    said = {field: value for field, value in body.items() if field in own}
    if replaces:
        stored = {field: value for field, value in stored.items() if field not in own}
    shown = settled(kind, stored, said, override=override)
    return type(mine).model_validate({**shown, "deleted": mine.deleted})


def without_ids(parcel: Parcel) -> Parcel:
    """A record whose references have FQNs only, where they have both: an id is of one store."""
    return Parcel.sealed(from_document(_named(from_json(parcel.encoded))))


def _named(value: Any) -> Any:
    if isinstance(value, list):
        return [_named(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_both = value.get("type") in KINDS and value.get("fullyQualifiedName") and "id" in value
    return {name: _named(inner) for name, inner in value.items() if not (is_both and name == "id")}


def _referring(kind: EntityKind, references: set[str]) -> set[str]:
    return {*references, *kind.links, *SHARED_LINKS, "tags"}


def _place(kind: EntityKind, document: Body) -> list[tuple[str, Any]]:
    """The fields with parents, which the entity has as references."""
    answers = [(kind.parent_field, kind.parent_field)]
    answers.append((kind.nested_field, kind.nested_answer or kind.nested_field))
    result: list[tuple[str, Any]] = []
    for field, answer in answers:
        given = document.get(answer or "")
        if field and isinstance(given, dict) and (fqn := given.get("fullyQualifiedName")):
            reference = {"type": given.get("type"), "fullyQualifiedName": fqn}
            result.append((field, reference if kind.goes_by_reference(field) else fqn))
    return result


def _fqns_in(value: Any) -> dict[str, str]:
    """The FQNs of references by their ids."""
    found: dict[str, str] = {}
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict) and inner.get("id") and inner.get("fullyQualifiedName"):
            found[str(inner["id"])] = inner["fullyQualifiedName"]
        if isinstance(inner, dict | list):
            found.update(_fqns_in(inner))
    return found


def _by_fqn(value: Any, fqns: dict[str, str]) -> Any:
    """References by FQN in place of those by id."""
    if isinstance(value, list):
        return [_by_fqn(item, fqns) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"id", "type"} and value["id"] in fqns:
        return {"type": value["type"], "fullyQualifiedName": fqns[value["id"]]}
    return {field: _by_fqn(inner, fqns) for field, inner in value.items()}


def _without_labels(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_labels(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_labels(inner) for name, inner in value.items() if name not in _LABELS}
