"""Entities out of a server: by name, by id, page by page, whatever its version sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest import RecordError, ServerError
from om_ingest.kinds import KINDS
from om_ingest.model import (
    Column,
    Container,
    Database,
    DatabaseSchema,
    Domain,
    StoredProcedure,
    Table,
    Tag,
    User,
)
from om_ingest.openmetadata.reading import parsed, queries_for

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire

ID = "3f2b0f5e-1111-4222-8333-444455556666"
SERVICE = {"id": ID, "type": "databaseService"}


def document(fqn: str, **more: Any) -> dict[str, Any]:
    """A database as a server answers it."""
    name = fqn.rpartition(".")[2]
    return {"id": ID, "name": name, "fullyQualifiedName": fqn, "service": SERVICE, **more}


def test_not_there(store: OpenMetadata) -> None:
    """What a server does not have is None, by name, by id, and by something that is no id."""
    assert store.get_by_name(Database, "s.nope") is None
    assert store.get_by_id(Database, ID) is None
    assert store.get_by_id(Database, "no id") is None
    assert store.get_lineage(Database, "s.nope") is None


def test_by_name_and_id(wire: Wire, store: OpenMetadata) -> None:
    """An entity is the same by its name and by its id; relations are asked for."""
    entity = wire.put("databases", "s.d", service=SERVICE)
    found = store.get_by_name(Database, "s.d")
    assert found is not None
    assert store.get_by_id(Database, entity["id"]) == found
    assert wire.calls[-1].query["include"] == "non-deleted"
    assert "owners" in wire.calls[-1].query["fields"].split(",")
    store.get_by_name(Database, "s.d", include_deleted=True)
    assert wire.calls[-1].query["include"] == "all"


def test_users_in_lower_case(wire: Wire, store: OpenMetadata) -> None:
    """A user is found whatever the case of the login name, and if it needs quotes."""
    wire.put("users", '"ann.lee"', name="ann.lee", email="a@b.test")
    found = store.get_by_name(User, "Ann.Lee")
    assert found is not None
    assert found.name == "ann.lee"


def test_fields_that_a_server_does_not_know(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A field that the server does not know is left out, from then on (older versions)."""

    def old(call: Call) -> httpx.Response | None:
        for name in ("domains", "dataProducts"):
            if name in call.query.get("fields", "").split(","):
                return refused(400, f"Invalid field name {name}")
        return None

    wire.judge("GET", "databases/name", old)
    wire.put("databases", "s.d", service=SERVICE)
    assert store.get_by_name(Database, "s.d") is not None
    sent = len(wire.calls)
    assert store.get_by_name(Database, "s.d") is not None
    assert len(wire.calls) == sent + 1


