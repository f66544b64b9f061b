"""What a server shows of an entity, in the form in which requests say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from om_ingest.kinds.comparing import EMPTY, Body
from om_ingest.kinds.kind import EntityKind
from om_ingest.kinds.policy import Policy, policy_of
from om_ingest.kinds.requests import reference_paths
from om_ingest.kinds.table import SHARED_LINKS
from om_ingest.model import fqn as names
from om_ingest.model.naming import date_time

_LABEL = ("tagFQN", "source", "labelType", "state")


def as_request(kind: EntityKind, document: Mapping[str, Any]) -> Body:
    """What a server shows of an entity, in the form in which a request says it.

    Only fields that a request may have and that are the entity's own: neither its place, nor
    owners and domains inherited from above, nor labels derived from others. The one `domain` of
    servers before 1.9 is a list of domains here.
    """
    if "domain" in document:
        document = {"domains": [document["domain"]], **document}
    known = kind.request.model_fields
    paths = reference_paths(kind.entity_type)
    referring = {path[0] for path in paths if len(path) == 1}
    body: Body = {}
    for field, value in document.items():
        if field not in known or value is None or policy_of(kind, field) is Policy.PLACE:
            continue
        if field in referring:
            value = _own(value, lambda given: {"id": given.get("id"), "type": given.get("type")})
        elif field in kind.id_links:
            value = _own(value, lambda given: given.get("id"))
        elif field in kind.links or field in SHARED_LINKS:
            value = _own(value, _fqn_in)
        elif field == "tags":
            value = _labels(value)
        elif any(path[0] == field for path in kind.members):
            value = _plain_member(value)
        elif field == "startDate" and isinstance(value, int):  # of a pipeline
            value = date_time(value)
        if value not in EMPTY:
            body[field] = value
    return body


def _own(value: Any, form: Any) -> Any:
    """References in another form, without those that are inherited."""
    if isinstance(value, list):
        own = [item for item in value if not (isinstance(item, dict) and item.get("inherited"))]
        return [form(item) if isinstance(item, dict) else item for item in own]
    if isinstance(value, dict):
        return None if value.get("inherited") else form(value)
    return value


def _fqn_in(reference: Mapping[str, Any]) -> Any:
    given = reference.get("term") if isinstance(reference.get("term"), dict) else reference
    assert isinstance(given, Mapping)
    fqn = given.get("fullyQualifiedName") or given.get("name")
    return names.spelled(str(fqn)) if fqn else None


def _labels(value: Iterable[Mapping[str, Any]]) -> list[Body]:
    return [
        {name: label[name] for name in _LABEL if name in label}
        for label in value
        if label.get("labelType") != "Derived"
    ]


def _plain_member(value: Any) -> Any:
    """Members as a request says them: labels without texts, references by id, no own FQNs."""
    if isinstance(value, list):
        return [_plain_member(item) for item in value]
    if not isinstance(value, dict):
        return value
    body: Body = {}
    for field, inner in value.items():
        if field == "tags":
            body[field] = _labels(inner)
        elif field == "owners":
            body[field] = _own(inner, lambda given: {"id": given["id"], "type": given["type"]})
        elif field not in ("fullyQualifiedName", "profile", "customMetrics") and inner is not None:
            body[field] = _plain_member(inner) if isinstance(inner, list | dict) else inner
    return body
