"""The client of a connector, on the embedded catalog and on a server over REST."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from om_ingest import REST, MetadataStore, SourceStatus, WorkflowContext
from om_ingest.errors import PluginFaultError
from om_ingest.model import CreateTableRequest, CreateUserRequest, Table as CoreTable
from om_ingest.sinks.spool import Spool
from om_ingest.source import Note
from om_ingest_catalog import Catalog
from om_ingest_catalog_server import Application, ServerSettings, Stores
from om_ingest_compat.client import OpenMetadata
from om_ingest_compat.client.rest_errors import APIError
from om_ingest_compat.client.texts import quote
from om_ingest_compat.imitations import IMITATIONS
from om_ingest_compat.models import model, parts
from om_ingest_compat.running import LOCK, Running, running
from pydantic import BaseModel

from in_process import InProcess
from tests.selection import few

Table, Database, DatabaseService = map(model, ("Table", "Database", "DatabaseService"))
Include: Any = vars(parts)["Include"]
SERVICE = "my.svc"
SCHEMA = '"my.svc"."a.b".p'
BLOCK = {
    "type": "customDatabase",
    "serviceName": SERVICE,
    "serviceConnection": {
        "config": {
            "type": "CustomDatabase",
            "sourcePythonClass": "my_connector.source.MySource",
            "connectionOptions": {"password": "swordfish", "url": "db://joe:pike@host/x"},
        }
    },
}


class OtherTable(BaseModel, extra="forbid"):
    """A table of another framework, which refuses the fields that it does not know."""

    id: str
    name: str


OtherTable.__name__ = "Table"


STORES = ("catalog", "lines", "server")
on_a_server = pytest.mark.parametrize("store", STORES, indirect=True)
"""A test whose case with a server runs every time."""


@pytest.fixture(params=few(STORES, 2))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MetadataStore]:
    """The catalog itself, a server in front of it, or lines that are read back from one."""
    path = tmp_path / "catalog.db"
    if request.param != "server":
        made = (
            Spool.temporary(partial(Catalog, path)) if request.param == "lines" else Catalog(path)
        )
        with made as store:
            yield store
        return
    settings = ServerSettings(path)
    with Stores(settings.catalog) as stores:
        wire = InProcess(Application(settings, stores))
        with REST({"hostPort": "http://server/api"}, wire=wire) as server:
            yield server


@pytest.fixture
def run(store: MetadataStore) -> Iterator[Running]:
    """A run into the store."""
    made = Running(WorkflowContext(store, SERVICE), SourceStatus(), BLOCK, {})
    with running(made):
        yield made


@pytest.fixture
def client(run: Running) -> OpenMetadata:
    """The client in a run whose service, database, schema and table have been written."""
    client = OpenMetadata()
    workflow = SimpleNamespace(serviceName=SERVICE, serviceConnection=None)
    client.get_service_or_create(entity=DatabaseService, config=workflow)
    client.create_or_update(model("CreateDatabaseRequest")(name="a.b", service='"my.svc"'))
    schema = model("CreateDatabaseSchemaRequest")(name="p", database='"my.svc"."a.b"')
    client.create_or_update(data=schema)
    columns = [{"name": "id", "dataType": "INT"}, {"name": "at", "dataType": "DATE"}]
    table = CreateTableRequest(name="orders.old", databaseSchema=SCHEMA, columns=columns)
    client.create_or_update(request=table)
    return client


def the_table(client: OpenMetadata) -> Any:
    """The table of the fixture."""
    return client.get_by_name(entity=Table, fqn=f'{SCHEMA}."orders.old"', nullable=False)


def test_entities_are_of_the_class_that_was_asked_for(client: OpenMetadata) -> None:
    """Spelled for a connector's class, plain for one of core, by its fields for any other."""
    spelled = the_table(client)
    assert type(spelled) is Table
    assert spelled.name.root == spelled.name.__root__ == spelled.name.value == "orders.old"
    assert spelled.fullyQualifiedName.root == f'{SCHEMA}."orders.old"'
    assert spelled.columns[0].name.root == "id"
    plain = client.get_by_id(CoreTable, spelled.id)
    assert isinstance(plain, CoreTable)
    assert not isinstance(plain, Table)
    other = client.get_by_name(OtherTable, spelled.fullyQualifiedName)
    assert other == OtherTable(id=str(spelled.id), name="orders.old")


