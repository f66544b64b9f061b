"""Every kind of record, to servers of every generation: delivered, or left out and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from om_ingest.kinds import KINDS, fqn_of
from om_ingest.kinds.policy import Policy, policy_of, storable
from om_ingest.model import CreateRequest

from tests.functional.preserving.expecting import covers
from tests.functional.preserving.targets import Served, Snapshot
from tests.functional.preserving.values import Body, Reference
from tests.functional.releases import beside, facts, records, saying
from tests.selection import few

VERSIONS = ("1.6.0", "2.0.7", "1.5.0", "1.8.0", "1.9.0", "1.11.0", "1.12.0", "1.13.0")
NEWEST = "2.0.7"
WRITES = {"PUT", "POST", "PATCH", "DELETE"}


@pytest.mark.parametrize("version", few(VERSIONS, 2))
def test_a_server_gets_all_that_it_can_hold(version: str, tmp_path: Path) -> None:
    """All that a version knows is delivered, the rest is named; a second run writes nothing.

    The connector yields every kind of record, with every field of its model and with values that
    are newer than 1.5.0.
    """
    number = facts.parsed(version)
    with served(tmp_path, version) as server:
        said = everything(server)
        report = server.run(said)
        assert problems(report) == []
        assert left_out(report) == expected(said, number)
        absent = [one for one in records.of(said) if saying.nothing_of(one, number)]
        assert report["records"]["leftOut"] == len(absent)
        assert list(missing(said, server.snapshot(), number)) == []
        assert list(missing_beside(said, server, number)) == []
        before = len(server.asked)
        again = server.run(said)
        assert problems(again) == []
        assert left_out(again) == left_out(report)
        assert writes(server.asked[before:]) == []
        assert again["records"]["unchanged"] == len(said) - len(absent)


@pytest.mark.parametrize("version", few(("1.6.0", "1.5.0", "1.8.0", "1.9.0", "1.12.0"), 1))
def test_an_upgraded_server_gets_what_was_left_out(version: str, tmp_path: Path) -> None:
    """After an upgrade of the server alone, the next run delivers what that adds, and no more.

    Kinds, fields and values are delivered. What was there before is not: a second domain or the
    reason of a label may have been taken away by a person, and services stay as they are.
    """
    number, newest = facts.parsed(version), facts.parsed(NEWEST)
    with served(tmp_path, version) as server:
        said = everything(server)
        server.run(said)
    with served(tmp_path, NEWEST) as server:
        before = server.snapshot()
        report = server.run(said)
        assert problems(report) == []
        assert left_out(report) == {}
        after = server.snapshot()
        fitting = [one for one in said if is_whole(one, number)]
        for key in map(named, records.of(fitting)):
            for field in ("version", "updatedAt") if key else ():
                assert after[key][field] == before[key][field], key
        for record in records.of(said):
            if (key := named(record)) is None:
                continue
            assert key in after
            wanted, lost = saying.sendable(record, newest)[0], saying.sendable(record, number)[1]
            for field in lost_fields(key[0], lost) if key in before else ():
                assert covers(after[key].get(field), wanted[field]), (key, field)
        types = after["table", f"{records.SCHEMA}.types"]["columns"]
        assert [column["dataType"] for column in types] == list(facts.VALUES["DataType"])
        asked = len(server.asked)
        assert problems(server.run(said)) == []
        assert writes(server.asked[asked:]) == []


def test_a_value_without_anything_near_costs_its_record(tmp_path: Path) -> None:
    """A record that needs a newer value fails, and says the value and the version; no other does.

    Nothing is sent for it.
    """
    service = ("databaseService", {"name": "s", "serviceType": "CustomDatabase"})
    above = {"type": "databaseService", "fullyQualifiedName": "s"}
    blocked: records.Said = [
        ("metadataService", {"name": "x", "serviceType": "Collibra"}),
        (
            "ingestionPipeline",
            {
                "name": "p",
                "service": above,
                "pipelineType": "policyAgent",
                "sourceConfig": {"config": {}},
                "airflowConfig": {},
            },
        ),
    ]
    with served(tmp_path, "1.6.0") as server:
        report = server.run([service, *blocked])
        assert report["records"]["failed"] == len(blocked)
        assert report["records"]["created"] == 1
        assert [path for method, path in server.asked if method in WRITES] == [
            "/api/v1/services/databaseServices"
        ]
    for (kind, body), failure in zip(blocked, report["failures"]["samples"], strict=True):
        field = next(name for name in ("serviceType", "pipelineType") if name in body)
        reason = failure["reason"]
        assert f"server 1.6.0 does not know the value {body[field]!r} of {field}" in reason
        assert f"new in {facts.BLOCKING[kind, field, body[field]]}" in reason


UNSAID = {
    *("fullyQualifiedName", "sourceHash", "href", "deleted", "inherited"),  # the server's
    *("isBot", "botName", "accessedByAProcess", "apiEndpoints"),
    *("jsonSchema", "profile", "customMetrics"),  # of columns: servers do not store them
}
"""Fields that no record of these tests says."""


def test_the_records_say_everything() -> None:
    """Each field of a model of records is said by one of these tests, and each value of the facts.

    A field that a newer model adds has to be among them, too, or to be listed here.
    """
    said = saying.Said()
    for record in records.of([*records.before(), *records.everything(_with_id)]):
        said.hear(record)
    missing = {(name, field) for name, field in saying.all_fields() if field not in UNSAID}
    missing = {
        one for one in missing - said.fields if one[0] not in ("EntityReference", "TagLabel")
    }
    assert missing == {("CreateDashboardDataModelRequest", "serviceType")}  # of its service
    values = {(enum, value) for enum, named in facts.VALUES.items() for value in named}
    assert values <= said.values
    untyped = ("Style", "TagLabelMetadata")  # objects that no model describes
    assert {one for one in facts.FIELDS if one[0] not in untyped} <= said.fields


def served(folder: Path, version: str) -> Served:
    """A server of a version on the folder's catalog."""
    server = Served(folder, version)
    server.settings = {}
    return server


