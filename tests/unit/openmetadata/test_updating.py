"""Entities that are there already: what a run reads before it writes, and what it writes then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest import EntityReference, Outcome
from om_ingest.kinds import KINDS, Parcel
from om_ingest.model import (
    Column,
    ContainerDataModel,
    CreateChartRequest,
    CreateContainerRequest,
    CreateDashboardRequest,
    CreateDashboardServiceRequest,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateGlossaryRequest,
    CreateGlossaryTermRequest,
    CreateQueryRequest,
    CreateTableRequest,
    CreateTagRequest,
    CreateTeamRequest,
    CreateUserRequest,
    Database,
    Table,
    TagLabel,
)

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire

Connect = Callable[..., "OpenMetadata"]
SCHEMA = "s.d.p"
OTHER = "a hash of other content"


def table(name: str, **more: Any) -> CreateTableRequest:
    """A table of one column."""
    columns = [Column(name="c", dataType="INT")]
    return CreateTableRequest(
        **{"name": name, "databaseSchema": SCHEMA, "columns": columns, **more}
    )


def outcomes(store: OpenMetadata, *records: Any) -> list[str]:
    """What becomes of records."""
    return [result.outcome.value for result in store.write(records)]


def changing(wire: Wire) -> list[str]:
    """The requests that are not reads, and where they went."""
    return [f"{call.method} {call.path}" for call in wire.calls if call.method != "GET"]


def reads(wire: Wire) -> list[str]:
    """Paths of the reads, without those at the start of a run."""
    start = ("system/version", "users/loggedInUser")
    return [call.path for call in wire.calls if call.method == "GET" and call.path not in start]


def stored(wire: Wire, record: CreateTableRequest, **more: Any) -> dict[str, Any]:
    """Have a table that was made from a record."""
    other = CreateTableRequest.model_validate(record)
    columns = [column.model_dump(mode="json", exclude_none=True) for column in other.columns]
    fqn = f"{SCHEMA}.{record.name}"
    return wire.put("tables", fqn, version=0.1, **{"columns": columns, **more})


def test_an_equal_fingerprint_of_a_container_is_enough(wire: Wire, store: OpenMetadata) -> None:
    """What a person has taken from a container stays away, also where it is read by its name.

    The `dataModel` of tables, which a PUT does not store, is compared whatever the fingerprint.
    """
    model = ContainerDataModel(columns=[Column(name="a", dataType="INT")])
    made = CreateContainerRequest(name="c", service="s", dataModel=model)
    wire.put("containers", "s.c", sourceHash=store.hash_of(Parcel.of(made)))
    assert outcomes(store, made) == ["unchanged"]
    assert changing(wire) == []


def test_a_first_run_asks_for_its_service_alone(wire: Wire, store: OpenMetadata) -> None:
    """What lies in a place that this run has created is not looked for."""
    store.write(
        [
            CreateDatabaseServiceRequest(name="s", serviceType="CustomDatabase"),
            CreateDatabaseRequest(name="d", service="s"),
            CreateDatabaseSchemaRequest(name="p", database="s.d"),
            *(table(f"t{number}") for number in range(5)),
        ]
    )
    assert reads(wire) == ["services/databaseServices/name/s"]
    assert changing(wire)[-1] == "PUT tables/bulk"


@pytest.mark.parametrize(("count", "lists"), [(1, 0), (2, 0), (3, 1), (50, 1)])
def test_a_place_is_listed_as_soon_as_that_is_cheaper(
    wire: Wire, connect: Connect, count: int, lists: int
) -> None:
    """Few tables are asked for by name, more of them by one list; none is written again."""
    tables = [table(f"t{number}") for number in range(count)]
    connect().write(tables)
    for call in wire.sent("PUT", "tables(/bulk)?"):
        for row in call.body if isinstance(call.body, list) else [call.body]:
            wire.put("tables", f"{SCHEMA}.{row['name']}", **row)
    wire.calls.clear()
    store = connect()
    assert outcomes(store, *tables) == ["unchanged"] * count
    assert outcomes(store, *tables) == ["unchanged"] * count
    assert changing(wire) == []
    assert len(wire.sent("GET", "tables")) == lists
    if lists:
        assert len(reads(wire)) == lists


def test_a_large_place_is_listed_once_enough_was_asked_for(wire: Wire, store: OpenMetadata) -> None:
    """A run that writes a few tables of a schema with thousands does not list them all."""

    def page(call: Call) -> httpx.Response:
        is_last = call.query.get("after") == "9"  # the others were deleted meanwhile
        paging = {"total": 0} if is_last else {"total": 9000, "after": "9"}
        return httpx.Response(200, json={"data": [], "paging": paging})

    wire.judge("GET", "^tables$", page)
    for number in range(12):
        store.write([table(f"t{number}", sourceHash=f"h{number}")])
    assert [call.query.get("after") for call in wire.sent("GET", "tables")] == [None, None, "9"]
    assert len([path for path in reads(wire) if "/name/" in path]) == 8


def test_a_place_is_listed_once_for_all_workers(wire: Wire, store: OpenMetadata) -> None:
    """Threads that need one schema at the same time share its list."""
    together = threading.Barrier(4)

    def write(number: int) -> None:
        together.wait(10)
        store.write([table(f"t{number}-{count}") for count in range(3)])

    _ = store.features
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(wire.sent("GET", "tables")) == 1


def test_a_server_without_a_list_is_asked_for_each(
    wire: Wire, store: OpenMetadata, refused: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Where a list is refused, each entity is looked up by its name: nothing is overwritten."""
    wire.judge("GET", "^tables$", lambda call: refused(400, "no lists today"))
    stored(wire, table("t1"), sourceHash=OTHER, description="theirs")
    changed = table("t1", description="ours", sourceUrl="http://x")
    assert outcomes(store, changed, table("t2"), table("t3"))[1:] == [*("written", "written")]
    (call,) = wire.sent("PUT", "tables/bulk")
    (row,) = (row for row in call.body if row["name"] == "t1")
    assert row["description"] == "theirs"
    assert "looked up by its name" in caplog.text