def test_a_request_that_is_wrong(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A read that the server refuses says why."""
    wire.on("GET", "databases/name", refused(400, "Invalid fqn"))
    with pytest.raises(RecordError, match="Invalid fqn"):
        store.get_by_name(Database, "s..d")


def test_nothing_where_an_entity_should_be(wire: Wire, store: OpenMetadata) -> None:
    """An empty answer is no entity."""
    wire.judge("GET", "databases/name", lambda call: httpx.Response(200))
    with pytest.raises(RecordError, match="no content"):
        store.get_by_name(Database, "s.d")


def test_newer_servers(wire: Wire, store: OpenMetadata) -> None:
    """What only a newer server knows is left out: fields at any depth, and unknown values."""
    columns = [
        {"name": "a", "dataType": "INT", "novelty": 1, "tags": []},
        {"name": "b", "dataType": "QUBIT"},
        {"name": "c", "dataType": "INT", "constraint": "ENTANGLED"},
    ]
    more = {"columns": columns, "tableType": "Holographic", "novelty": {"x": [1]}, "owners": [{}]}
    wire.put("tables", "s.d.p.t", databaseSchema=SERVICE, **more)
    found = store.get_by_name(Table, "s.d.p.t")
    assert found is not None
    assert [column.name for column in found.columns] == ["a", "c"]
    assert found.tableType is None
    assert found.owners == []


def test_an_answer_that_is_something_else() -> None:
    """An answer without what every entity has is refused."""
    with pytest.raises(ServerError, match="not a valid Database"):
        parsed(Database, {"name": "d"})
    with pytest.raises(ServerError, match="not a valid Column"):
        parsed(Column, ["x"])


def test_pages(wire: Wire, store: OpenMetadata) -> None:
    """A list is read page by page, lazily."""

    def page(call: Call) -> httpx.Response:
        start = int(call.query.get("after", "0"))
        data = [document(f"s.d{number}") for number in range(start, min(start + 2, 5))]
        paging = {"total": 5, **({"after": str(start + 2)} if start + 2 < 5 else {})}
        return httpx.Response(200, json={"data": data, "paging": paging})

    wire.judge("GET", "databases$", page)
    listed = store.list_entities(Database)
    assert next(listed).fullyQualifiedName == "s.d0"
    assert len(wire.sent("GET", "databases")) == 1
    assert [found.name for found in listed] == ["d1", "d2", "d3", "d4"]
    assert len(wire.sent("GET", "databases")) == 3
    assert list(store.list_fqns(Database, scope="s")) == [f"s.d{number}" for number in range(5)]
    assert wire.calls[-1].query["service"] == "s"
    assert wire.calls[-1].query["fields"] == "sourceHash"


def test_a_list_goes_on(wire: Wire, store: OpenMetadata, caplog: pytest.LogCaptureFixture) -> None:
    """What is no entity is named in the log, and the others of the page are there."""
    spoilt = {"id": ID, "name": "b", "fullyQualifiedName": "s.b"}  # a database has a service
    data = [document("s.a"), spoilt, document("s.c")]
    body = {"data": data, "paging": {"total": 3}}
    wire.judge("GET", "databases$", lambda call: httpx.Response(200, json=body))
    assert [found.name for found in store.list_entities(Database)] == ["a", "c"]
    assert "database s.b is left out" in caplog.text


def test_pages_in_a_circle(wire: Wire, store: OpenMetadata) -> None:
    """A list that never ends is noticed."""
    page = {"data": [], "paging": {"total": 9, "after": "x"}}
    wire.judge("GET", "databases$", lambda call: httpx.Response(200, json=page))
    with pytest.raises(ServerError, match="circle"):
        list(store.list_entities(Database))


def test_empty_pages_without_end(wire: Wire, store: OpenMetadata) -> None:
    """A list of empty pages, each with another cursor, is noticed; a few of them are followed."""

    def page(call: Call) -> httpx.Response:
        number = int(call.query.get("after", 0))
        return httpx.Response(200, json={"data": [], "paging": {"after": str(number + 1)}})

    wire.judge("GET", "databases$", page)
    with pytest.raises(ServerError, match="circle"):
        list(store.list_entities(Database))
    assert 50 < len(wire.sent("GET", "databases")) < 200


def test_only_what_lies_below(wire: Wire, store: OpenMetadata) -> None:
    """What a filter lets through beside the scope is left out; quotes do not matter."""
    data = [document(fqn) for fqn in ("s.d", "s2.d", '"s.x".d')]
    answer = httpx.Response(200, json={"data": data, "paging": {"total": 3}})
    wire.judge("GET", "databases$", lambda call: answer)
    assert list(store.list_fqns(Database, scope="s")) == ["s.d"]
    assert list(store.list_fqns(Database, scope='"s"')) == ["s.d"]
    assert list(store.list_fqns(Database, scope='"s.x"')) == ['"s.x".d']


SPLIT = {
    ("database", "s"): ["s.d1", "s.d2"],
    ("databaseSchema", "s.d1"): ["s.d1.p"],
    ("databaseSchema", "s.d2"): ["s.d2.p", "s.d2.q"],
}


@pytest.mark.parametrize(
    ("entity", "scope", "queries"),
    [
        (Table, None, [{}]),
        (Table, "s.d.p", [{"databaseSchema": "s.d.p"}]),
        (Table, "s.d", [{"database": "s.d"}]),
        (Table, "s", [{"database": "s.d1"}, {"database": "s.d2"}]),
        (DatabaseSchema, "s", [{"database": "s.d1"}, {"database": "s.d2"}]),
        (Database, "s", [{"service": "s"}]),
        (StoredProcedure, "s", [{"databaseSchema": f} for f in ("s.d1.p", "s.d2.p", "s.d2.q")]),
        (Container, "st.outer", [{"service": "st"}]),
        (Tag, "c.t", [{"parent": "c"}]),
        (Domain, "d", [{}]),
        (User, "u", [{}]),
    ],
)
def test_scopes(entity: Any, scope: str | None, queries: list[dict[str, str]]) -> None:
    """Each kind is listed by the filters that it has; a scope above them is gone through (§3.0)."""

    def list_fqns(inner: Any, *, scope: str) -> Any:
        return iter(SPLIT[inner.entity_type, scope])

    kind = KINDS[entity.entity_type]
    assert list(queries_for(kind, scope, list_fqns)) == queries


def test_lineage(wire: Wire, store: OpenMetadata) -> None:
    """The graph around an entity is read, three steps far at most."""
    graph = {"entity": {"id": ID, "type": "table"}, "nodes": [], "novelty": 1}
    wire.on("GET", "lineage/table/name/", httpx.Response(200, json=graph))
    found = store.get_lineage(Table, "s.d.p.t", upstream_depth=9)
    assert found is not None
    assert str(found.entity.id) == ID
    assert wire.calls[-1].query == {"upstreamDepth": "3", "downstreamDepth": "1"}


def test_reading_from_the_seed(wire: Wire, store: OpenMetadata, make: Callable[..., Any]) -> None:
    """`get_service_or_create` finds what is there, and creates what is not."""
    created = wire.put("services/databaseServices", "databaseService", serviceType="CustomDatabase")
    found = store.get_service_or_create(make("databaseService"))
    assert str(found.id) == created["id"]
    assert wire.sent("PUT", ".*") == []