def everything(server: Served) -> records.Said:
    """All records; what they refer to is on the server already, and is among them again."""
    server.run(records.before())
    return [*records.before(), *records.everything(_references(server.snapshot()))]


def _references(snapshot: Snapshot) -> Reference:
    """References to the neighbours; those of kinds that the server lacks have no id."""

    def find(key: tuple[str, str]) -> Body:
        entity_type, flavour = key
        for (kind, fqn), body in snapshot.items():
            if kind == entity_type and body["name"] == f"{flavour}-{entity_type}":
                return {"id": body["id"], "type": kind, "fullyQualifiedName": fqn}
        return _unknown(key)

    return find


def _with_id(key: tuple[str, str]) -> Body:
    return {"id": str(UUID(int=1)), **_unknown(key)}


def _unknown(key: tuple[str, str]) -> Body:
    entity_type, flavour = key
    return {"type": entity_type, "fullyQualifiedName": f"{flavour}-{entity_type}"}


def writes(asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The requests that write."""
    return [one for one in asked if one[0] in WRITES]


def problems(report: Body) -> list[Any]:
    """What went wrong in a run."""
    counts = dict(report["records"])
    is_whole = counts.pop("yielded") == sum(counts.values())
    return [
        *([] if is_whole else [counts]),
        *report["failures"]["samples"],
        *report["errors"],
    ]


def left_out(report: Body) -> dict[str, int]:
    """Records from which something is left out for the server's version, by what that is."""
    notes = report["deliveryWarnings"]["samples"]
    return {note["key"]: note["records"] for note in notes if note["reason"].startswith("server ")}


def expected(said: records.Said, version: facts.Version) -> dict[str, int]:
    """How many records there are of everything that a version does not know."""
    found: Counter[str] = Counter()
    for record in records.of(said):
        if name := saying.nothing_of(record, version):
            found[name] += 1
        else:
            _, lost = saying.sendable(record, version)
            found.update(f"{record.entity_type}.{name}" for name in lost)
    return found


def is_whole(one: tuple[str, Body], version: facts.Version) -> bool:
    """Whether a version can hold all of a record."""
    (record,) = records.of([one])
    return not saying.nothing_of(record, version) and not saying.sendable(record, version)[1]


def lost_fields(entity_type: str, lost: set[str]) -> Iterator[str]:
    """Fields that an update adds later, of those of which something is left out."""
    kind = KINDS[entity_type]
    for name in lost:
        field = name.partition("=")[0]
        is_deep = "." in field or "[" in field
        if not is_deep and kind.segment is None and policy_of(kind, field) is not Policy.CREATION:
            yield field


def named(record: Any) -> tuple[str, str] | None:
    """Type and FQN of the entity of a request; None for other records."""
    if not isinstance(record, CreateRequest):
        return None
    fqn = fqn_of(record)
    return record.entity_type, fqn.lower() if KINDS[record.entity_type].lower_case else fqn


def missing(said: records.Said, shown: Snapshot, version: facts.Version) -> Iterator[str]:
    """What a server should show of entities, and does not."""
    for record in records.of(said):
        key = named(record)
        if key is None or not facts.has_kind(version, key[0]):
            continue
        body = storable(key[0], saying.sendable(record, version)[0])
        for field, value in body.items():
            kind = KINDS[key[0]]
            name = kind.nested_answer if field == kind.nested_field else None
            if not covers(shown[key].get(name or field), value):
                yield f"{key} {field}: {value} {shown[key].get(field)}"


def missing_beside(said: records.Said, server: Served, version: facts.Version) -> Iterator[str]:
    """What a server should show of edges and attachments, and does not."""
    for (entity_type, _), record in zip(said, records.of(said), strict=True):
        if saying.nothing_of(record, version):
            continue
        body = saying.sendable(record, version)[0]
        for shown, wanted in beside.shown(server.client, entity_type, body):
            if not covers(shown, wanted):
                yield f"{entity_type}: {wanted} {shown}"