def test_a_changed_table_is_completed(wire: Wire, store: OpenMetadata) -> None:
    """What the source does not say of a changed table goes back as it is; its hash is the new."""
    owner = {"id": wire.put("users", "ann")["id"], "type": "user"}
    inherited = {"id": "2", "type": "domain", "fullyQualifiedName": "above", "inherited": True}
    constraint = {"constraintType": "UNIQUE", "columns": ["c"]}
    stored(
        wire,
        table("t1"),
        sourceHash=OTHER,
        owners=[owner],
        domains=[inherited],
        tableConstraints=[constraint],
    )
    store.write([table("t1", sourceUrl="http://x")])
    (call,) = wire.sent("PUT", "tables")
    assert call.body["owners"] == [owner]
    assert call.body["tableConstraints"] == [constraint]
    assert "domains" not in call.body
    assert call.body["sourceUrl"] == "http://x"
    assert call.body["sourceHash"] not in (None, OTHER)


def test_an_entity_of_another_tool_is_not_written_for_its_hash(
    wire: Wire, store: OpenMetadata
) -> None:
    """A table without a fingerprint that has all that the source says stays as it is."""
    stored(wire, table("t1"), description="theirs")
    assert outcomes(store, table("t1", description="ours")) == ["unchanged"]
    assert changing(wire) == []


def test_a_deleted_table_comes_back(wire: Wire, store: OpenMetadata) -> None:
    """A table that is marked as deleted is written, whatever its fingerprint."""
    store.write([table("t1")])
    fingerprint = wire.sent("PUT", "tables")[0].body["sourceHash"]
    store.delete(Table, f"{SCHEMA}.t1")
    stored(wire, table("t1"), sourceHash=fingerprint, deleted=True)
    store.write([table("t1")])
    assert len(wire.sent("PUT", "tables")) == 2


