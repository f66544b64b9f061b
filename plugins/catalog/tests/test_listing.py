"""Pages of a collection: cursors, totals, `include` and filters (REST contract §3.0, §7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS
from om_ingest_catalog import Actor, Catalog, Collection, Page

BOT = Actor()
Of = Callable[[str], Collection]


def names(page: Page) -> list[str]:
    return [entity["name"] for entity in page.entities]


def fill(tables: Collection, *wanted: str, schema: str = "s.d.x") -> None:
    bodies = [{"name": name, "databaseSchema": schema, "columns": []} for name in wanted]
    assert tables.bulk(bodies, BOT).status == "success"


def test_pages_follow_each_other_in_both_directions(tables: Collection) -> None:
    """Cursors lead through a list and back; the first and the last page have one each."""
    fill(tables, *(f"t{i}" for i in range(5)))
    first = tables.page(limit=2)
    assert (names(first), first.total, first.before) == (["t0", "t1"], 5, None)
    second = tables.page(limit=2, after=first.after)
    assert names(second) == ["t2", "t3"]
    last = tables.page(limit=2, after=second.after)
    assert (names(last), last.total, last.after) == (["t4"], 5, None)
    back = tables.page(limit=2, before=last.before)
    assert back == second
    start = tables.page(limit=2, before=back.before)
    assert (names(start), start.before, start.after) == (["t0", "t1"], None, first.after)
    assert tables.page(limit=5).after is None
    assert tables.page(limit=2, offset=2) == second
    assert tables.page(limit=2, offset=9).entities == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    wanted=st.sets(st.text('ab."/é\U0001f600', min_size=1, max_size=4), max_size=12),
    limit=st.integers(1, 5),
)
def test_following_cursors_shows_everything_once(wanted: set[str], limit: int) -> None:
    """From the start, and back from the end, each page by page shows every entity once."""
    with Catalog.temporary() as catalog:
        glossaries = Collection(catalog, KINDS["glossary"])
        for name in wanted:
            glossaries.put({"name": name, "description": "d"}, BOT)
        everything = names(glossaries.page(limit=100))
        assert set(everything) == wanted
        forward: list[str] = []
        page = glossaries.page(limit=limit)
        last = page
        while True:
            forward += names(page)
            assert page.total == len(wanted)
            last = page
            if page.after is None:
                break
            page = glossaries.page(limit=limit, after=page.after)
        assert forward == everything
        backward = names(last)
        while last.before is not None:
            last = glossaries.page(limit=limit, before=last.before)
            backward = names(last) + backward
        assert backward == everything


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limit": 1_000_001}, "[query param limit must be less than or equal to 1000000]"),
        ({"limit": -1}, "[query param limit must be greater than or equal to 0]"),
        (
            {"after": "eA", "before": "eA"},
            "Only one of before or after query parameter allowed",
        ),
        ({"after": "?"}, "Not a cursor: '?'"),
        ({"include": "some"}, "[query param include must be one of non-deleted, deleted, all]"),
        ({"fields": {"owner"}}, "Invalid field name owner"),
        ({"filters": {"disabled": "maybe"}}, "[query param disabled must be true or false]"),
    ],
)
def test_wrong_parameters_are_refused(of: Of, arguments: Any, message: str) -> None:
    """An invalid parameter is refused with OpenMetadata's wording."""
    with pytest.raises(RecordError) as caught:
        of("classification").page(**arguments)
    assert caught.value.what == message


def test_no_entities_and_their_number(tables: Collection) -> None:
    """A limit of 0 gives the total alone, the highest one gives everything."""
    fill(tables, "a", "b")
    assert tables.page(limit=0) == Page([], 2)
    assert names(tables.page(limit=1_000_000)) == ["a", "b"]