def test_names_with_dots_need_no_quotes(client: OpenMetadata) -> None:
    """An FQN that a connector has joined with dots finds its entity, with quotes or without."""
    meant = f'{SCHEMA}."orders.old"'
    bare = ("my.svc.a.b.p.orders.old", '"my.svc".a.b.p.orders.old', 'my.svc."a.b".p.orders.old')
    for fqn in (meant, *bare):
        assert client.get_by_name(Table, fqn).name == "orders.old"
        assert client.get_entity_reference(Table, fqn).fullyQualifiedName == meant


def test_what_is_not_there(client: OpenMetadata, run: Running) -> None:
    """It is None, an `APIError` with code 404 if the caller wants one, and a note for no kind."""
    assert client.get_by_name(Table, "my.svc.a.b.p.other") is None
    assert client.get_by_name(Table, "a..b") is None
    assert client.get_by_name(DatabaseService, "my.svc").fullyQualifiedName == '"my.svc"'
    assert client.get_by_id(Table, "2e6c1eee-d91d-5021-af6d-65ead4a80e91") is None
    with pytest.raises(APIError, match=r"table instance for a\.b not found") as caught:
        client.get_by_name(Table, "a.b", nullable=False)
    assert caught.value.code == caught.value.status_code == 404
    IMITATIONS.clear()
    assert client.get_by_name(SimpleNamespace, "x") is None
    assert [used.name for used in IMITATIONS] == ["SimpleNamespace"]


def test_the_service_of_a_workflow(client: OpenMetadata, store: MetadataStore) -> None:
    """It is made of the source block; what is secret in its connection is masked."""
    workflow = SimpleNamespace(serviceName=SERVICE, serviceConnection=None)
    request = client.get_create_service_from_source(entity=DatabaseService, config=workflow)
    assert request.serviceType == "CustomDatabase"
    options = request.connection.config.connectionOptions.root
    assert options == {"password": "*********", "url": "db://joe:*********@host/x"}
    found = client.get_service_or_create(entity=DatabaseService, config=workflow)
    assert found.version == 0.1, "it was there"
    client.config = SimpleNamespace(storeServiceConnection=False)
    request = client.get_create_service_from_source(DatabaseService, {"serviceName": "bare"})
    assert request.connection is None


@on_a_server
def test_lists(client: OpenMetadata) -> None:
    """All at once or in pages; a filter of the REST API keeps what lies in something."""
    for name in ("a", "b", "c"):
        client.create_or_update(CreateTableRequest(name=name, databaseSchema=SCHEMA, columns=[]))
    names = [table.name.root for table in client.list_all_entities(entity=Table)]
    assert names == ["orders.old", "a", "b", "c"]
    page = client.list_entities(Table, limit=3, params={"database": '"my.svc"."a.b"'})
    assert (len(page.entities), page.total) == (3, 4)
    last = client.list_entities(Table, limit=3, after=page.after)
    assert [table.name.root for table in last.entities] == ["c"]
    assert (last.total, last.after) == (4, None)
    again = client.list_entities(Table, limit=3, after=page.after)
    assert again == last, "a cursor may be used twice"
    for database, count in (("my.svc.a.b", 4), ("my.svc.other", 0), ("other.db", 0)):
        found = client.list_all_entities(Table, params={"database": database})
        assert sum(1 for _ in found) == count
    for service, count in ((SERVICE, 4), ("other", 0)):
        assert len(client.list_entities(Table, params={"service": service}).entities) == count
    assert next(client.list_all_entities(Table, params={"tag": "x"})).name == "orders.old"
    assert [used.name for used in IMITATIONS] == ["table?tag"]
    for options in ({"after": "garbage"}, {"limit": -1}):
        with pytest.raises(APIError, match="Not a page of a list") as caught:
            client.list_entities(Table, **options)
        assert caught.value.code == 400
    hits = client.es_search_from_fqn(Table, "*.*.P.a")
    assert hits is not None
    assert [table.name.root for table in hits] == ["a"]
    assert client.es_search_from_fqn(Table, "*.*.*.z") is None
    client.create_or_update(CreateTableRequest(name="z", databaseSchema=SCHEMA, columns=[]))
    hits = client.es_search_from_fqn(Table, "*.*.*.z")
    assert hits is not None, "a search that was remembered is made anew"
    client.delete(Table, hits[0].id)
    assert client.es_search_from_fqn(Table, "*.*.*.z") is None