@pytest.mark.parametrize(("above", "is_sent"), [("P1D", False), ("P9D", True)])
def test_an_inherited_retention_is_not_made_the_tables_own(
    wire: Wire, store: OpenMetadata, above: str, is_sent: bool
) -> None:
    """A retention that the schema has too is left out of what completes a table."""
    wire.put("databaseSchemas", SCHEMA, retentionPeriod=above)
    stored(wire, table("t1"), sourceHash=OTHER, retentionPeriod="P1D")
    store.write([table("t1", sourceUrl="http://x")])
    assert ("retentionPeriod" in wire.sent("PUT", "tables")[0].body) is is_sent


def test_custom_properties_are_patched_first(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """Keys that are missing are patched before the PUT: a failure leaves the old fingerprint."""
    found = stored(wire, table("t1"), sourceHash=OTHER, extension={"theirs": 1, "both": 2})
    record = table("t1", extension={"both": 3, "a/b": 4}, sourceUrl="http://x")
    wire.on("PATCH", "tables", refused(400, "Unknown custom field a/b"))
    (result,) = store.write([record])
    assert (result.outcome, changing(wire)) == (Outcome.FAILED, [f"PATCH tables/{found['id']}"])
    assert "Unknown custom field" in result.reason
    store.write([record])
    assert changing(wire)[1:] == [f"PATCH tables/{found['id']}", "PUT tables"]
    assert wire.sent("PATCH", ".*")[1].body == [
        {"op": "add", "path": "/extension/a~1b", "value": 4}
    ]


@pytest.mark.parametrize(
    ("version", "override", "field"),
    [
        ("2.0.7", False, "extension"),
        ("2.0.7", True, "domains"),
        ("1.12.0", True, "domains"),
        ("1.6.0", True, "domains"),
        ("1.6.0", True, "description"),
    ],
)
def test_what_was_patched_needs_no_put(
    wire: Wire, connect: Connect, version: str, override: bool, field: str
) -> None:
    """Where all that differs goes by a patch, that is the only write, and says the fingerprint."""
    wire.judge("GET", "version", lambda call: httpx.Response(200, json={"version": version}))
    shown = {name: {"type": "domain", **wire.put("domains", name)} for name in ("ours", "theirs")}
    values = {"extension": {"a": 1}, "domains": ["ours"], "description": "ours"}
    has_one = version == "1.6.0"
    there = {
        "extension": {},
        "domain" if has_one else "domains": shown["theirs"] if has_one else [shown["theirs"]],
        "description": "theirs",
    }
    record = table("t1", **{field: values[field]})
    found = stored(wire, record, sourceHash=OTHER, **there)
    store = connect(override_metadata=override)
    assert outcomes(store, record) == ["updated"]
    assert changing(wire) == [f"PATCH tables/{found['id']}"]
    name = "domain" if has_one and field == "domains" else field
    (call,) = wire.sent("PATCH", ".*")
    written = {operation["path"].split("/")[1]: operation["value"] for operation in call.body}
    assert set(written) == {name, "sourceHash"}
    assert written["sourceHash"] == store.hash_of(Parcel.of(record))
    assert outcomes(connect(override_metadata=override), record) == ["unchanged"]


@pytest.mark.parametrize("is_there", [False, True])
def test_a_data_model_is_put_where_servers_store_it(
    wire: Wire, store: OpenMetadata, refused: Any, is_there: bool
) -> None:
    """The `dataModel` of a table has a path of its own; without it the record fails."""
    model = {"modelType": "DBT", "sql": "select 1"}
    record = table("t1", dataModel=model)

    def put(call: Call) -> None:
        stored(wire, table("t1"), sourceHash=call.body["sourceHash"])

    def put_model(call: Call) -> None:
        wire.entities[f"tables/name/{SCHEMA}.t1"]["dataModel"] = {**call.body, "generatedAt": 1}

    if is_there:
        stored(wire, table("t1"), sourceHash=OTHER)
    wire.on("PUT", "dataModel", refused(400, "no model"))
    wire.judge("PUT", "^tables$", put)
    wire.judge("PUT", "dataModel", put_model)
    (result,) = store.write([record])
    assert result.reason == "dataModel is not stored: no model (400)"
    assert outcomes(store, record) != ["failed"]
    assert wire.sent("PUT", "tables/.*/dataModel")[-1].body == model
    count = len(changing(wire))
    assert outcomes(store, record) == ["unchanged"]
    assert len(changing(wire)) == count


def test_a_chart_goes_with_the_dashboards_that_it_is_in(wire: Wire, store: OpenMetadata) -> None:
    """A changed chart stays in its dashboards, also in those of people."""
    inside = {"id": "1", "type": "dashboard", "fullyQualifiedName": "b.theirs"}
    wire.put("charts", "b.c", sourceHash=OTHER, chartType="Line", dashboards=[inside])
    store.write([CreateChartRequest(name="c", service="b", chartType="Area")])
    (call,) = wire.sent("PUT", "charts")
    assert (call.body["dashboards"], call.body["chartType"]) == (["b.theirs"], "Area")


def test_a_user_is_patched_with_what_is_new(wire: Wire, store: OpenMetadata) -> None:
    """Rights, password, roles and teams of a user stay; a team is added to the others."""
    role, team = {"id": "r", "type": "role"}, {"id": wire.put("teams", "old")["id"], "type": "team"}
    wire.put("teams", "new")
    user = wire.put(
        "users", "ann", email="ann@x.org", isAdmin=True, roles=[role], teams=[team], version=0.4
    )
    ours = CreateUserRequest(name="ann", email="ann@x.org", isAdmin=False, displayName="Ann")
    assert outcomes(store, ours) == ["updated"]
    assert outcomes(store, ours) == ["unchanged"]
    (call,) = wire.sent("PATCH", ".*")
    assert call.path == f"users/{user['id']}"
    assert call.headers["If-Match"] == 'W/"0.4"'
    assert call.body == [{"op": "add", "path": "/displayName", "value": "Ann"}]
    more = ours.model_copy(update={"teams": [str(wire.entities["teams/name/new"]["id"])]})
    assert outcomes(store, more) == ["updated"]
    assert user["teams"][0] == team
    assert len(user["teams"]) == 2
    assert wire.sent("PUT", ".*") == []


def test_relations_are_added_to_those_that_are_there(wire: Wire, store: OpenMetadata) -> None:
    """Patches of both ends of a relation add up, in the form in which the server shows it."""
    for name in ("a", "b", "c"):
        wire.put("glossaryTerms", f"g.{name}", description="d", version=0.1, relatedTerms=[])
    first, second, third = (wire.entities[f"glossaryTerms/name/g.{name}"] for name in "abc")
    there = {"id": second["id"], "type": "glossaryTerm", "fullyQualifiedName": "g.b"}
    first["relatedTerms"] = [there]
    term = CreateGlossaryTermRequest(
        name="a", glossary="g", description="d", relatedTerms=["g.b", "g.c"]
    )
    store.write([term])
    (call,) = wire.sent("PATCH", ".*")
    (operation,) = call.body
    assert operation["path"] == "/relatedTerms/-"
    assert operation["value"]["id"] == third["id"]


def test_who_changes_an_entity_meanwhile_wins(
    wire: Wire, store: OpenMetadata, refused: Any
) -> None:
    """If the version is another one by now (412), the entity is read and compared again."""
    user = wire.put("users", "ann", email="ann@x.org", version=0.1)

    def change(call: Call) -> httpx.Response | None:
        if user["version"] == 0.1:
            user.update(version=0.2, displayName="theirs")
            return refused(412, "The entity has been modified")
        return None

    wire.judge("PATCH", "users", change)
    ours = CreateUserRequest(name="ann", email="ann@x.org", displayName="Ann", timezone="UTC")
    assert outcomes(store, ours) == ["updated"]
    last = wire.sent("PATCH", ".*")[-1]
    assert last.headers["If-Match"] == 'W/"0.2"'
    assert [operation["path"] for operation in last.body] == ["/timezone"]
    assert user["displayName"] == "theirs"


def test_a_patch_whose_answer_is_lost_is_looked_for(wire: Wire, connect: Connect) -> None:
    """An older server has no entity tags: what was done is not done again."""
    wire.judge("GET", "version", lambda call: httpx.Response(200, json={"version": "1.6.0"}))
    user = wire.put("users", "ann", email="ann@x.org", version=0.1)

    def lose(call: Call) -> Exception:
        user["displayName"] = "Ann"
        return httpx.ReadError("cut")

    wire.judge("PATCH", "users", lose)
    ours = CreateUserRequest(name="ann", email="ann@x.org", displayName="Ann")
    connect().write([ours])
    (call,) = wire.sent("PATCH", ".*")
    assert "If-Match" not in call.headers


def test_what_a_patch_did_not_store_is_told(wire: Wire, store: OpenMetadata) -> None:
    """A server that answers to a patch with an entity without it has not done it."""
    user = wire.put("users", "ann", email="ann@x.org", version=0.1)
    wire.judge("PATCH", "users", lambda call: httpx.Response(200, json=user))
    (result,) = store.write(
        [CreateUserRequest(name="ann", email="ann@x.org", displayName="Ann", timezone="UTC")]
    )
    assert result.outcome is Outcome.FAILED
    assert result.reason == "the server does not have what was patched: displayName, timezone"


def test_a_deleted_team_is_restored_and_patched(wire: Wire, store: OpenMetadata) -> None:
    """An entity without a fingerprint comes back by a restore: no PUT empties it."""
    team = wire.put("teams", "t", teamType="Group", deleted=True, version=0.2, users=[])

    def restore(call: Call) -> None:
        team["deleted"] = False

    wire.judge("PUT", "teams/restore", restore)
    assert outcomes(store, CreateTeamRequest(name="t", teamType="Group", description="d")) == [
        "updated"
    ]
    assert changing(wire) == ["PUT teams/restore", f"PATCH teams/{team['id']}"]


def test_many_entities_without_a_fingerprint_are_compared_by_pages(
    wire: Wire, store: OpenMetadata
) -> None:
    """Queries and tags that are there are read in pages of their place, with all fields."""
    for number in range(30):
        wire.put("tags", f"k.t{number}", description="d")
        wire.put("queries", f"s.q{number}", query=f"select {number}")
    tags = [CreateTagRequest(name=f"t{n}", classification="k", description="d") for n in range(30)]
    queries = [
        CreateQueryRequest(name=f"q{n}", service="s", query=f"select {n}") for n in range(30)
    ]
    assert outcomes(store, *tags, *queries) == ["unchanged"] * 60
    assert sorted(reads(wire)) == ["queries", "tags"]
    assert {call.query["limit"] for call in wire.calls if "limit" in call.query} == {"100"}


def test_what_was_deleted_by_this_run_is_asked_for_again(wire: Wire, store: OpenMetadata) -> None:
    """After a deletion nothing that was known counts."""
    database = CreateDatabaseRequest(name="d", service="s")
    assert outcomes(store, database) == ["created"]
    assert outcomes(store, database) == ["unchanged"]
    wire.put("databases", "s.d")
    store.delete(Database, "s.d")
    del wire.entities["databases/name/s.d"]
    assert outcomes(store, database) == ["created"]


@pytest.mark.parametrize("entity_type", ["user", "team", "metric"])
def test_an_override_patches_what_differs(
    wire: Wire, connect: Connect, make: Callable[..., Any], entity_type: str
) -> None:
    """With overrideMetadata what the source says replaces what people have set, and no more."""
    kind, request = KINDS[entity_type], make(entity_type, description="ours")
    body = request.model_dump(mode="json", exclude_none=True)
    more = {**body, "description": "theirs", "displayName": "theirs", "version": 0.1}
    more.pop("name")
    wire.put(kind.collection, entity_type, **more)
    assert outcomes(connect(override_metadata=True), request) == ["updated"]
    (call,) = wire.sent("PATCH", ".*")
    assert call.body == [{"op": "add", "path": "/description", "value": "ours"}]


@pytest.mark.parametrize(
    ("version", "field", "method"),
    [
        ("1.13.0", "description", "PATCH"),
        ("2.0.7", "description", "PUT"),
        ("2.0.7", "displayName", "PATCH"),
    ],
)
def test_an_override_patches_the_columns_that_a_put_keeps(
    wire: Wire, connect: Connect, version: str, field: str, method: str
) -> None:
    """With overrideMetadata a text of a column goes the way on which the server takes it."""
    wire.judge("GET", "version", lambda call: httpx.Response(200, json={"version": version}))
    column = {"name": "a", "dataType": "INT", "ordinalPosition": 1}
    record = table("t", columns=[{**column, field: "ours"}])
    stored(wire, record, columns=[{**column, field: "theirs"}])

    store = connect(override_metadata=True)

    assert outcomes(store, record) == ["updated"]
    (call,) = changing(wire)
    assert call.startswith(method)


def test_an_owner_is_added_where_there_is_none(wire: Wire, store: OpenMetadata) -> None:
    """Owners that are there stay; where there are none, those of the source are set by their id."""
    ann = wire.put("users", "ann")
    wire.put("teams", "owned", teamType="Group", owners=[{"id": "1", "type": "user"}])
    wire.put("teams", "free", teamType="Group", owners=[])
    owners = [EntityReference(type="user", fullyQualifiedName="ann")]
    requests = [
        CreateTeamRequest(name=name, teamType="Group", owners=owners) for name in ("owned", "free")
    ]
    assert outcomes(store, *requests) == ["unchanged", "updated"]
    (call,) = wire.sent("PATCH", ".*")
    assert call.path.endswith(wire.entities["teams/name/free"]["id"])
    assert [owner["id"] for owner in wire.entities["teams/name/free"]["owners"]] == [ann["id"]]


def test_a_first_run_reads_nothing_more_for_its_links(wire: Wire, store: OpenMetadata) -> None:
    """Rows that name what this run has created are not read if the run has created them, too."""
    records = [
        CreateDashboardServiceRequest(name="b", serviceType="CustomDashboard"),
        *(CreateChartRequest(name=f"c{number}", service="b") for number in range(3)),
        CreateDashboardRequest(name="d", service="b", charts=["b.c0", "b.c1"]),
    ]
    store.write(records)
    wire.calls.clear()
    store.write(records[1:])
    assert wire.calls == []


def test_only_rows_that_name_what_was_created_are_read(wire: Wire, store: OpenMetadata) -> None:
    """Of dashboards that are there unchanged, the one with a new chart is read and patched.

    Of what else a person has removed nothing comes back.
    """
    removed = TagLabel(tagFQN="k.t", source="Classification", labelType="Manual", state="Confirmed")
    dashboards = [
        CreateDashboardRequest(
            name=f"d{number}", service="b", charts=[f"b.c{number}"], tags=[removed]
        )
        for number in range(9)
    ]
    for number, made in enumerate(dashboards):
        link = {"type": "chart", "fullyQualifiedName": f"b.c{number}"}
        charts = [{**link, "id": wire.put("charts", f"b.c{number}")["id"]}] if number else []
        fingerprint = store.hash_of(Parcel.of(made))
        wire.put("dashboards", f"b.d{number}", charts=charts, sourceHash=fingerprint)
    wire.judge("PUT", "^charts$", lambda call: wire.put("charts", "b.c0") and None)
    assert outcomes(store, CreateChartRequest(name="c0", service="b")) == ["created"]
    wire.calls.clear()
    assert outcomes(store, *dashboards) == ["updated", *["unchanged"] * 8]
    assert sorted(reads(wire)) == [
        *("charts/name/b.c0", "dashboards", "dashboards/name/b.d0", "dashboards/name/b.d0")
    ]
    (call,) = wire.sent("PATCH", ".*")
    assert [operation["path"] for operation in call.body] == ["/charts/-"]


def test_a_reference_that_is_shown_as_deleted_is_not_put(wire: Wire, store: OpenMetadata) -> None:
    """A dashboard that shows a deleted chart is patched, so that the chart stays in it."""
    gone = {"id": "1", "type": "chart", "fullyQualifiedName": "b.gone", "deleted": True}
    found = wire.put("dashboards", "b.d", sourceHash=OTHER, charts=[gone], version=0.1)
    changed = CreateDashboardRequest(name="d", service="b", sourceUrl="http://x.example")
    assert outcomes(store, changed) == ["updated"]
    assert changing(wire) == [f"PATCH dashboards/{found['id']}"]
    assert found["charts"] == [gone]


def test_a_refusal_of_what_the_source_says_is_told(
    wire: Wire, store: OpenMetadata, refused: Any
) -> None:
    """A changed row that is refused twice, as a whole and as a patch, fails with the reason."""
    stored(wire, table("t1"), sourceHash=OTHER)
    wire.on("PUT", "tables", refused(400, "the URL is too long"))
    wire.on("PATCH", "tables", refused(400, "the URL is too long"))
    (result,) = store.write([table("t1", sourceUrl="http://x")])
    assert (result.outcome, result.reason) == (Outcome.FAILED, "the URL is too long (400)")


@pytest.mark.parametrize("change_count", [1, 4])
def test_a_patch_before_a_put_is_tried_again(
    wire: Wire, store: OpenMetadata, refused: Any, change_count: int
) -> None:
    """Custom properties of a table that others change meanwhile: it is read and compared again."""
    found = stored(wire, table("t1"), sourceHash=OTHER)
    numbers = iter(range(change_count))

    def change(call: Call) -> httpx.Response | None:
        if next(numbers, None) is None:
            return None
        found.update(version=found["version"] + 0.1, displayName="theirs")
        return refused(412, "The entity has been modified")

    wire.judge("PATCH", "tables", change)
    (result,) = store.write([table("t1", extension={"a": 1}, sourceUrl="http://x")])
    if change_count == 1:
        assert wire.sent("PUT", "tables")[0].body["displayName"] == "theirs"
    else:
        told = "extension cannot be changed: somebody else changes it at the same time"
        assert (result.outcome, result.reason) == (Outcome.FAILED, told)
        assert wire.sent("PUT", "tables") == []


def test_who_always_loses_against_others_is_told(
    wire: Wire, store: OpenMetadata, refused: Any
) -> None:
    """An entity that has another version at each attempt fails, with that as the reason."""
    wire.put("users", "ann", email="ann@x.org", version=0.1)
    wire.judge("PATCH", "users", lambda call: refused(412, "The entity has been modified"))
    (result,) = store.write([CreateUserRequest(name="ann", email="ann@x.org", displayName="A")])
    assert result.reason == "somebody else changes it at the same time"


def test_an_old_server_has_the_first_domain(wire: Wire, connect: Connect) -> None:
    """Where an entity has one domain, the others that a record says are left out.

    The first is the one that is there: an overriding run has nothing to write.
    """
    wire.judge("GET", "version", lambda call: httpx.Response(200, json={"version": "1.6.0"}))
    shown = {"id": wire.put("domains", "a")["id"], "type": "domain", "fullyQualifiedName": "a"}
    wire.put("glossaries", "g", description="d", domain=shown)
    said = [CreateGlossaryRequest(name="g", description="d", domains=["a", "b"])]
    store = connect(override_metadata=True)
    assert outcomes(store, *said) == ["unchanged"]
    assert outcomes(store, *said) == ["unchanged"]


def test_what_the_source_itself_misses_is_not_patched(
    wire: Wire, store: OpenMetadata, refused: Any
) -> None:
    """A changed dashboard with a chart that comes later is refused once, and names the chart."""
    wire.put("dashboards", "b.d", sourceHash=OTHER)
    wire.on("PUT", "dashboards", refused(404, "chart instance for b.later not found"))
    (result,) = store.write([CreateDashboardRequest(name="d", service="b", charts=["b.later"])])
    assert result.missing == ("chart", "b.later")
    assert changing(wire) == ["PUT dashboards"]
    assert reads(wire) == ["dashboards/name/b.d"]
