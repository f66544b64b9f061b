"""Derived fields: children, referrers and their numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from om_ingest.errors import PreconditionError, RecordError
from om_ingest_catalog import Actor, Collection
from om_ingest_catalog.documents.computed_fields import LONG_COUNT

BOT = Actor()
Of = Callable[[str], Collection]


def names(collection: Collection, fqn: str, field: str) -> list[str]:
    """FQNs in a requested field."""
    found = collection.get(fqn, fields={field}).entity[field]
    assert all({"id", "type", "name"} <= item.keys() for item in found)
    return [item["fullyQualifiedName"] for item in found]


@pytest.fixture
def tree(of: Of) -> Callable[..., None]:
    """Creates entities of a kind below one of their own kind, by their paths."""

    def grow(entity_type: str, fixed: dict[str, Any], field: str, *paths: str) -> None:
        for path in paths:
            above, _, name = path.rpartition(".")
            inside = {field: above} if "." in above else {}
            of(entity_type).put({"name": name, **fixed, **inside}, BOT)

    return grow


def test_what_lies_directly_below(of: Of, tables: Collection) -> None:
    """A database lists its schemas, a schema its live tables; quoted names and all."""
    for name in ("t", "u.v", "gone"):
        tables.put({"name": name, "databaseSchema": "s.d.x", "columns": []}, BOT)
    tables.delete("s.d.x.gone", BOT)
    of("databaseSchema").put({"name": "x-1", "database": "s.d"}, BOT)
    assert names(of("database"), "s.d", "databaseSchemas") == ["s.d.x", "s.d.x-1"]
    assert names(of("databaseSchema"), "s.d.x", "tables") == ['s.d.x."u.v"', "s.d.x.t"]
    assert names(of("databaseSchema"), "s.d.x-1", "tables") == []
    assert "tables" not in of("databaseSchema").get("s.d.x", fields=set()).entity
    assert "tables" not in of("databaseSchema").get("s.d.x").entity


def test_children_are_the_next_level(of: Of, tree: Callable[..., None]) -> None:
    """Only direct children are listed, whatever lies deeper or sorts between them."""
    of("glossary").put({"name": "g", "description": "g"}, BOT)
    fixed = {"glossary": "g", "description": "d"}
    deep = [f"g.a.b.{number:04}" for number in range(1200)]
    tree("glossaryTerm", fixed, "parent", "g.a", "g.a.b", "g.a.b-c", "g.a.b0", "g.a.z", *deep)
    assert names(of("glossaryTerm"), "g.a", "children") == ["g.a.b", "g.a.b-c", "g.a.b0", "g.a.z"]
    term = of("glossaryTerm").get("g.a", fields={"childrenCount"}).entity
    assert (term["childrenCount"], "children" in term) == (4, False)
    assert of("glossary").get("g", fields={"termCount"}).entity["termCount"] == 1205


def test_children_of_several_kinds(of: Of) -> None:
    """A directory lists its directories, files and spreadsheets; a sheet its worksheets."""
    of("driveService").put({"name": "s", "serviceType": "CustomDrive"}, BOT)
    of("directory").put({"name": "a", "service": "s"}, BOT)
    of("directory").put({"name": "b", "service": "s", "parent": "s.a"}, BOT)
    of("file").put({"name": "f", "service": "s", "directory": "s.a"}, BOT)
    of("file").put({"name": "deep", "service": "s", "directory": "s.a.b"}, BOT)
    above = {"type": "directory", "fullyQualifiedName": "s.a"}
    of("spreadsheet").put({"name": "x", "service": "s", "parent": above}, BOT)
    of("worksheet").put({"name": "w", "service": "s", "spreadsheet": "s.a.x"}, BOT)
    assert names(of("directory"), "s.a", "children") == ["s.a.b", "s.a.f", "s.a.x"]
    assert names(of("spreadsheet"), "s.a.x", "worksheets") == ["s.a.x.w"]


@pytest.mark.parametrize(
    ("entity_type", "fixed"),
    [("domain", {"domainType": "Aggregate", "description": "d"}), ("tag", {"description": "d"})],
)
def test_children_of_other_kinds_that_nest(entity_type: str, fixed: dict[str, Any], of: Of) -> None:
    """Domains and tags list their children, and domains count them."""
    if entity_type == "tag":
        of("classification").put({"name": "r", "description": "d"}, BOT)
        of("tag").put({"name": "a", "classification": "r", **fixed}, BOT)
        of("tag").put({"name": "b", "parent": "r.a", **fixed}, BOT)
        count = of("classification").get("r", fields={"termCount"}).entity["termCount"]
        assert (names(of("tag"), "r.a", "children"), count) == (["r.a.b"], 2)
    else:
        of("domain").put({"name": "r", **fixed}, BOT)
        of("domain").put({"name": "b", "parent": "r", **fixed}, BOT)
        count = of("domain").get("r", fields={"childrenCount"}).entity["childrenCount"]
        assert (names(of("domain"), "r", "children"), count) == (["r.b"], 1)


def test_either_side_may_say_it(of: Of) -> None:
    """A chart shows the dashboards that it refers to and those that refer to it; and vice versa."""
    of("dashboardService").put({"name": "b", "serviceType": "Looker"}, BOT)
    of("dashboard").put({"name": "d1", "service": "b"}, BOT)
    of("chart").put({"name": "c1", "service": "b", "dashboards": ["b.d1"]}, BOT)
    of("chart").put({"name": "c2", "service": "b"}, BOT)
    of("dashboard").put({"name": "d2", "service": "b", "charts": ["b.c1", "b.c2"]}, BOT)
    assert names(of("chart"), "b.c1", "dashboards") == ["b.d1", "b.d2"]
    assert names(of("chart"), "b.c2", "dashboards") == ["b.d2"]
    assert names(of("dashboard"), "b.d1", "charts") == ["b.c1"]
    of("dashboard").delete("b.d2", BOT)
    assert names(of("chart"), "b.c2", "dashboards") == []


def test_teams_and_their_people(of: Of) -> None:
    """A team shows and counts the users and teams that state membership; owners are not members."""
    of("team").put({"name": "org", "teamType": "Division"}, BOT)
    org = of("team").get("org").entity["id"]
    of("team").put({"name": "crew", "teamType": "Group", "parents": [org]}, BOT)
    crew = of("team").get("crew").entity["id"]
    for name in ("ann", "bob"):
        email = f"{name}@example.org"
        of("user").put({"name": name, "email": email, "teams": [crew]}, BOT)
    owner = {"type": "user", "fullyQualifiedName": "bob"}
    body = {"name": "org", "teamType": "Division", "owners": [owner], "children": [crew]}
    of("team").put(body, BOT)
    assert names(of("team"), "crew", "users") == ["ann", "bob"]
    assert names(of("team"), "org", "children") == ["crew"]
    counts = of("team").get("org", fields={"childrenCount", "userCount"}).entity
    assert (counts["childrenCount"], counts["userCount"]) == (1, 0)
    teams = of("user").get("bob", fields={"teams"}).entity["teams"]
    assert [team["id"] for team in teams] == [crew]


def test_a_long_list_is_for_those_who_name_it(of: Of, tables: Collection) -> None:
    """`*` omits a long list instead of truncating it; naming the field returns all of it."""
    bodies = [
        {"name": f"t{number:04}", "databaseSchema": "s.d.x", "columns": []}
        for number in range(LONG_COUNT + 1)
    ]
    schemas = of("databaseSchema")
    tables.bulk(bodies[:LONG_COUNT], BOT)
    assert len(schemas.get("s.d.x", fields={"*"}).entity["tables"]) == LONG_COUNT
    tables.bulk(bodies, BOT)
    assert "tables" not in schemas.get("s.d.x", fields={"*"}).entity
    assert len(schemas.get("s.d.x", fields={"tables"}).entity["tables"]) == LONG_COUNT + 1
    assert len(schemas.get("s.d.x", fields={"*", "tables"}).entity["tables"]) == LONG_COUNT + 1


def test_what_follows_is_part_of_what_was_seen(of: Of, tables: Collection) -> None:
    """The entity tag of an answer changes with the list in it; its state does not."""
    schemas = of("databaseSchema")
    before = schemas.get("s.d.x", fields={"tables"})
    tables.put({"name": "t", "databaseSchema": "s.d.x", "columns": []}, BOT)
    after = schemas.get("s.d.x", fields={"tables"})
    assert before.etag != after.etag
    patch = [{"op": "add", "path": "/description", "value": "d"}]
    schemas.patch("s.d.x", patch, BOT, if_match=before.etag)
    with pytest.raises(PreconditionError):
        schemas.patch("s.d.x", patch, BOT, if_match=before.etag)


def test_what_follows_cannot_be_patched(of: Of, tables: Collection) -> None:
    """A patch does not create tables; an unknown field is an error in a list, too."""
    schemas = of("databaseSchema")
    patch = [{"op": "add", "path": "/tables", "value": [{"id": 32 * "0", "type": "table"}]}]
    assert schemas.patch("s.d.x", patch, BOT).change == "entityNoChange"
    assert schemas.page(fields={"tables"}).entities[0]["tables"] == []
    with pytest.raises(RecordError, match="Invalid field name tables"):
        tables.page(fields={"tables"})
