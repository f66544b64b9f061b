"""Patching entities (REST contract §6.2, §6.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from om_ingest.errors import NotFoundError, PreconditionError, RecordError
from om_ingest.kinds import KINDS
from om_ingest.store import Outcome
from om_ingest_catalog import Actor, Catalog, Collection
from om_ingest_catalog.patching.json_patch import apply
from om_ingest_catalog.patching.patch import SESSION_MS

BOT, ANN, BOB = Actor(), Actor("ann", is_bot=False), Actor("bob", is_bot=False)
Of = Callable[[str], Collection]
FQN = "s.d.x.t"


def add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


def label(fqn: str, source: str = "Classification") -> dict[str, str]:
    return {"tagFQN": fqn, "source": source, "labelType": "Manual", "state": "Confirmed"}


def column(name: str = "a", **fields: Any) -> dict[str, Any]:
    return {"name": name, "dataType": "INT", **fields}


@pytest.fixture
def people(of: Of) -> dict[str, str]:
    """The ids of the users `ann` and `bob`."""
    users = {
        name: of("user").put({"name": name, "email": f"{name}@example.org"}, BOT)
        for name in ("ann", "bob")
    }
    return {name: stored.document.entity["id"] for name, stored in users.items()}


@pytest.fixture
def patched(of: Of, tables: Collection) -> Callable[..., dict[str, Any]]:
    """Patches table `t`, which has columns `a` and the struct `b`, and returns it."""
    of("classification").put({"name": "C", "description": "d"}, BOT)
    of("tag").put({"name": "t", "classification": "C", "description": "d"}, BOT)
    struct = {"name": "b", "dataType": "STRUCT", "children": [column("in")]}
    body = {"name": "t", "databaseSchema": "s.d.x", "columns": [column(), struct]}
    tables.put({**body, "sourceHash": "h", "sourceUrl": "u"}, BOT)

    def patch(*operations: Any, actor: Actor = ANN, **more: Any) -> dict[str, Any]:
        return tables.patch(FQN, list(operations), actor, **more).document.entity

    return patch


def changed(entity: dict[str, Any]) -> list[str]:
    """Names of the fields in the change description."""
    change = entity["changeDescription"]
    return [
        item["name"]
        for kind in ("fieldsAdded", "fieldsUpdated", "fieldsDeleted")
        for item in change[kind]
    ]


def test_a_patch_changes_what_it_names(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """A description is added, replaced and removed, and nothing else changes."""
    before = tables.get(FQN).entity
    entity = patched(add("/description", "one"))
    assert (entity["description"], entity["version"], entity["updatedBy"]) == ("one", 0.2, "ann")
    assert changed(entity) == ["description"]
    own = {"description", "version", "updatedAt", "updatedBy", "changeDescription"}
    assert {k: v for k, v in entity.items() if k not in own} == {
        k: v for k, v in before.items() if k not in own
    }
    assert patched(add("/description", "two"), actor=BOB)["version"] == 0.3
    gone = patched(remove("/description"), actor=ANN)
    assert ("description" in gone, gone["version"]) == (False, 0.4)
    assert tables.get(FQN).entity == gone


def test_a_patch_that_changes_nothing_is_no_change(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """A successful test, and a value that is already set, do not change version and time."""
    before = tables.get(FQN)
    for operations in ([], [{"op": "test", "path": "/name", "value": "t"}], [add("/owners", [])]):
        stored = tables.patch(FQN, operations, ANN)
        assert (stored.outcome, stored.change) == (Outcome.UNCHANGED, "entityNoChange")
        assert stored.document == before


def test_columns_are_patched_in_place(patched: Callable[..., dict[str, Any]]) -> None:
    """Texts and tags of columns, nested ones too, are changed and named in the description."""
    entity = patched(
        add("/columns/0/description", "outer"),
        add("/columns/1/children/0/tags/-", label("C.t")),
        add("/columns/1/children/0/displayName", "In"),
    )
    assert sorted(changed(entity)) == [
        "columns.a.description",
        "columns.b.in.tags",
        "columns.in.displayName",
    ]
    assert entity["columns"][1]["children"][0]["tags"] == [label("C.t")]
    assert entity["columns"][0]["dataTypeDisplay"] == "int"


def test_a_type_that_changes_is_a_major_change(patched: Callable[..., dict[str, Any]]) -> None:
    """Another type of a column steps the version by one, and is displayed."""
    entity = patched({"op": "replace", "path": "/columns/0/dataType", "value": "BIGINT"})
    assert (entity["version"], entity["columns"][0]["dataTypeDisplay"]) == (1.1, "bigint")


def test_references_are_given_by_id(
    patched: Callable[..., dict[str, Any]], people: dict[str, str]
) -> None:
    """An owner can be appended to no list at all, is completed, and can be removed again."""
    entity = patched(add("/owners/0", {"id": people["ann"], "type": "user"}))
    assert entity["owners"][0]["fullyQualifiedName"] == "ann"
    both = patched(add("/owners/-", {"id": people["bob"], "type": "user"}))["owners"]
    assert [owner["name"] for owner in both] == ["ann", "bob"]
    assert [owner["name"] for owner in patched(remove("/owners/0"))["owners"]] == ["bob"]
    with pytest.raises(NotFoundError, match="user instance for"):
        patched(add("/owners/0", {"id": people["ann"].replace("1", "2"), "type": "user"}))


def test_domains_and_products_become_references_again(
    of: Of, patched: Callable[..., dict[str, Any]]
) -> None:
    """A domain is named by id or by FQN; a person's data products need one."""
    domain = {"name": "D", "domainType": "Aggregate", "description": "d"}
    stored = of("domain").put(domain, BOT).document.entity
    product = {"type": "dataProduct", "fullyQualifiedName": "P"}
    with pytest.raises(RecordError, match="give the domain too"):
        patched(add("/dataProducts", [product]))
    entity = patched(
        add("/domains", [{"type": "domain", "id": stored["id"]}]), add("/dataProducts/-", product)
    )
    assert [domain["fullyQualifiedName"] for domain in entity["domains"]] == ["D"]
    assert [product["name"] for product in entity["dataProducts"]] == ["P"]
    with pytest.raises(NotFoundError, match="domain instance for"):
        patched(add("/domains", [{"type": "domain", "id": entity["id"]}]))


