"""Eight clients at once, long writes, and other processes that use the file."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx
import pytest

from rest.live import LiveServer
from rest.specimens import COLUMNS

CLIENTS = 8
STEPS = 12
_PATCH = {"Content-Type": "application/json-patch+json"}


@pytest.fixture
def schema(server: LiveServer) -> Iterator[httpx.Client]:
    """A connection to a server where the schema `s.d.x` is."""
    with server.client() as client:
        for collection, body in (
            ("services/databaseServices", {"name": "s", "serviceType": "Mysql"}),
            ("databases", {"name": "d", "service": "s"}),
            ("databaseSchemas", {"name": "x", "database": "s.d"}),
        ):
            assert client.put(f"/api/v1/{collection}", json=body).status_code == 201
        yield client


def _table(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "databaseSchema": "s.d.x", "columns": COLUMNS, **more}


def _all_at_once(server: LiveServer, task: Callable[[httpx.Client, int], Counter[int]]) -> Any:
    """Statuses that eight clients got, each with a connection of its own."""
    together = threading.Barrier(CLIENTS)

    def one(number: int) -> Counter[int]:
        with server.client() as client:
            together.wait(60)
            return task(client, number)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(one, range(CLIENTS)), Counter[int]())


def test_no_update_is_lost(server: LiveServer, schema: httpx.Client) -> None:
    """Eight clients count up one value with If-Match, each as often as it says that it did:
    nobody's step is lost, and whoever was too late was told 412, and nothing else.
    """
    schema.put("/api/v1/tables", json=_table("counter", displayName="0"))
    address = "/api/v1/tables/name/s.d.x.counter"

    def count(client: httpx.Client, number: int) -> Counter[int]:
        statuses = Counter[int]()
        while statuses[200] < STEPS:
            seen = client.get(address).json()
            answer = client.patch(
                address,
                json=[
                    {
                        "op": "replace",
                        "path": "/displayName",
                        "value": str(int(seen["displayName"]) + 1),
                    }
                ],
                headers={**_PATCH, "If-Match": f'W/"{seen["version"]}"'},
            )
            statuses[answer.status_code] += 1
        return statuses

    statuses = _all_at_once(server, count)
    assert set(statuses) <= {200, 412}
    table = schema.get(address).json()
    assert table["displayName"] == str(CLIENTS * STEPS)
    assert table["version"] == pytest.approx(0.1 + CLIENTS * STEPS / 10)
    versions = schema.get(f"/api/v1/tables/{table['id']}/versions").json()["versions"]
    assert len(versions) == CLIENTS * STEPS + 1


def test_all_kinds_of_writes_at_once(server: LiveServer, schema: httpx.Client) -> None:
    """Eight clients that PUT, patch, delete, restore, list and link at once are all answered
    as if they were alone: no 5xx, no lost row.
    """

    def work(client: httpx.Client, number: int) -> Counter[int]:
        statuses = Counter[int]()
        for step in range(6):
            name = f"t{number}_{step}"
            rows = [_table(f"{name}_{row}") for row in range(10)]
            answers = [client.put("/api/v1/tables", json=_table(name))]
            entity = answers[0].json()["id"]
            address = f"/api/v1/tables/{entity}"
            link = {"id": entity, "type": "table"}
            answers += [
                client.put("/api/v1/tables/bulk", json=rows),
                client.put(
                    "/api/v1/lineage", json={"edge": {"fromEntity": link, "toEntity": link}}
                ),
                client.patch(
                    address,
                    json=[{"op": "add", "path": "/displayName", "value": name}],
                    headers=_PATCH,
                ),
                client.delete(address),
                client.put("/api/v1/tables/restore", json={"id": entity}),
                client.get("/api/v1/tables?limit=5"),
            ]
            statuses.update(answer.status_code for answer in answers)
        return statuses

    statuses = _all_at_once(server, work)
    assert set(statuses) == {200, 201}
    page = schema.get("/api/v1/tables?limit=1000000").json()
    assert page["paging"]["total"] == len(page["data"]) == CLIENTS * 6 * 11


def test_the_same_rows_from_all_sides(server: LiveServer, schema: httpx.Client) -> None:
    """Eight clients that create the same entities at once create each once."""

    def create(client: httpx.Client, number: int) -> Counter[int]:
        return Counter(
            client.post("/api/v1/tables", json=_table(f"t{row}")).status_code for row in range(20)
        )

    assert _all_at_once(server, create) == {201: 20, 409: 20 * (CLIENTS - 1)}


def test_readers_get_what_they_asked_for(server: LiveServer, schema: httpx.Client) -> None:
    """Eight clients that look at different tables in every way at once, while they are written
    to, each get their own: no answer is mixed with another one.
    """
    rows = [_table(f"t{number}", displayName=f"shown {number}") for number in range(CLIENTS)]
    assert schema.put("/api/v1/tables/bulk", json=rows).json()["numberOfRowsPassed"] == CLIENTS

    def look(client: httpx.Client, number: int) -> Counter[int]:
        name = f"t{number}"
        by_name = f"/api/v1/tables/name/s.d.x.{name}"
        entity = client.get(by_name).json()["id"]
        for step in range(25):
            assert client.get(by_name).json()["id"] == entity
            assert client.get(f"/api/v1/tables/{entity}?fields=*").json()["name"] == name
            listed = client.get("/api/v1/tables?limit=1000").json()["data"]
            assert [table["name"] for table in listed] == [f"t{at}" for at in range(CLIENTS)]
            graph = client.get(f"/api/v1/lineage/table/{entity}").json()
            assert graph["entity"]["id"] == entity
            versions = client.get(f"/api/v1/tables/{entity}/versions").json()["versions"]
            assert {json.loads(version)["name"] for version in versions} == {name}
            found = client.get(f"/api/v1/search/query?q={name}").json()["hits"]["hits"]
            assert [hit["_source"]["name"] for hit in found] == [name]
            if step % 5 == 0:
                written = client.put("/api/v1/tables", json=_table(name, displayName=f"{step}"))
                assert written.json()["id"] == entity
        return Counter()

    _all_at_once(server, look)


def test_a_long_write_keeps_no_reader_waiting(server: LiveServer, schema: httpx.Client) -> None:
    """While a bulk of ten thousand tables is written, others read by name and list, many
    times, and see the state before it; its answer comes after theirs.
    """
    schema.put("/api/v1/tables", json=_table("before"))
    rows = [_table(f"t{number}") for number in range(10_000)]
    done = threading.Event()

    def write() -> httpx.Response:
        with server.client() as client:
            try:
                return client.put("/api/v1/tables/bulk", json=rows)
            finally:
                done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        totals = []
        while not done.is_set():
            assert schema.get("/api/v1/tables/name/s.d.x.before").status_code == 200
            totals.append(schema.get("/api/v1/tables?limit=3").json()["paging"]["total"])
        assert writing.result().json()["numberOfRowsPassed"] == 10_000
    assert set(totals) <= {1, 10_001}
    assert totals.count(1) >= 5, "readers waited for the writer"
    assert schema.get("/api/v1/tables?limit=0").json()["paging"]["total"] == 10_001


def test_another_process_that_writes_is_waited_for(
    server: LiveServer, schema: httpx.Client
) -> None:
    """While another process holds the file, reads are answered, and a write is as soon as the
    file is free: no client hears that the database is locked.
    """
    with closing(sqlite3.connect(server.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(schema.put, "/api/v1/tables", json=_table("waiting"))
            with server.client() as reader:
                for _ in range(20):
                    answer = reader.get("/api/v1/databases/name/s.d")
                    assert answer.status_code == 200
                missing = reader.get("/api/v1/tables/name/s.d.x.waiting")
                assert missing.status_code == 404
            assert not writing.done()
            other.execute("ROLLBACK")
            assert writing.result().status_code == 201


def test_at_most_a_hundred_jobs_wait(server: LiveServer, schema: httpx.Client) -> None:
    """While a hundred asynchronous bulks wait, one more is 429 (contract §5.1); once the file
    is free all that were accepted are written.
    """
    with closing(sqlite3.connect(server.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        statuses = Counter(
            schema.put("/api/v1/tables/bulk?async=true", json=[_table(f"t{number}")]).status_code
            for number in range(103)
        )
        refused = schema.put("/api/v1/tables/bulk?async=true", json=[])
        other.execute("ROLLBACK")
    assert statuses == {202: 100, 429: 3}
    assert refused.status_code == refused.json()["code"] == 429
    assert schema.put("/api/v1/tables/bulk", json=[]).status_code == 200  # after all of them
    assert schema.get("/api/v1/tables?limit=0").json()["paging"]["total"] == 100