def test_include_chooses_by_state(tables: Collection) -> None:
    """Deleted entities are listed and counted only on request."""
    fill(tables, "a", "b", "c")
    tables.delete("s.d.x.b", BOT)
    assert (names(tables.page()), tables.page().total) == (["a", "c"], 2)
    gone = tables.page(include="deleted")
    assert (names(gone), gone.total) == (["b"], 1)
    everything = tables.page(include="all", limit=1)
    assert (names(everything), everything.total) == (["a"], 3)


@pytest.fixture
def two_schemas(of: Of, tables: Collection) -> Collection:
    """Tables `a` and `b` in schema `x`, `c` in schema `x-1`, `d` in database `e`."""
    of("database").put({"name": "e", "service": "s"}, BOT)
    of("databaseSchema").put({"name": "x-1", "database": "s.d"}, BOT)
    of("databaseSchema").put({"name": "x", "database": "s.e"}, BOT)
    fill(tables, "a", "b")
    fill(tables, "c", schema="s.d.x-1")
    fill(tables, "d", schema="s.e.x")
    return tables


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"database": "s.d"}, "abc"),
        ({"database": '"s".d'}, "abc"),
        ({"databaseSchema": "s.d.x"}, "ab"),
        ({"database": "s.d", "databaseSchema": "s.d.x"}, "ab"),
        ({"database": "s.e", "databaseSchema": "s.d.x"}, ""),
        ({"database": "none"}, ""),
        ({"database": "no..name"}, ""),
        ({"database": None}, "abcd"),
        ({"service": "none"}, "abcd"),  # not honoured by tables
        ({"nonsense": "none"}, "abcd"),
    ],
)
def test_filters_name_what_entities_lie_below(
    two_schemas: Collection, filters: dict[str, str], found: str
) -> None:
    """A filter by ancestor is an FQN prefix; unknown ones give nothing, others are ignored."""
    page = two_schemas.page(filters=filters)
    assert (sorted(names(page)), page.total) == (list(found), len(found))


def test_a_scope_works_like_a_filter(two_schemas: Collection) -> None:
    """A scope can be any ancestor, and may be combined with filters."""
    assert two_schemas.page(scope="s").total == 4
    assert names(two_schemas.page(scope="s.d", filters={"databaseSchema": "s.d.x"})) == ["a", "b"]
    assert two_schemas.page(scope="s.d.x", filters={"database": "s.e"}) == Page([], 0)


def test_flags_are_found_in_bodies(of: Of) -> None:
    """Users are filtered by `isBot` and `isAdmin`, where a missing one is false."""
    users = of("user")
    for name, flags in (("a", {"isBot": True}), ("b", {"isAdmin": True}), ("c", {})):
        users.put({"name": name, "email": f"{name}@example.org", **flags}, BOT)
    assert names(users.page(filters={"isBot": True})) == ["a"]
    assert names(users.page(filters={"isBot": "false"})) == ["b", "c"]
    page = users.page(filters={"isBot": "false", "isAdmin": "false"}, limit=1)
    assert (names(page), page.total) == (["c"], 1)


def test_users_and_teams_are_found_by_team(of: Of) -> None:
    """`team` and `parentTeam` take names; an unknown team has nobody; teams are joinable."""
    group = of("team").put({"name": "G", "teamType": "Group"}, BOT).document.entity
    of("team").put(
        {"name": "H", "teamType": "Group", "parents": [group["id"]], "isJoinable": False}, BOT
    )
    of("user").put({"name": "ann", "email": "ann@example.org", "teams": [group["id"]]}, BOT)
    of("user").put({"name": "bob", "email": "bob@example.org"}, BOT)
    assert names(of("user").page(filters={"team": "G"})) == ["ann"]
    assert of("user").page(filters={"team": "none"}) == Page([], 0)
    assert names(of("team").page(filters={"parentTeam": "G"})) == ["H"]
    assert names(of("team").page(filters={"isJoinable": "true"})) == ["G"]


