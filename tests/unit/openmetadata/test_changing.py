"""Deleting, restoring, patching, and what is gone from the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest import EntityReference, RecordError, fqn as names
from om_ingest.model import Container, Database, Query, RunState, RunStatus
from om_ingest.openmetadata.network.retry import RequestFailedError

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Wire

SERVICE = {"id": "3f2b0f5e-1111-4222-8333-444455556666", "type": "databaseService"}
ADD = {"op": "add", "path": "/description", "value": "d"}


def test_delete(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """Both flags are always sent; None is False; a full database is refused."""
    deleted = httpx.Response(200, json={"fullyQualifiedName": "s.d", "deleted": True})
    absent = refused(404, "database instance for s.d not found")
    wire.on("DELETE", "databases", deleted, absent)
    assert store.delete(Database, "s.d", recursive=True)
    assert wire.calls[-1].path == "databases/name/s.d"
    assert wire.calls[-1].query == {"recursive": "true", "hardDelete": "false"}
    assert not store.delete(Database, "s.d")
    wire.on("DELETE", "databases", refused(400, "database is not empty"))
    with pytest.raises(RecordError, match="not empty"):
        store.delete(Database, "s.d")


def test_delete_lineage(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """An edge is removed by the names of its ends, and gone once the server says so (§4)."""
    ends = [EntityReference(type="table", fullyQualifiedName=f"s.d.p.{name}") for name in "ab"]
    path = "table/name/s.d.p.a/table/name/s.d.p.b"
    absent = refused(404, "Lineage edge not found between a and b")
    there = httpx.Response(200, json={"edge": {"source": "ViewLineage"}})
    wire.on("DELETE", path, httpx.Response(200), absent, httpx.Response(200), refused(403, "no"))
    wire.on("GET", f"getLineageEdge/{path}", absent, there)
    assert store.delete_lineage(*ends)
    assert [call.method for call in wire.calls[-2:]] == ["DELETE", "GET"]
    assert wire.calls[-2].path == f"lineage/{path}"
    assert not store.delete_lineage(*ends)
    with pytest.raises(RecordError, match=r"s\.d\.p\.a -> s\.d\.p\.b is still there, .*\(200\)"):
        store.delete_lineage(*ends)
    with pytest.raises(RecordError, match=r"cannot be removed: no \(403\)"):
        store.delete_lineage(*ends)


def test_kinds_that_cannot_be_marked(wire: Wire, store: OpenMetadata) -> None:
    """A query is removed for good: it cannot be marked."""
    store.delete(Query, "s.abc")
    assert wire.calls[-1].query["hardDelete"] == "true"


def test_restore(wire: Wire, store: OpenMetadata) -> None:
    """What is deleted is restored by its id; what is not is returned as it is."""
    entity = wire.put("databases", "s.d", service=SERVICE, deleted=True)
    assert store.restore(Database, "s.d") is not None
    (call,) = wire.sent("PUT", "databases/restore")
    assert call.body == {"id": entity["id"]}
    wire.put("databases", "s.e", service=SERVICE)
    assert store.restore(Database, "s.e") is not None
    assert store.restore(Database, "s.nope") is None
    assert len(wire.sent("PUT", "databases/restore")) == 1


def test_patch(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A patch goes to the id, in its own media type."""
    entity = wire.put("databases", "s.d", service=SERVICE)
    wire.on("PATCH", "databases", httpx.Response(200, json={**entity, "description": "d"}))
    patched = store.patch(Database, "s.d", [ADD])
    assert patched is not None
    assert patched.description == "d"
    assert wire.calls[-1].path == f"databases/{entity['id']}"
    assert wire.calls[-1].headers["content-type"] == "application/json-patch+json"
    assert wire.calls[-1].body == [ADD]
    assert store.patch(Database, "s.nope", [ADD]) is None
    wire.on("PATCH", "databases", refused(400, "bad patch"))
    with pytest.raises(RecordError, match="bad patch"):
        store.patch(Database, "s.d", [ADD])


