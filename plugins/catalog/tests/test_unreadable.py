"""Rows that another program has spoilt: every reader leaves them out, names them, and goes on."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from om_ingest.model import CreateTableRequest, DatabaseService, Table
from om_ingest.store import Outcome
from om_ingest_catalog import Catalog, Collection, UnreadableError
from om_ingest_catalog.command import app
from typer.testing import CliRunner

Build = Callable[..., CreateTableRequest]


DEEP = '{"a":' * 3000 + "1" + "}" * 3000
SPOILT = {
    "value": '{"name":"t","columns":[{"name":"a","dataType":"NOPE"}]}',
    "field": '{"name":"t","columns":[{"name":"a"}]}',
    "type": '{"name":"t","columns":"none"}',
    "none": "{}",
    "number": "7",
    "list": "[]",
    "cut off": '{"name":"t","col',
    "empty": "",
    "deep": f'{{"name":"t","columns":[],"extension":{DEEP}}}',
    "links": '{"name":"t","columns":[],"domains":[7]}',
}
spoilt = pytest.mark.parametrize("body", SPOILT.values(), ids=SPOILT)


def spoil(path: Path, body: str, fqn: str = "s.d.x.t") -> None:
    """Put another body into a row of the file."""
    connection = sqlite3.connect(path)
    with connection:
        sql = "UPDATE entity SET body = ?, put_hash = NULL WHERE fqn = ?"
        assert connection.execute(sql, (body, fqn)).rowcount == 1
    connection.close()


@pytest.fixture
def neighbours(catalog: Catalog, table: Build) -> list[str]:
    """Three tables, of which the one in the middle is for spoiling; the FQNs of the others."""
    catalog.write([table(name=name) for name in ("a", "t", "z")])
    return ["s.d.x.a", "s.d.x.z"]


@spoilt
def test_lists_go_on(
    catalog: Catalog,
    path: Path,
    neighbours: list[str],
    tables: Collection,
    body: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Lists hold the other entities, and say which one is missing."""
    spoil(path, body)
    with caplog.at_level(logging.ERROR):
        assert [found.fullyQualifiedName for found in catalog.list_entities(Table)] == neighbours
    assert catalog.unreadable_count == 1
    assert "table s.d.x.t cannot be read" in caplog.text
    page = tables.page()
    shown = [entity["fullyQualifiedName"] for entity in page.entities]
    assert [name for name in shown if name != "s.d.x.t"] == neighbours
    assert len(shown) + len(page.errors) == page.total == 3  # what is JSON can be shown as it is
    assert all("s.d.x.t" in error.what for error in page.errors)
    assert [hit.fqn for hit in catalog.search("z")] == ["s.d.x.z"]


@spoilt
def test_reading_it_alone(catalog: Catalog, path: Path, neighbours: list[str], body: str) -> None:
    """Whoever asks for the entity itself learns that it cannot be read."""
    spoil(path, body)
    with pytest.raises(UnreadableError, match=r"table s\.d\.x\.t cannot be read"):
        catalog.get_by_name(Table, "s.d.x.t")
    assert catalog.versions(Table, "s.d.x.t") == []
    assert catalog.unreadable_count == 1


@spoilt
def test_it_can_be_replaced(
    catalog: Catalog, path: Path, neighbours: list[str], table: Build, body: str
) -> None:
    """Ingesting it again mends it, and deleting it removes it; no neighbour is held up."""
    spoil(path, body)
    results = catalog.write([table(name=name, description="new") for name in ("a", "t", "z")])
    assert [result.outcome for result in results] == [Outcome.UPDATED] * 3, results[1].reason
    assert len(list(catalog.list_entities(Table))) == 3
    spoil(path, body)
    assert catalog.delete(Table, "s.d.x.t", hard=True)
    assert len(list(catalog.list_entities(Table))) == 2


@spoilt
def test_spoilt_parent(
    catalog: Catalog, path: Path, neighbours: list[str], table: Build, body: str
) -> None:
    """What lies below an entity that cannot be read can be read and written."""
    spoil(path, body, "s")
    assert len(list(catalog.list_entities(Table))) == 3
    assert catalog.write([table(name="new")])[0].outcome is Outcome.CREATED
    assert list(catalog.list_entities(DatabaseService)) == []


@spoilt
def test_commands(path: Path, catalog: Catalog, neighbours: list[str], body: str) -> None:
    """`catalog tables` lists the others and exits with 1; `show` says what is wrong."""
    spoil(path, body)
    listed = CliRunner().invoke(app, ["tables", "--json", "--catalog", str(path)])
    assert listed.exit_code == 1
    assert [found["fullyQualifiedName"] for found in json.loads(listed.stdout)] == neighbours
    shown = CliRunner().invoke(app, ["show", "s.d.x.t", "--catalog", str(path)])
    assert isinstance(shown.exception, UnreadableError)
    assert shown.exception.exit_code == 1


def test_a_version_that_cannot_be_read(
    person: Catalog, path: Path, table: Build, tables: Collection
) -> None:
    """The other versions of an entity are there."""
    for text in ("one", "two", "three"):
        person.write([table(description=text)])
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE history SET body = '{' WHERE version = 0.2")
    connection.close()
    assert [found.version for found in person.versions(Table, "s.d.x.t")] == [0.3, 0.1]
    assert [found.entity["version"] for found in tables.versions("s.d.x.t")] == [0.3, 0.1]
