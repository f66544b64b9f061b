"""The reverse index of references: its maintenance and its uses."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from om_ingest.errors import NotFoundError
from om_ingest_catalog import Actor, Attachments, Catalog, Collection
from om_ingest_catalog.rows.backlinks import backlinks_of
from om_ingest_catalog.rows.links import entity_id

BOT = Actor()
T = "s.d.x.t"
Of = Callable[[str], Collection]


def label(tag: str, source: str = "Classification") -> dict[str, str]:
    """A tag label in the form of a server."""
    return {"tagFQN": tag, "source": source, "labelType": "Manual", "state": "Confirmed"}


def names(path: Path) -> set[tuple[str, str]]:
    """FQN of referrer and target, as stored in the index of a file."""
    sql = (
        "SELECT source.fqn, target.fqn FROM mention"
        " JOIN entity AS source ON source.rowid = mention.source"
        " JOIN entity AS target ON target.id = mention.target"
    )
    with closing(sqlite3.connect(path)) as file:
        return set(file.execute(sql))


def check(path: Path) -> None:
    """The index of a file agrees with its bodies."""
    with closing(sqlite3.connect(path)) as file:
        bodies = file.execute("SELECT rowid, entity_type, body FROM entity").fetchall()
        said = {
            backlink
            for rowid, entity_type, body in bodies
            for backlink in backlinks_of(rowid, entity_type, json.loads(body))
        }
        assert set(file.execute("SELECT * FROM mention")) == said


@pytest.fixture(autouse=True)
def people(of: Of) -> None:
    """A user, a team, two tags and a term."""
    of("team").put({"name": "crew", "teamType": "Group"}, BOT)
    crew = of("team").get("crew").entity["id"]
    of("user").put({"name": "ann", "email": "ann@example.org", "teams": [crew]}, BOT)
    of("classification").put({"name": "C", "description": "c"}, BOT)
    for name in "tu":
        of("tag").put({"name": name, "classification": "C", "description": "t"}, BOT)
    of("glossary").put({"name": "G", "description": "g"}, BOT)
    of("glossaryTerm").put({"name": "a.b", "glossary": "G", "description": "t"}, BOT)


def table(**fields: Any) -> dict[str, Any]:
    """A table that refers to a user and a tag, and at its column to another tag and a term."""
    labels = [label("C.u"), label('"G"."a.b"', "Glossary")]
    return {
        "name": "t",
        "databaseSchema": "s.d.x",
        "columns": [{"name": "a", "dataType": "INT", "tags": labels}],
        "owners": [{"type": "user", "fullyQualifiedName": "ann"}],
        "tags": [label("C.t")],
        **fields,
    }


def test_every_way_of_naming(tables: Collection, path: Path) -> None:
    """References, ids and labels of an entity and of its columns are in the index."""
    tables.put(table(), BOT)
    named = {"ann", "C.t", "C.u", 'G."a.b"'}
    assert names(path) == {*((T, fqn) for fqn in named), ("ann", "crew")}


def test_every_change_is_followed(tables: Collection, of: Of, catalog: Catalog, path: Path) -> None:
    """After bulk, patch, data model, deletes and restore, the index agrees with the bodies."""
    tables.bulk([table(), table(name="u"), table(owners=[])], BOT)
    check(path)
    tables.patch(T, [{"op": "remove", "path": "/owners/0"}], BOT)
    assert (T, "ann") not in names(path)
    owner = {"type": "user", "fullyQualifiedName": "ann"}
    Attachments(catalog).put_data_model(T, {"modelType": "DBT", "owners": [owner]})
    assert (T, "ann") in names(path)
    check(path)
    of("tag").delete("C.t", BOT)
    tables.delete(T, BOT)
    tables.put(table(tags=[label("C.u")]), BOT)
    check(path)
    of("user").delete("ann", BOT, hard=True)
    tables.delete("s.d.x.u", BOT, hard=True)
    check(path)
    assert {source for source, _ in names(path)} == {T}


def test_owners_of_a_data_model_must_exist(tables: Collection, catalog: Catalog) -> None:
    """Owners in a data model are resolved as in a PUT of the table; unknown ones are refused."""
    tables.put(table(), BOT)
    owner = {"type": "user", "fullyQualifiedName": "bob"}
    with pytest.raises(NotFoundError, match="user instance for bob"):
        Attachments(catalog).put_data_model(T, {"modelType": "DBT", "owners": [owner]})
    assert "dataModel" not in tables.get(T, fields={"*"}).entity


def test_a_removed_team_has_no_members(of: Of) -> None:
    """After a hard delete of a team, its users are in it no more."""
    of("team").delete("crew", BOT, hard=True)
    assert of("user").get("ann").entity["teams"] == []


def test_what_names_a_deleted_entity_is_checked_again(tables: Collection, of: Of) -> None:
    """A request that was stored before is refused after a chart that it refers to was deleted."""
    of("dashboardService").put({"name": "b", "serviceType": "Looker"}, BOT)
    of("chart").put({"name": "c", "service": "b"}, BOT)
    dashboard = {"name": "d", "service": "b", "charts": ["b.c"]}
    of("dashboard").put(dashboard, BOT)
    of("chart").delete("b.c", BOT)
    with pytest.raises(NotFoundError, match=r"chart instance for b\.c"):
        of("dashboard").put(dashboard, BOT)


def test_what_is_not_there_can_be_named(of: Of, catalog: Catalog) -> None:
    """A collection may list endpoints that are created later."""
    of("apiService").put({"name": "p", "serviceType": "Rest"}, BOT)
    of("apiCollection").put({"name": "c", "service": "p", "apiEndpoints": ["p.c.e"]}, BOT)
    sql = "SELECT count(*) FROM mention WHERE target = ?"
    assert catalog.file.query(sql, (entity_id("apiEndpoint", "p.c.e"),)) == [(1,)]
