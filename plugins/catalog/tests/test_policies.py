"""A run changes an entity as the policies of its fields say: every field of every kind."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from om_ingest.config import fields_of
from om_ingest.kinds import KINDS, EntityKind, Policy, policies, policy_of
from om_ingest.model import (
    EntityReference,
    TagLabel,
)
from om_ingest.model.entity import CreateRequest
from om_ingest.store import Outcome
from om_ingest_catalog import Catalog, Collection
from pydantic import BaseModel

Make = Callable[..., CreateRequest]
Json = dict[str, Any]

WHO = ("person", "source", "other")
"""Who says a value; each says another one."""

_NEIGHBOURS: dict[str, Json] = {
    "user": {"email": "a@example.com"},
    "team": {"teamType": "BusinessUnit"},
    "tag": {"classification": "classification", "description": "d"},
    "domain": {"domainType": "Aggregate", "description": "d"},
    "dataProduct": {"description": "d", "domains": ["domain"]},
    "glossaryTerm": {"glossary": "glossary", "description": "d"},
    "chart": {"service": "dashboardService"},
    "dashboard": {"service": "dashboardService"},
    "dashboardDataModel": {
        "service": "dashboardService",
        "dataModelType": "SupersetDataModel",
        "columns": [],
    },
    "metric": {},
    "table": {"databaseSchema": "databaseService.database.databaseSchema", "columns": []},
    "storedProcedure": {
        "databaseSchema": "databaseService.database.databaseSchema",
        "storedProcedureCode": {},
    },
    "apiEndpoint": {"apiCollection": "apiService.apiCollection"},
}
_LEFT_OUT = frozenset({"connection", "mutuallyExclusive", "serviceType", "tablePartition"})
_BY_HAND = {"labelType": "Manual", "state": "Confirmed"}
_OF_THE_STORE = frozenset({"version", "updatedAt", "updatedBy", "changeDescription"})


@pytest.fixture(scope="module")
def world(make: Make) -> Iterator[Catalog]:
    """One entity of every kind, and one for each of `WHO` of the kinds that others refer to."""
    with Catalog.temporary() as catalog:
        records = [make(k.entity_type) for k in sorted(KINDS.values(), key=lambda k: k.level)]
        for who in WHO:
            records += [_neighbour(entity_type, who) for entity_type in _NEIGHBOURS]
        assert {result.reason for result in catalog.write(records)} == {""}
        yield catalog


def _neighbour(entity_type: str, who: str) -> CreateRequest:
    return KINDS[entity_type].request.model_validate({"name": who, **_NEIGHBOURS[entity_type]})


class Values:
    """Values of fields, different ones for each of `WHO`, found by the types of models."""

    def __init__(self, catalog: Catalog, kind: EntityKind, who: str) -> None:
        self.catalog, self.kind, self.who = catalog, kind, who
        self.number = WHO.index(who) + 1
        self.targets = {
            **kind.links,
            **kind.id_links,
            "domains": "domain",
            "dataProducts": "dataProduct",
            "assets": "table",
            "queryUsedIn": "table",
            "triggeredBy": "storedProcedure",
        }

    def in_request(self, field: str) -> Any:
        """The value in a create request, as JSON."""
        return self._of(self.kind.request, field, self._named)

    def in_entity(self, field: str) -> Any:
        """The value as a PATCH adds it."""
        return self._of(self.kind.entity, field, self._reference)

    def _of(self, model: type[BaseModel], field: str, refer: Callable[[str, str], Any]) -> Any:
        annotation = _plain(fields_of(model)[field].annotation)
        if field not in self.targets:
            return self._value(annotation, field)
        found = refer(field, self.targets[field])
        return [found] if typing.get_origin(annotation) is list else found

    def _reference(self, field: str, target: str) -> Json:
        if target not in KINDS:
            return {"id": str(UUID(int=self.number)), "type": target}
        fqn = self.catalog.fqn_of(_neighbour(target, self.who))
        entity = self.catalog.get_by_name(KINDS[target].entity, fqn)
        assert entity is not None, (field, fqn)
        found = entity.reference().model_dump(mode="json", exclude_none=True)
        is_term = field == "relatedTerms"
        return {"relationType": "relatedTo", "term": found} if is_term else found

    def _named(self, field: str, target: str) -> Any:
        found = self._reference(field, target)
        if field in self.kind.id_links:
            return found["id"]
        found = found.get("term", found)
        is_reference = "EntityReference" in str(fields_of(self.kind.request)[field].annotation)
        return found if is_reference else found["fullyQualifiedName"]

    def _value(self, annotation: Any, field: str) -> Any:
        if typing.get_origin(annotation) is list:
            return [self._value(_plain(typing.get_args(annotation)[0]), field)]
        if annotation is EntityReference:
            return self._reference(field, "user")
        if annotation is TagLabel:
            fqn = f"classification.{self.who}"
            return {"tagFQN": fqn, "source": "Classification", **_BY_HAND}
        if typing.get_origin(annotation) is dict or annotation is Any:
            return {self.who: self.who, "shared": self.who}
        if isinstance(annotation, type) and issubclass(annotation, Enum):
            return list(annotation)[self.number % len(annotation)].value
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return {
                name: self._value(_plain(info.annotation), name)
                for name, info in fields_of(annotation).items()
                if info.is_required()
                or _plain(info.annotation) is str
                or name in ("created", "constraintType")
            }
        if annotation is bool:
            return self.number % 2 == 1
        if annotation in (int, float):
            is_time = field.endswith(("Time", "Date", "stamp"))
            return self.number + (1_700_000_000_000 if is_time else 0)
        if field == "email":
            return f"{self.who}@example.com"
        return f"P{self.number}D" if "eriod" in field else f"https://{self.who}.example.com"


def _plain(annotation: Any) -> Any:
    """The first type of a union, without its constraints."""
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
            (annotation, *_) = (a for a in typing.get_args(annotation) if a is not type(None))
        else:
            return annotation


def sayable(kind: EntityKind, minimal: CreateRequest) -> dict[str, Policy]:
    """The fields that a source may add to its minimal request, without lists of members."""
    required = minimal.model_fields_set - {"description"}
    return {
        field: policy
        for field, policy in policies(kind)
        if policy not in (Policy.PLACE, Policy.MEMBERS) and field not in required | _LEFT_OUT
    }


def assert_settled(policy: Policy, before: Any, said: Any, after: Any) -> None:
    """Assert that a field of an entity became what its policy says; all as they are shown."""
    if policy is Policy.UNION:
        assert all(item in after for item in before)
        assert len(after) > len(before)
    elif policy is Policy.KEYS:
        assert after == {**said, **before}
    elif policy is Policy.SOURCE:
        assert after != before
    else:
        assert after == before


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_a_person_set_survives_every_run(kind: EntityKind, world: Catalog, make: Make) -> None:
    """A run changes the fields that it says, as their policies say, and no other.

    A person has set everything. Runs say the same again, one field more, and everything.
    """
    minimal, collection = make(kind.entity_type), Collection(world, kind)
    fields, fqn = sayable(kind, minimal), world.fqn_of(minimal)
    mine = Values(world, kind, "person")
    edits = {name: mine.in_entity(name) for name in fields if name in kind.entity.model_fields}
    shown, unlike = collection.get(fqn).entity, Values(world, kind, "source")
    others = {
        name: not value if isinstance(value, bool) else unlike.in_entity(name)
        for name, value in edits.items()
        if value == shown.get(name)  # a default: a patch that says it changes and sets nothing
    }
    for values in (others, edits):
        operations = [{"op": "add", "path": f"/{name}", "value": values[name]} for name in values]
        world.patch(kind.entity, fqn, operations)

    before = collection.get(fqn).entity
    assert edits.keys() <= before.keys()
    (result,) = world.write([minimal])
    assert result.outcome is Outcome.UNCHANGED
    assert collection.get(fqn).entity == before

    everything = [("other", list(fields))]
    for who, names in [*(("source", [field]) for field in fields), *everything]:
        theirs = Values(world, kind, who)
        said = {name: theirs.in_request(name) for name in names}
        (result,) = world.write([make(kind.entity_type, **said)])
        assert result.reason == ""
        after = collection.get(fqn).entity
        if said.keys() <= before.keys():  # the others are not shown
            assert (result.outcome is Outcome.UNCHANGED) is (after == before)
        for name in before.keys() | after.keys() - _OF_THE_STORE:
            if name in said and name in before:
                assert_settled(fields[name], before[name], said[name], after[name])
            elif name in minimal.model_fields_set and policy_of(kind, name) is Policy.UNION:
                assert after[name], "said again, after another entity has taken it away"
            elif name not in said and name not in _OF_THE_STORE:
                assert after.get(name) == before.get(name), name
        before = after