def test_deleting_and_restoring(client: OpenMetadata) -> None:
    """A deleted entity is not found, until it is restored."""
    table = the_table(client)
    with pytest.raises(APIError, match="exists already"):
        client.create(CreateTableRequest(name="orders.old", databaseSchema=SCHEMA, columns=[]))
    with pytest.raises(APIError, match=r"not empty|live"):
        client.delete(Database, client.get_by_name(Database, "my.svc.a.b").id)
    client.delete(entity=Table, entity_id=table.id)
    assert client.get_by_name(Table, table.fullyQualifiedName) is None
    for include in (Include.deleted, "all"):
        for found in (
            client.get_by_name(Table, table.fullyQualifiedName, include=include),
            client.get_by_id(Table, table.id, include=include),
        ):
            assert found.deleted is True
    assert client.get_by_name(Table, table.fullyQualifiedName, include=Include.non_deleted) is None
    assert client.get_by_id(Table, table.id) is None
    assert client.restore(Table, table.id).deleted is False
    assert client.get_by_id(Table, table.id, include=Include.deleted) is None
    client.delete(Table, table.id, hard_delete=True)
    with pytest.raises(APIError, match="nothing to restore"):
        client.restore(Table, table.id)


@on_a_server
def test_patches(client: OpenMetadata, run: Running, store: MetadataStore) -> None:
    """Descriptions, labels and owners are set where there are none, or changed by force."""
    table = the_table(client)
    client.create_or_update(model("CreateClassificationRequest")(name="PII", description="-"))
    tag = model("CreateTagRequest")(name="Sensitive", classification="PII", description="-")
    client.create_or_update(tag)
    label = model("TagLabel")(tagFQN="PII.Sensitive")
    joe = client.create_or_update(model("CreateUserRequest")(name="joe", email="joe@ex.am"))

    assert client.patch_description(Table, table, "first").description.root == "first"
    assert client.patch_description(Table, table, "second") is None
    assert client.patch_description(Table, table, "third", force=True).description == "third"
    client.patch_tags(Table, table, [label])
    client.patch_owner(Table, table, owners=client.get_reference_by_email("JOE@ex.am"))
    column = f"{table.fullyQualifiedName.root}.ID"
    client.patch_column_description(table, column, "the number")
    client.patch_column_tags(table, [SimpleNamespace(column_fqn=column, tag_label=label)])
    now = the_table(client)
    assert [tag.tagFQN.root for tag in now.tags] == ["PII.Sensitive"]
    assert [owner.id for owner in now.owners.root] == [joe.id]
    assert now.columns[0].description == "the number"
    assert [tag.tagFQN.root for tag in now.columns[0].tags] == ["PII.Sensitive"]
    assert now.columns[1].description is None

    after = now.model_copy(deep=True)
    after.displayName, after.description = "Orders", "never mind"
    changed = client.patch(Table, now, after, restrict_update_fields=["description"])
    assert (changed.displayName, changed.description) == ("Orders", "third")
    assert client.patch(Table, changed, changed) is None
    assert client.patch_tags(Table, table, [label], operation="remove").tags == []
    assert run.status.failure_count == 0
    fqn, told = table.fullyQualifiedName, "a change of it was made that this sink does not write"
    assert {*run.status.warnings} == ({Note(fqn, told)} if isinstance(store, Spool) else set())
    wrong = changed.model_copy(deep=True)
    wrong.columns.append(wrong.columns[0])
    assert client.patch(Table, changed, wrong) is None
    assert run.status.failures[0].reason.startswith("a change was refused: ")


def test_attachments(client: OpenMetadata, run: Running) -> None:
    """Samples, profiles, usage and queries are written; what is refused is a failure."""
    table = the_table(client)
    rows = model("TableData")(columns=["id"], rows=[[1], [2]])
    assert client.ingest_table_sample_data(table=table, sample_data=rows) == rows
    time = 1_700_000_000_000
    profile = {"tableProfile": {"timestamp": time, "rowCount": 2}}
    client.ingest_profile_data(table, profile)
    client.publish_table_usage(table, {"date": "2024-01-01", "count": 3})
    query = model("CreateQueryRequest")(query="SELECT 1", service='"my.svc"')
    unused = model("CreateQueryRequest")(query="-", service='"my.svc"', exclude_usage=True)
    client.ingest_entity_queries_data(table, [query, unused])
    found = client.get_entity_queries(table.id)
    assert found is not None
    assert [one.query.root for one in found] == ["SELECT 1"]
    assert client.get_property_type_ref(SimpleNamespace(value="string")).name == "string"
    assert client.create_or_update_custom_property(None) == {}
    client.patch_custom_properties(Table, table.id, {"team": "blue"})
    assert the_table(client).extension.root == {"team": "blue"}
    assert run.status.failure_count == 0
    assert client.ingest_table_sample_data(table, {"columns": ["no"], "rows": [[1]]}) is None
    assert run.status.failures[0].reason.startswith("its sample data was refused: ")
    with pytest.raises(APIError):
        client.add_pipeline_status(fqn="my.svc.none", status={"timestamp": time} | DONE)