def test_links_of_other_kinds_are_kept(of: Of, catalog: Catalog, one_of_each: list[Any]) -> None:
    """Charts of a dashboard and teams of a user survive other patches, and can be removed."""
    catalog.write(one_of_each)
    dashboards, fqn = of("dashboard"), "dashboardService.dashboard"
    entity = dashboards.patch(fqn, [add("/description", "d")], ANN).document.entity
    assert [chart["name"] for chart in entity["charts"]] == ["chart"]
    assert "charts" not in dashboards.patch(fqn, [remove("/charts")], ANN).document.entity
    team = of("team").get("team").entity
    users = of("user")
    reference = {"id": team["id"], "type": "team"}
    entity = users.patch("user", [add("/teams", [reference])], ANN).document.entity
    assert entity["teams"] == [{**reference, "name": "team", "fullyQualifiedName": "team"}]
    entity = users.patch("user", [add("/description", "d")], ANN).document.entity
    assert entity["teams"] == [{**reference, "name": "team", "fullyQualifiedName": "team"}]
    by_name = [{"type": "team", "fullyQualifiedName": "team"}]
    users.patch("user", [remove("/teams")], ANN)
    entity = users.patch("user", [add("/teams", by_name)], ANN).document.entity
    assert entity["teams"] == [{**reference, "name": "team", "fullyQualifiedName": "team"}]
    with pytest.raises(NotFoundError, match="team instance for None not found"):
        users.patch("user", [add("/teams/-", {"type": "team"})], ANN)
    persona = {"type": "persona", "id": team["id"]}
    entity = users.patch("user", [add("/defaultPersona", persona)], ANN).document.entity
    assert entity["defaultPersona"] == persona


PARTS = [
    (entity_type, "/".join(("", *path, "0")))
    for entity_type, kind in KINDS.items()
    for path in kind.members
]


@pytest.mark.parametrize(("entity_type", "part"), PARTS)
def test_parts_of_every_kind_are_patched(
    of: Of, catalog: Catalog, one_of_each: list[Any], entity_type: str, part: str
) -> None:
    """A patch of one member changes nothing else, at any path of members."""
    catalog.write(one_of_each)
    collection = of(entity_type)
    found = collection.page(limit=100).entities
    entity = next(entity for entity in found if entity["name"] == entity_type)
    if entity_type == "file":  # the fixture's has none
        operations = [add("/columns", [column()])]
        entity = collection.patch(entity["fullyQualifiedName"], operations, BOB).document.entity
    stored = collection.patch(
        entity["fullyQualifiedName"], [add(f"{part}/description", "new")], ANN
    )
    (name,) = changed(stored.document.entity)
    assert name.startswith(part.split("/")[1])
    assert name.endswith(".description")
    own = {"version", "updatedAt", "updatedBy", "changeDescription"}
    expected = apply(entity, [add(f"{part}/description", "new")])
    assert {k: v for k, v in stored.document.entity.items() if k not in own} == {
        k: v for k, v in expected.items() if k not in own
    }