def test_a_patch_is_not_sent_twice(wire: Wire, store: OpenMetadata) -> None:
    """A patch whose answer is lost may have been applied: it is not sent again."""
    wire.put("databases", "s.d", service=SERVICE)
    wire.on("PATCH", "databases", httpx.ReadError("reset"))
    with pytest.raises(RequestFailedError):
        store.patch(Database, "s.d", [ADD])
    assert len(wire.sent("PATCH", ".*")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={}),
        httpx.Response(204),
        httpx.Response(202, json={"jobId": "1"}),
        httpx.Response(200, json={"fullyQualifiedName": "s.other", "deleted": True}),
        httpx.Response(200, json=["s.d"]),
    ],
    ids=["{}", "204", "202", "another", "list"],
)
def test_an_answer_that_does_not_name_it(
    wire: Wire, store: OpenMetadata, answer: httpx.Response
) -> None:
    """Whether an entity was deleted is looked up where the answer does not name it."""
    wire.judge("DELETE", "databases", lambda call: answer)
    wire.put("databases", "s.d", service=SERVICE)
    (result,) = store.delete_stale(Database, ["s.d"])
    assert not result.deleted
    assert "still there" in result.reason
    wire.put("databases", "s.d", service=SERVICE, deleted=True)
    assert store.delete(Database, "s.d")


def test_many_stale_entities(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """Exactly those that are named go, each by its name; nothing is listed, and each is told of.

    One that is gone already is not counted, and one that the server refuses keeps no other.
    """
    fqns = [f"s.d{number:02}" for number in range(60)]

    def answer(call: Any) -> httpx.Response | None:
        fqn = call.path.rpartition("/")[2]
        if fqn == "s.d07":
            return refused(404, f"database instance for {fqn} not found")
        if fqn == "s.d08":
            return refused(400, "it is locked")
        return None

    wire.judge("DELETE", "databases/name/", answer)
    results = list(store.delete_stale(Database, fqns))
    assert [result.fqn for result in results] == fqns
    assert [result.fqn for result in results if not result.deleted] == ["s.d07", "s.d08"]
    assert [result.reason for result in results if result.reason] == [
        "database s.d08 cannot be deleted: it is locked (400)"
    ]
    sent = wire.sent("DELETE", ".*")
    assert sorted(call.path for call in sent) == [f"databases/name/{fqn}" for fqn in fqns]
    assert {call.query["recursive"] for call in sent} == {"true"}
    assert wire.sent("GET", "databases") == []


def test_stale_entities_above_others_go_first(wire: Wire, store: OpenMetadata) -> None:
    """A container that takes others along is deleted before they are."""
    fqns = ["s.a", 's.a."b.c"', "s.b", "s.b.c", "s.b.c.d"]
    assert all(result.deleted for result in store.delete_stale(Container, fqns))
    depths = [len(names.split(call.path[16:])) for call in wire.sent("DELETE", ".*")]
    assert depths == sorted(depths)


def test_a_stale_entity_when_the_answer_is_lost(
    wire: Wire, store: OpenMetadata, refused: Any
) -> None:
    """What was deleted counts although the server, asked again, does not find it."""
    absent = refused(404, "database instance for s.d not found")
    wire.on("DELETE", "databases/name", httpx.ReadError("reset"), absent)
    wire.put("databases", "s.d", service=SERVICE, deleted=True)
    assert [result.deleted for result in store.delete_stale(Database, ["s.d"])] == [True]


def test_deleting_forgets_ids(wire: Wire, store: OpenMetadata) -> None:
    """What has been deleted is looked up afresh by the next record that points at it."""
    assert Container.entity_type == "container"
    ids = store._server.ids  # noqa: SLF001  # what writing uses
    wire.put("databases", "s.d", service=SERVICE)
    for _ in range(2):
        ids.id_of("database", "s.d")
    assert len(wire.sent("GET", "databases/name/s.d")) == 1
    store.delete(Database, "s.d")
    ids.id_of("database", "s.d")
    assert len(wire.sent("GET", "databases/name/s.d")) == 2


def test_runs(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A run is reported below its pipeline, and read back; an empty answer means none (§9)."""
    status = RunStatus(runId="r1", pipelineState=RunState.running, timestamp=1700000000000)
    store.put_run_status("s.pipe", status)
    path = "services/ingestionPipelines/s.pipe/pipelineStatus"
    (call,) = wire.sent("PUT", path)
    assert call.body == {"runId": "r1", "pipelineState": "running", "timestamp": 1700000000000}
    wire.on(
        "GET", path, httpx.Response(200), httpx.Response(200, json=call.body), refused(400, "x")
    )
    assert store.get_run_status("s.pipe", "r1") is None
    assert store.get_run_status("s.pipe", "r1") == status
    with pytest.raises(RecordError):
        store.get_run_status("s.pipe", "r1")
    wire.on("PUT", path, refused(404, "no such pipeline"))
    with pytest.raises(RecordError, match="no such pipeline"):
        store.put_run_status("s.pipe", status)