DONE = {"executionStatus": "Successful"}


@on_a_server
def test_lineage(client: OpenMetadata) -> None:
    """Edges are given by id or FQN; the columns of one that is there are kept if wanted."""
    new = {"name": "new", "databaseSchema": SCHEMA, "columns": [{"name": "id", "dataType": "INT"}]}
    target = client.create_or_update(CreateTableRequest.model_validate(new))
    source = the_table(client)
    columns = [{"fromColumns": [f"{source.fullyQualifiedName}.id"], "toColumn": f"{SCHEMA}.new.id"}]
    ends = {
        "fromEntity": {"id": str(source.id), "type": "table"},
        "toEntity": {"type": "table", "fullyQualifiedName": f"{SCHEMA}.new"},
    }
    edge = {**ends, "lineageDetails": {"columnsLineage": columns}}
    assert client.add_lineage({"edge": edge})["entity"]["name"] == "orders.old"
    again = client.create_or_update(model("AddLineageRequest")(edge=edge))
    assert again["entity"]["name"] == "orders.old"
    with pytest.raises(APIError, match="Not a create request: NoneType"):
        client.create_or_update()
    client.add_lineage(data={"edge": {**ends, "lineageDetails": {}}}, check_patch=True)
    graph = client.get_lineage_by_name(entity=Table, fqn=f"{SCHEMA}.new")
    assert graph is not None
    (found,) = graph["upstreamEdges"]
    assert found["fromEntity"] == str(source.id)
    assert found["lineageDetails"]["columnsLineage"] == columns
    names = (f"{SCHEMA}.new", "table", source.fullyQualifiedName, "table")
    assert client.add_lineage_by_name(*names, return_lineage=False) == {}
    assert client.get_lineage_by_name("table", names[0])["downstreamEdges"]
    by_id = client.get_lineage_by_id("table", target.id, down_depth=0)
    assert by_id is not None
    assert by_id["upstreamEdges"] == graph["upstreamEdges"]
    ends["toEntity"] = {"type": "table", "fullyQualifiedName": f"{SCHEMA}.gone"}
    with pytest.raises(APIError, match="gone"):
        client.add_lineage({"edge": ends})


def test_people(client: OpenMetadata) -> None:
    """Users and teams are found by e-mail, by name and by display name."""
    request = model("CreateUserRequest")(name="joe", email="joe@ex.am", displayName="Joe Doe")
    joe = client.create_or_update(request)
    team = model("CreateTeamRequest")(name="night.shift", teamType="Department", email="n@ex.am")
    team = client.create_or_update(team)
    for found in (
        client.get_reference_by_email("joe@ex.am"),
        client.get_reference_by_name("joe"),
        client.get_reference_by_name("Joe Doe"),
    ):
        assert [(one.id, one.type) for one in found.root] == [(joe.id, "user")]
    assert client.get_user_by_email("joe@ex.am").name.root == "joe"
    asked = client.get_by_name(model("User"), "joe", fields=["teams", "roles"])
    assert (asked.teams.root, asked.roles.root, asked.domains) == ([], [], None)
    listed = client.list_all_entities(model("User"), fields=["*"])
    assert {user.domains.root == [] for user in listed} == {True}, "as servers show it"
    assert client.get_reference_by_email("n@ex.am").root[0].id == team.id
    assert client.get_reference_by_name("night.shift").root[0].type == "team"
    assert client.get_reference_by_name("night.shift", is_owner=True) is None
    assert client.get_reference_by_email("nobody@ex.am") is None
    assert client.get_reference_by_name(None) is None