IDENTITY = {
    "id": "00000000-0000-4000-8000-000000000000",
    "name": "u",
    "fullyQualifiedName": "s.d.x.u",
    "version": 9.9,
    "updatedAt": 1,
    "updatedBy": "eve",
    "deleted": False,
    "href": "x",
    "changeDescription": {},
    "databaseSchema": {"type": "databaseSchema", "fullyQualifiedName": "s.d.y"},
    "service": {"type": "databaseService", "fullyQualifiedName": "z"},
    "serviceType": "Mysql",
    "votes": {"upVotes": 5},
    "sampleData": {"columns": [], "rows": []},
}


@pytest.mark.parametrize("name", IDENTITY)
def test_the_store_keeps_what_is_its_own(
    tables: Collection, patched: Callable[..., dict[str, Any]], name: str
) -> None:
    """Identity, parents, state and attachments cannot be patched."""
    before = tables.get(FQN)
    stored = tables.patch(FQN, [add(f"/{name}", IDENTITY[name])], ANN)
    assert (stored.outcome, stored.document) == (Outcome.UNCHANGED, before)
    if name in before.entity:
        assert tables.patch(FQN, [remove(f"/{name}")], ANN).document == before


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([remove("/nothing")], "nothing at '/nothing'"),
        ({"op": "add"}, "array of operations"),
        ([add("/nonsense", 1)], "nonsense is no field"),
        ([remove("/columns")], "columns must not be null"),
        ([add("/columns/-", column())], "the column a occurs twice"),
        ([add("/tags/-", label("C.none"))], "tag instance for C.none not found"),
        ([{"op": "replace", "path": "", "value": []}], "leaves no object"),
        ([{"op": "test", "path": "/name", "value": "u"}], "the test failed"),
    ],
)
def test_a_patch_follows_the_rules_of_a_put(
    tables: Collection, patched: Callable[..., dict[str, Any]], operations: Any, message: str
) -> None:
    """Patches that do not apply, or whose result is invalid, are refused; nothing is stored."""
    before = tables.get(FQN)
    with pytest.raises(RecordError) as caught:
        tables.patch(FQN, operations, ANN)
    assert message in caught.value.what
    assert tables.get(FQN) == before


