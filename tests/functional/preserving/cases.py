"""What the source of these tests yields, for each kind and in each of its runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from om_ingest.config import fields_of
from om_ingest.kinds import KINDS, EntityKind, fqn_of
from om_ingest.kinds.policy import Policy, policies
from pydantic import BaseModel

from tests.every_kind import PRODUCTS
from tests.functional.preserving.values import Body, Values

PRODUCT = {kind.entity_type: PRODUCTS[kind.segment] for kind in KINDS.values() if kind.segment}

LEFT_OUT: dict[str, dict[str, str]] = {
    "apiCollection": {"apiEndpoints": "endpoints name their collection"},
    "user": {"isBot": "the person is none", "botName": "the person is none"},
    "domain": {"fullyQualifiedName": "follows from the name"},
    "dataProduct": {"fullyQualifiedName": "follows from the name"},
    "dashboardDataModel": {"serviceType": "follows from the service"},
    "query": {"query": "the name is made of it"},
}
"""Fields that no source of these tests says, by entity type, and why."""

HOST_FIELDS = frozenset({"name", "sourceHash"})


@dataclass(frozen=True, eq=False)
class Case:
    """An entity that the source yields in each run."""

    kind: EntityKind
    variant: str
    """What the source says, and what a person does. Minimal is what a request needs.

    `minimal`: that. `full`: every field. `changed`: every field, and other values in the last run.
    `cleared`: every field, and the person takes away what can be taken away. `shrunk`: every field,
    and in the last run only names and types of columns and other members. `untouched`: minimal; no
    person comes, and the last run adds a text. `empties`: minimal, and empty lists in the last
    run. The name of a field: minimal, and that field in the last run.
    """

    said: Body
    """The request in the first runs."""

    changed: Body
    """The request in the last run."""

    @property
    def fqn(self) -> str:
        """The FQN of the entity."""
        fqn = fqn_of(self.kind.request.model_validate(self.said))
        return fqn.lower() if self.kind.lower_case else fqn

    @property
    def has_person(self) -> bool:
        """Whether a person edits the entity after the first run."""
        return self.variant != "untouched"

    def __str__(self) -> str:
        return f"{self.kind.entity_type}/{self.variant}"


def sayable(kind: EntityKind) -> dict[str, Policy]:
    """The fields that a source may say or leave out, with their policies."""
    left_out = LEFT_OUT.get(kind.entity_type, {}).keys() | HOST_FIELDS
    return {
        field: policy
        for field, policy in policies(kind)
        if field not in left_out and policy is not Policy.PLACE
    }


def optional(kind: EntityKind) -> list[str]:
    """The fields that a source may say, and that a person may take away."""
    required = {*_required(kind), *(_required_of(kind.entity))}
    return [
        field
        for field, policy in sayable(kind).items()
        if field not in required | {"retentionPeriod"}  # inherited without a mark
        if policy is not Policy.CREATION
        if field in kind.entity.model_fields
    ]


def cases(values: Values, *, by_field: bool) -> Iterator[Case]:
    """All cases, parents before children; `by_field`, those too that add one field each."""
    for kind in sorted(KINDS.values(), key=lambda kind: kind.level):
        fields = sayable(kind)

        def request(variant: str, flavour: str = "", kind: EntityKind = kind) -> Body:
            """The smallest request, or with a flavour the one with every field."""
            names = sayable(kind) if flavour else {}
            body = {**_minimal(kind, variant, values)}
            said = {
                field: values.of(kind.request, field, flavour, kind)
                for field in names
                if field != "serviceType"
            }
            if "email" in said:  # unique among users
                said["email"] = f"{variant}.{said['email']}"
            return {**body, **said}

        yield Case(kind, "minimal", request("minimal"), request("minimal"))
        yield Case(kind, "full", request("full", "source"), request("full", "source"))
        yield Case(kind, "changed", request("changed", "source"), request("changed", "other"))
        yield Case(kind, "cleared", request("cleared", "source"), request("cleared", "source"))
        full = request("shrunk", "source")
        if kind.members:
            yield Case(kind, "shrunk", full, {**full, **_shrunk(kind, full)})
        text = {"description": values.of(kind.request, "description", "other", kind)}
        untouched = request("untouched")
        yield Case(kind, "untouched", untouched, {**untouched, **text})
        empty = {field: [] for field in fields if _is_list(kind, field)}
        yield Case(kind, "empties", request("empties"), {**request("empties"), **empty})
        if by_field:
            for field in fields:
                if field not in _required(kind):
                    more = {field: values.of(kind.request, field, "source", kind)}
                    yield Case(kind, field, request(field), {**request(field), **more})


def _shrunk(kind: EntityKind, body: Body) -> Body:
    """The fields with members of a request, of which it says as little as it may."""
    return {path[0]: _less(body[path[0]]) for path in kind.members}


def _less(value: Any) -> Any:
    if isinstance(value, list):
        return [_less(item) for item in value]
    if "name" not in value:  # the object around a list of members
        return {
            name: _less(part) if isinstance(part, list) else part for name, part in value.items()
        }
    kept = ("name", "dataType", "children")
    return {
        key: _less(part) if isinstance(part, list) else part
        for key, part in value.items()
        if key in kept
    }


def _is_list(kind: EntityKind, field: str) -> bool:
    annotation = str(fields_of(kind.request)[field].annotation)
    return annotation.startswith("list[") and field not in _required(kind)


def _required(kind: EntityKind) -> list[str]:
    return _required_of(kind.request)


def _required_of(model: type[BaseModel]) -> list[str]:
    return [name for name, info in fields_of(model).items() if info.is_required()]


def _minimal(kind: EntityKind, variant: str, values: Values) -> Body:
    """The fields without which there is no request, and the parent."""
    me = f"{variant}-{kind.entity_type}"
    body: dict[str, Any] = {"name": me}
    for field in _required(kind):
        if field not in ("name", kind.parent_field, "email", "query", "serviceType"):
            body[field] = values.of(kind.request, field, "source", kind)
    if kind.entity_type == "user":
        body |= {"name": me.lower(), "email": f"{me.lower()}@example.com"}
    if kind.entity_type == "query":
        del body["name"]
        body["query"] = f"select '{me}'"
    if kind.entity_type in PRODUCT:
        body["serviceType"] = PRODUCT[kind.entity_type]
    if kind.parent_field:
        above = "full" if variant in ("full", "changed", "cleared", "shrunk") else "minimal"
        body[kind.parent_field] = _place(kind, above, values)
    return body


def _place(kind: EntityKind, variant: str, values: Values) -> Any:
    """The parent as requests name it."""
    if kind.parent is None:
        fqn = f"{variant}-databaseService"
        return {"type": "databaseService", "fullyQualifiedName": fqn}
    parent = _minimal(kind.parent, variant, values)
    return fqn_of(kind.parent.request.model_validate(parent))