class Watched(Catalog):
    """A catalog that notes which lists are read, and whether another thread could write then."""

    def list_entities(self, entity: Any, **options: Any) -> Iterator[Any]:
        """Each step of a list is noted."""
        for found in super().list_entities(entity, **options):
            with ThreadPoolExecutor(1) as other:
                is_free = other.submit(LOCK.acquire, blocking=False).result()
            self.__dict__.setdefault("steps", []).append((entity.__name__, is_free))
            yield found


def test_people_who_are_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was written is found, and everybody is read once only."""
    request = model("CreateUserRequest")
    with Watched(tmp_path / "catalog.db") as store:
        run = Running(WorkflowContext(store, SERVICE), SourceStatus(), BLOCK, {})
        for name in "ab":
            store.write([CreateUserRequest(name=name, email=f"{name}@ex.am")])
        with running(run):
            client = OpenMetadata()
            for name in ("x", "y", "z"):
                assert client.get_reference_by_email(f"{name}@ex.am") is None
                user = client.create_or_update(request(name=name, email=f"{name}@ex.am"))
                assert client.get_reference_by_email(f"{name}@ex.am").root[0].id == user.id
            client.delete(model("User"), user.id)
            assert client.get_reference_by_email("z@ex.am") is None
        assert store.__dict__["steps"] == [("User", False)] * 2, "a and b, under the lock"


@on_a_server
def test_paths(client: OpenMetadata) -> None:
    """Entities are read, written, patched and deleted at their paths, as JSON values."""
    rest, table = client.client, the_table(client)
    found = rest.get(f"/tables/{table.id.root}?fields=*")
    assert found["fullyQualifiedName"] == table.fullyQualifiedName
    assert rest.get(f"/tables/name/{quote(table.fullyQualifiedName)}")["id"] == found["id"]
    service = rest.get("/services/databaseServices", data={"limit": 1})
    assert ([one["name"] for one in service["data"]], service["paging"]) == (
        [SERVICE],
        {"total": 1},
    )
    body = {"name": "new", "databaseSchema": SCHEMA, "columns": []}
    assert rest.put("/tables", data=json.dumps(body))["version"] == 0.1
    assert rest.get("/tables?limit=1")["paging"].keys() == {"total", "after"}
    with pytest.raises(APIError, match="exists already") as caught:
        rest.post("/tables", json=body)
    assert caught.value.status_code == 409
    change = [{"op": "add", "path": "/description", "value": "new"}]
    assert rest.patch(f"/tables/{found['id']}", json.dumps(change))["description"] == "new"
    rest.delete(f"/tables/{found['id']}")
    assert rest.get(f"/tables/{found['id']}?include=deleted")["deleted"] is True
    rest.delete(f"/tables/{found['id']}?hardDelete=true&recursive=true")
    for path in (f"/tables/{found['id']}?include=all", "/tables/name/no", "/tables?limit=x"):
        with pytest.raises(APIError, match=r"not found|no number"):
            rest.get(path)
    with pytest.raises(APIError, match="databaseSchema"):
        rest.put("/tables", data="{}")


def test_a_method_that_is_missing(run: Running) -> None:
    """It says so by its name and the connector's line, and is counted and noted."""
    IMITATIONS.clear()
    client = OpenMetadata()
    assert not hasattr(client, "list_versions"), "a connector may have another way"
    assert not [*IMITATIONS]
    with pytest.raises(PluginFaultError, match=r"OpenMetadata.list_versions .*test_client.py:\d+"):
        client.list_versions("id", Table)
    with pytest.raises(PluginFaultError, match="list_versions"):
        client.list_versions("id", Table)
    with pytest.raises(NotImplementedError, match=r"OpenMetadata\.client\.get /usage/… is called"):
        client.client.get("/usage/table/1")
    assert [used.name for used in IMITATIONS] == [
        "OpenMetadata.list_versions",
        "OpenMetadata.client.get /usage/…",
    ]
    assert [note.key for note in run.status.warnings] == ["OpenMetadata.list_versions"]
    assert not hasattr(client, "get_by_nam")
    with pytest.raises(PluginFaultError, match=r"get_by_nam'.*\n +Did you mean get_by_name"):
        _ = client.get_by_nam


def test_outside_of_a_run() -> None:
    """A client may be made anywhere, and is used in a run only."""
    client = OpenMetadata({"hostPort": "http://server/api"})
    with pytest.raises(PluginFaultError, match="outside of a run"):
        client.get_by_name(Table, "a.b.c.d")
