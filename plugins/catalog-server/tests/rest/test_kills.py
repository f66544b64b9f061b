"""SIGKILL, again and again, while clients write; and a disk that is full."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from rest.live import LiveServer
from rest.specimens import COLUMNS
from tests.selection import few

ROWS = 25
LONGEST_S = 0.35
"""The server is killed at a random moment of this span after its first answer."""


class Writer:
    """Writes until the server is gone; remembers what was acknowledged, and what was not."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.acknowledged: dict[str, str] = {}
        """FQN -> the last display name whose write was answered."""
        self.in_flight: dict[str, str] = {}
        """The same of the request that nobody answered."""
        self.failures: list[str] = []
        self._count = 0

    def run(self, client: httpx.Client, begun: threading.Event) -> None:
        """Bulk writes of new tables, each followed by a PUT of one that is there."""
        try:
            while not self.failures:
                self.write_many(client, ROWS)
                begun.set()
                self._write_one(client)
        except httpx.TransportError:  # the power cut
            return

    def write_many(self, client: httpx.Client, count: int) -> None:
        """A bulk of new tables."""
        rows = {}
        for _ in range(count):
            self._count += 1
            rows[f"{self.name}{self._count}"] = f"first {self._count}"
        self.in_flight = {f"s.d.x.{name}": shown for name, shown in rows.items()}
        bodies = [_table(name, shown) for name, shown in rows.items()]
        answer = client.put("/api/v1/tables/bulk", json=bodies)
        self._settle(answer, answer.json().get("numberOfRowsPassed") == count)

    def _write_one(self, client: httpx.Client) -> None:
        fqn = next(reversed(self.acknowledged))
        self.in_flight = {fqn: f"second {self._count}"}
        answer = client.put(
            "/api/v1/tables", json=_table(fqn.rpartition(".")[2], self.in_flight[fqn])
        )
        self._settle(answer, answer.status_code == 200)

    def _settle(self, answer: httpx.Response, passed: bool) -> None:
        if passed:
            self.acknowledged.update(self.in_flight)
            self.in_flight = {}
        else:
            self.failures.append(answer.text)


def _table(name: str, shown: str) -> dict[str, object]:
    return {
        "name": name,
        "displayName": shown,
        "databaseSchema": "s.d.x",
        "columns": COLUMNS,
    }


def _prepare(client: httpx.Client) -> None:
    for collection, body in (
        ("services/databaseServices", {"name": "s", "serviceType": "Mysql"}),
        ("databases", {"name": "d", "service": "s"}),
        ("databaseSchemas", {"name": "x", "database": "s.d"}),
    ):
        assert client.put(f"/api/v1/{collection}", json=body).status_code in {200, 201}


def _check_file(path: Path) -> None:
    """The file is whole, its full-text index too."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def _check_rows(client: httpx.Client, writers: list[Writer]) -> set[str]:
    """Whatever was acknowledged is there; what was not is there as a whole, or is not.

    Returns the FQNs that are there.
    """
    page = client.get("/api/v1/tables?limit=1000000").json()
    shown = {table["fullyQualifiedName"]: table for table in page["data"]}
    assert page["paging"]["total"] == len(shown)
    for table in shown.values():
        assert [column["name"] for column in table["columns"]] == ["id", "note"]
    for writer in writers:
        names = {fqn: table["displayName"] for fqn, table in shown.items()}
        for fqn, name in writer.acknowledged.items():
            assert names[fqn] in {name, writer.in_flight.get(fqn, name)}, "a row was lost"
        new = writer.in_flight.keys() - writer.acknowledged.keys()
        assert len(new & names.keys()) in {0, len(new)}, "half of a bulk was written"
        for fqn in writer.in_flight.keys() & names.keys():  # it was written after all
            writer.acknowledged[fqn] = names[fqn]
        writer.in_flight = {}
    return set(shown)


@pytest.mark.parametrize(("seed", "kills"), few([(2, 2), (0, 7), (1, 7)], 1))
def test_no_acknowledged_row_is_lost(seed: int, kills: int, tmp_path: Path) -> None:
    """A server that is killed at any moment of its writing has kept, when it starts again,
    every row whose write was answered; no bulk is half there; and its file is whole.
    """
    moments = random.Random(seed)
    path = tmp_path / "catalog.db"
    writers = [Writer("a"), Writer("b")]
    for _ in range(kills):
        with LiveServer(path) as server, server.client() as one, server.client() as two:
            _prepare(one)
            _check_rows(one, writers)
            begun = threading.Event()
            threads = [
                threading.Thread(target=writer.run, args=(client, begun))
                for writer, client in zip(writers, (one, two), strict=True)
            ]
            for thread in threads:
                thread.start()
            assert begun.wait(60)
            time.sleep(moments.uniform(0, LONGEST_S))  # the random moment, not a pause
            server.kill()
            for thread in threads:
                thread.join()
        assert not any(writer.failures for writer in writers), writers[0].failures
        _check_file(path)
    with LiveServer(path) as server, server.client() as client:
        _check_rows(client, writers)
        written = sum(len(writer.acknowledged) for writer in writers)
        assert written >= kills * ROWS, "every round wrote something"
        newest = next(reversed(writers[0].acknowledged))
        found = client.get(f"/api/v1/search/query?q={newest.rpartition('.')[2]}").json()
        assert [hit["_source"]["fullyQualifiedName"] for hit in found["hits"]["hits"]] == [newest]


def test_a_full_disk(tmp_path: Path) -> None:
    """When the file cannot grow, a bulk that does not fit is 500 in JSON and not written at
    all; the server goes on answering, and nothing that it acknowledged is lost.
    """
    path = tmp_path / "catalog.db"
    limited = ("sh", "-c", 'ulimit -f 4000; exec "$@"', "sh")
    writer = Writer("a")
    with LiveServer(path, within=limited) as server, server.client() as client:
        _prepare(client)
        while not writer.failures:
            writer.write_many(client, 200)
            assert len(writer.acknowledged) < 100_000, "the limit does not limit"
        refused = json.loads(writer.failures[0])
        assert refused["code"] == 500
        assert "failed" in refused["message"]
        unanswered = set(writer.in_flight)
        assert unanswered.isdisjoint(_check_rows(client, [writer]))
    _check_file(path)
    with LiveServer(path) as server, server.client() as client:
        assert writer.acknowledged.keys() == _check_rows(client, [writer])
        writer.failures.clear()
        writer.write_many(client, 200)
        assert not writer.failures