def test_what_is_not_there_cannot_be_patched(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """Unknown and deleted entities are not found."""
    with pytest.raises(NotFoundError):
        tables.patch("s.d.x.none", [], ANN)
    tables.delete(FQN, BOT)
    with pytest.raises(NotFoundError):
        patched(add("/description", "d"))


def test_fields_that_no_request_has_survive_a_put(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """A certification that a patch set survives PUTs by bots and people."""
    certification = {"tagLabel": {"tagFQN": "Certification.Gold"}}
    assert patched(add("/certification", certification))["certification"] == certification
    for actor in (BOT, ANN):
        body = {
            "name": "t",
            "databaseSchema": "s.d.x",
            "columns": [column()],
            "sourceUrl": actor[0],
        }
        stored = tables.put(body, actor)
        assert stored.outcome is Outcome.UPDATED
        assert stored.document.entity["certification"] == certification


@pytest.mark.parametrize(
    "if_match", ['W/"0.1"', "*", 'W/"0.9", W/"0.1"', 'W/"0.10"', ' W/"0.1" , "x"']
)
def test_the_right_tag_lets_a_patch_through(
    patched: Callable[..., dict[str, Any]], if_match: str
) -> None:
    """`If-Match` takes the version, any of several tags, or a star."""
    assert patched(add("/description", "d"), if_match=if_match)["version"] == 0.2


def test_strong_tags_of_any_view_match(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """The strong tag of a GET stands for the state, whatever fields were shown."""
    for fields in (None, {"owners"}, {"*"}):
        tag = tables.get(FQN, fields=fields).etag
        patched(add("/description", str(fields)), if_match=tag)
        with pytest.raises(PreconditionError):
            patched(add("/description", "late"), if_match=tag)


@pytest.mark.parametrize("if_match", ['W/"0.2"', '"0.1"', "0.1", "", 'W/"x"', 'W/"0.2", nonsense'])
def test_another_state_stops_a_patch(
    tables: Collection, patched: Callable[..., dict[str, Any]], if_match: str
) -> None:
    """With the tag of another state, or an invalid one, nothing is changed."""
    with pytest.raises(PreconditionError, match="The entity has been modified"):
        patched(add("/description", "d"), if_match=if_match)
    assert "description" not in tables.get(FQN).entity


def test_one_session_makes_one_version(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """Patches of one user soon after each other are one version with all their changes."""
    assert patched(add("/description", "one"))["version"] == 0.2
    second = patched(add("/displayName", "T"))
    assert (second["version"], changed(second)) == (0.2, ["displayName"])
    stored = tables.get(FQN).entity
    assert sorted(changed(stored)) == ["description", "displayName"]
    assert stored["changeDescription"]["previousVersion"] == 0.1
    assert len(tables.versions(FQN)) == 2
    assert patched(add("/description", "two"), actor=BOB)["version"] == 0.3


def test_what_ends_a_session(
    catalog: Catalog, tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """Ten minutes, `If-Match` and a PUT each make a version of their own."""
    assert patched(add("/description", "1"))["version"] == 0.2
    with catalog.writer.transaction():
        sql = "UPDATE entity SET updated_at = updated_at - ? WHERE fqn = ?"
        catalog.file.execute(sql, (SESSION_MS + 1, FQN))
    assert patched(add("/description", "2"))["version"] == 0.3
    assert patched(add("/description", "3"), if_match='W/"0.3"')["version"] == 0.4
    body = {"name": "t", "databaseSchema": "s.d.x", "columns": [column()], "description": "4"}
    assert tables.put(body, ANN).document.entity["version"] == 1.4
    tables.delete(FQN, ANN)
    tables.put(body, ANN)
    assert patched(add("/description", "5"))["version"] == 1.7


def test_undoing_a_session_is_a_change(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """A patch that takes a session back to its start is a version of its own, not version 0.1."""
    patched(add("/description", "one"))
    entity = patched(remove("/description"))
    assert (entity["version"], changed(entity)) == (0.3, ["description"])


def test_quiet_fields_are_patched_quietly(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """A life cycle is stored without a new version."""
    stored = tables.patch(FQN, [add("/lifeCycle", {"created": {"timestamp": 5}})], ANN)
    entity = stored.document.entity
    assert (stored.outcome, entity["version"], "changeDescription" in entity) == (
        *(Outcome.UPDATED, 0.1),
        False,
    )
    assert entity["lifeCycle"] == {"created": {"timestamp": 5}}


def test_a_patched_entity_is_compared_by_the_next_put(
    tables: Collection, patched: Callable[..., dict[str, Any]]
) -> None:
    """A bot's identical PUT after a patch is checked in full: its own values come back."""
    body = {"name": "t", "databaseSchema": "s.d.x", "columns": [column()], "displayName": "bot"}
    tables.put(body, BOT)
    patched({"op": "replace", "path": "/displayName", "value": "Ann's"})
    assert tables.put(body, BOT).document.entity["displayName"] == "bot"


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
COLUMN = st.fixed_dictionaries(
    {"dataType": st.sampled_from(["INT", "STRING"])},
    optional={
        "description": TEXTS,
        "displayName": TEXTS,
        "dataTypeDisplay": TEXTS,
        "constraint": st.just("UNIQUE"),
        "tags": st.lists(st.just(label("g.a", "Glossary")), max_size=1),
    },
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    columns=st.lists(COLUMN, min_size=1, max_size=4),
    number=st.integers(0, 3),
    text=TEXTS.filter(bool),
)
def test_a_patch_of_one_column_leaves_the_others(
    columns: list[dict[str, Any]], number: int, text: str
) -> None:
    """A description added to a column changes nothing else, for any columns."""
    number %= len(columns)
    named = [{"name": f"c{position}", **fields} for position, fields in enumerate(columns)]
    with Catalog.temporary() as catalog:
        for entity_type, body in (
            ("databaseService", {"name": "s", "serviceType": "Hive"}),
            ("database", {"name": "d", "service": "s"}),
            ("databaseSchema", {"name": "x", "database": "s.d"}),
            ("glossary", {"name": "g", "description": "g"}),
            ("glossaryTerm", {"name": "a", "glossary": "g", "description": "a"}),
        ):
            Collection(catalog, KINDS[entity_type]).put(body, BOT)
        tables = Collection(catalog, KINDS["table"])
        tables.put({"name": "t", "databaseSchema": "s.d.x", "columns": named}, BOT)
        before = tables.get(FQN).entity["columns"]
        path = f"/columns/{number}/description"
        entity = tables.patch(FQN, [add(path, f"!{text}")], ANN).document.entity
        assert changed(entity) == [f"columns.c{number}.description"]
        before[number]["description"] = f"!{text}"
        assert entity["columns"] == before
