"""Versions, change descriptions and history (REST contract §6.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from om_ingest.model import Table
from om_ingest_catalog import Catalog
from om_ingest_catalog.rules.changes import Changes, changes_between


def column(name: str = "a", data_type: str = "INT", **fields: Any) -> dict[str, Any]:
    return {"name": name, "dataType": data_type, **fields}


def struct(*children: dict[str, Any]) -> dict[str, Any]:
    return column("s", "STRUCT", children=list(children))


STEPS = [
    # before, after, added, updated, deleted, major
    ([column()], [column()], [], [], [], False),
    ([column()], [column(description="d")], ["columns.a.description"], [], [], False),
    ([column(description="d")], [column()], [], [], ["columns.a.description"], False),
    ([column()], [column(), column("b")], ["columns"], [], [], False),
    ([column(), column("b")], [column()], [], [], ["columns"], True),
    ([column(), column("b")], [column("b"), column()], [], [], [], False),
    ([column()], [column(data_type="BIGINT")], ["columns"], [], ["columns"], True),
    ([column()], [column("A")], [], ["columns.A.name"], [], False),
    ([column(dataLength=5)], [column(dataLength=9)], [], ["columns.a.dataLength"], [], False),
    ([column(dataLength=9)], [column(dataLength=5)], [], ["columns.a.dataLength"], [], True),
    ([column(dataLength=9)], [column()], [], [], ["columns.a.dataLength"], False),
    ([column()], [column(dataLength=9)], ["columns.a.dataLength"], [], [], True),
    ([column(precision=9)], [column(precision=5)], [], ["columns.a.precision"], [], True),
    ([column(scale=1)], [column()], [], [], ["columns.a.scale"], True),
    ([column()], [column(precision=9)], ["columns.a.precision"], [], [], False),
    (
        [column("x.y")],
        [column("x.y", description="d")],
        ["columns.x.y.description"],
        [],
        [],
        False,
    ),
    (
        [struct(column())],
        [struct(column(description="d"))],
        ["columns.s.a.description"],
        [],
        [],
        False,
    ),
    ([struct(column(), column("b"))], [struct(column())], [], [], ["columns.s"], True),
    ([column(ordinalPosition=1)], [column(ordinalPosition=2)], [], [], [], False),
]


@pytest.mark.parametrize(("before", "after", "added", "updated", "deleted", "major"), STEPS)
def test_changed_columns_are_named(
    before: Any, after: Any, added: Any, updated: Any, deleted: Any, major: bool
) -> None:
    """Each change of a column has its field name, and is major where readers may break."""
    changes = changes_between({"columns": before}, {"columns": after}, fqn="t")
    assert [change["name"] for change in changes.added] == added
    assert [change["name"] for change in changes.updated] == updated
    assert [change["name"] for change in changes.deleted] == deleted
    assert changes.major is major


def test_lists_are_described_as_json() -> None:
    """Added tags are one change whose value is a JSON string of just those tags."""
    old, new = {"tagFQN": "A.a", "source": "x"}, {"tagFQN": "A.b", "source": "x"}
    changes = changes_between({"tags": [old]}, {"tags": [old, new]}, fqn="t")
    assert changes.added == [{"name": "tags", "newValue": json.dumps([new], separators=(",", ":"))}]


@pytest.mark.parametrize(
    ("version", "major", "following"), [(0.1, False, 0.2), (0.9, False, 1.0), (0.3, True, 1.3)]
)
def test_versions_step_by_a_tenth(version: float, major: bool, following: float) -> None:
    """A version steps by 0.1, or by 1.0 for a major change, and keeps one decimal."""
    assert Changes(major=major).next_version(version) == following


def test_every_version_can_be_read(catalog: Catalog, person: Catalog, table: Any) -> None:
    """History gives each version as it was, newest first, with what it changed."""
    catalog.write([table()])
    person.write([table(description="one")])
    person.write([table(description="two", columns=[column("b")])])
    newest, middle, first = catalog.versions(Table, "s.d.x.t")
    assert [newest.version, middle.version, first.version] == [1.2, 0.2, 0.1]
    assert [newest.description, middle.description, first.description] == ["two", "one", None]
    assert [newest.updatedBy, first.updatedBy] == ["ann", "ingestion-bot"]
    assert first.changeDescription is None
    assert newest.changeDescription is not None
    (change,) = newest.changeDescription.fieldsUpdated
    assert (change.name, change.oldValue, change.newValue) == ("description", "one", "two")
    assert newest.changeDescription.previousVersion == 0.2
    assert catalog.versions(Table, "s.d.x.none") == []


def test_no_change_leaves_everything(catalog: Catalog, person: Catalog, table: Any) -> None:
    """A PUT that changes nothing keeps version, time, author and change description."""
    person.write([table(description="d")])
    before = catalog.get_by_name(Table, "s.d.x.t")
    for writer in (person, catalog, catalog):
        (result,) = writer.write([table(description="d")])
        assert result.outcome.value == "unchanged"
    assert catalog.get_by_name(Table, "s.d.x.t") == before


def test_unversioned_fields_change_quietly(catalog: Catalog, table: Any) -> None:
    """A source hash and a life cycle are stored without a new version."""
    catalog.write([table(sourceHash="1")])
    (result,) = catalog.write([table(sourceHash="2", lifeCycle={"created": {"timestamp": 5}})])
    found = catalog.get_by_name(Table, "s.d.x.t")
    assert found is not None
    assert (result.outcome.value, found.version, found.sourceHash) == ("updated", 0.1, "2")