def test_tags_are_found_by_classification_and_state(of: Of) -> None:
    """`parent` of tags is the FQN of a classification; `disabled` is set by a patch."""
    for name in ("C", "D"):
        of("classification").put({"name": name, "description": "d"}, BOT)
        of("tag").put({"name": "t", "classification": name, "description": "d"}, BOT)
    of("tag").patch("D.t", [{"op": "add", "path": "/disabled", "value": True}], BOT)
    assert [tag["fullyQualifiedName"] for tag in of("tag").page(filters={"parent": "C"}).entities]
    assert names(of("tag").page(filters={"disabled": "true"})) == ["t"]
    assert of("tag").page(filters={"disabled": "true", "parent": "C"}).total == 0
    assert names(of("classification").page(filters={"disabled": "false"})) == ["C", "D"]


def test_terms_are_found_by_id_and_by_place(of: Of) -> None:
    """`glossary` and `parent` of terms are ids, `directChildrenOf` is an FQN."""
    glossary = of("glossary").put({"name": "G", "description": "d"}, BOT).document.entity
    of("glossary").put({"name": "H", "description": "d"}, BOT)
    terms = of("glossaryTerm")
    outer = terms.put({"name": 'a"."b', "glossary": "G", "description": "d"}, BOT).document.entity
    fqn = outer["fullyQualifiedName"]
    inner = {"name": "c", "glossary": "G", "parent": fqn, "description": "d"}
    terms.put(inner, BOT)
    terms.put({**inner, "name": "e", "parent": f"{fqn}.c"}, BOT)
    terms.put({"name": "f", "glossary": "H", "description": "d"}, BOT)
    assert names(terms.page(filters={"glossary": glossary["id"]})) == ['a"."b', "c", "e"]
    assert names(terms.page(filters={"parent": outer["id"]})) == ["c", "e"]
    assert names(terms.page(filters={"directChildrenOf": fqn})) == ["c"]
    assert names(terms.page(filters={"directChildrenOf": "G"})) == ['a"."b']
    assert terms.page(filters={"glossary": outer["id"]}) == Page([], 0)
    with pytest.raises(RecordError, match="glossary must be an id"):
        terms.page(filters={"glossary": "G"})


def test_queries_are_found_by_what_they_use(of: Of, tables: Collection) -> None:
    """`entityId` gives the queries in which a table is used, `service` those of a service."""
    fill(tables, "a", "b")
    used = tables.get("s.d.x.a").entity["id"]
    reference = {"type": "table", "fullyQualifiedName": "s.d.x.a"}
    of("query").put({"query": "select 1", "service": "s", "queryUsedIn": [reference]}, BOT)
    of("query").put({"query": "select 2", "service": "s"}, BOT)
    page = of("query").page(filters={"entityId": used, "service": "s"})
    assert [query["query"] for query in page.entities] == ["select 1"]
    assert of("query").page(filters={"service": "s"}).total == 2
    assert of("query").page(filters={"entityId": tables.get("s.d.x.b").entity["id"]}).total == 0


def test_containers_are_found_at_the_root(of: Of) -> None:
    """`root=true` omits containers inside of others."""
    of("storageService").put({"name": "st", "serviceType": "CustomStorage"}, BOT)
    containers = of("container")
    containers.put({"name": "a.b", "service": "st"}, BOT)
    parent = {"type": "container", "fullyQualifiedName": 'st."a.b"'}
    containers.put({"name": "c", "service": "st", "parent": parent}, BOT)
    assert names(containers.page(filters={"root": "true", "service": "st"})) == ["a.b"]
    assert containers.page(filters={"root": "true"}).total == 1
    assert containers.page(filters={"root": "false"}).total == 2


def test_assets_are_found_by_domain(tables: Collection) -> None:
    """`domain` gives what is in a domain or below it."""
    for name, domains in (("a", ["Sales"]), ("b", ["Sales.EU"]), ("c", ["Sales2"]), ("d", [])):
        body = {"name": name, "databaseSchema": "s.d.x", "columns": [], "domains": domains}
        tables.put(body, BOT)
    assert names(tables.page(filters={"domain": "Sales"})) == ["a", "b"]
