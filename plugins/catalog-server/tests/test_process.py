"""`om-ingest serve` as a process: how it starts, serves many, and ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from om_ingest.model import Table
from om_ingest_catalog import Catalog
from om_ingest_catalog_server.testing import CatalogServer

from tests.selection import few

SERVE = [sys.executable, "-m", "om_ingest", "serve"]
JSON = {"Content-Type": "application/json"}
PATCH = {"Content-Type": "application/json-patch+json"}
WRITERS, ROUNDS = 8, 12


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and the line that it prints when it is ready."""
    command = [*SERVE, "--port", "0", *options]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            ready = process.stdout.readline()
            assert ready, process.stderr.read()
            yield process, ready
        finally:
            process.kill()


def url_of(ready: str) -> str:
    """The URL in the line."""
    return ready.split()[0] + "/v1/"


def fill(client: httpx.Client) -> None:
    """A schema to put tables into."""
    service = {"name": "svc", "serviceType": "CustomDatabase"}
    client.put("services/databaseServices", json=service).raise_for_status()
    client.put("databases", json={"name": "db", "service": "svc"}).raise_for_status()
    body = {"name": "s", "database": "svc.db"}
    client.put("databaseSchemas", json=body).raise_for_status()


def test_ready(tmp_path: Path) -> None:
    """One line says where the server is and what it serves, once it answers."""
    with running(tmp_path, "--om-version", "1.13.2") as (_, ready):
        assert ready.startswith("http://127.0.0.1:")
        assert ready.endswith("/api serves om-ingest.db\n")
        version = httpx.get(f"{url_of(ready)}system/version").json()["version"]
    assert version == "1.13.2"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """A signal ends the server with its exit code, leaves one file, and no traceback."""
    with running(tmp_path) as (process, ready), httpx.Client(base_url=url_of(ready)) as client:
        fill(client)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (code, "")
    assert [path.name for path in tmp_path.iterdir()] == ["om-ingest.db"]


@pytest.mark.parametrize(
    ("options", "text"),
    few(
        [
            (["--host", "0.0.0.0"], "--token-file"),
            (["--host", "no.such.host.invalid"], "no address of this machine"),
            (["--token-file", "empty"], "There is no token in empty"),
            (["--catalog", "notes.txt"], "notes.txt"),
            (["--om-version", "two"], "--om-version"),
            (["--host", "::"], "--token-file"),
            (["--token-file", "none"], "Cannot read the token file none"),
            (["--catalog", "empty-folder"], "is a directory"),
            (["--catalog", "none/x.db"], "does not exist"),
            (["--trusted-proxy", "proxy.example"], "neither the address of a proxy"),
            (["--trusted-proxy", "10.0.0.1/8"], "neither the address of a proxy"),
        ],
        4,
    ),
)
def test_refused(tmp_path: Path, options: list[str], text: str) -> None:
    """Invalid options are one message and exit code 2; no file is left behind."""
    (tmp_path / "empty").touch()
    (tmp_path / "notes.txt").write_text("no catalog", "utf-8")
    (tmp_path / "empty-folder").mkdir()
    before = sorted(tmp_path.iterdir())
    run = subprocess.run(
        [*SERVE, "--port", "0", *options], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 2
    assert run.stderr.startswith("error: ")
    assert text in run.stderr
    assert "Traceback" not in run.stderr
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_port_in_use(tmp_path: Path, log_format: str) -> None:
    """A port in use is one message and exit code 2; one object where the log is JSON."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = subprocess.run(
            [*SERVE, "--port", port],
            cwd=tmp_path,
            env={**os.environ, "OM_INGEST_LOG_FORMAT": log_format},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert run.returncode == 2
    said = f"Port {port} on 127.0.0.1 is in use\n"
    if log_format == "text":
        assert run.stderr.startswith(f"error: {said}")
    else:
        line = json.loads(run.stderr)
        assert (line["level"], line["message"].startswith(said)) == ("error", True)
    assert list(tmp_path.iterdir()) == []


def test_public_address(tmp_path: Path) -> None:
    """With a token file the server listens wherever it is told to, and wants the token."""
    (tmp_path / "tokens").write_text("secret\n", "utf-8")
    with running(tmp_path, "--host", "0.0.0.0", "--token-file", "tokens") as (_, ready):
        port = ready.split("/api")[0].rpartition(":")[2]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/") as client:
            body = {"name": "svc", "serviceType": "CustomDatabase"}
            path, known = "services/databaseServices", {"Authorization": "Bearer secret"}
            assert client.put(path, json=body).status_code == 401
            assert client.put(path, json=body, headers=known).status_code == 201


def test_chunked_body_over_the_limit(tmp_path: Path) -> None:
    """A chunked body over the limit is 413, and the connection is closed."""
    with running(tmp_path, "--max-body", "1000") as (_, ready):
        host, _, port = ready.split("/api")[0].removeprefix("http://").partition(":")
        for size, status in ((100, 400), (1_000_000, 413)):
            with closing(http.client.HTTPConnection(host, int(port), timeout=60)) as connection:
                pieces = iter([b" " * 100] * (size // 100))
                connection.request("PUT", "/api/v1/tables", pieces, JSON, encode_chunked=True)
                answer = connection.getresponse()
                assert answer.status == status
                assert json.loads(answer.read())["code"] == status


def test_raw_names(tmp_path: Path) -> None:
    """A path whose name was not encoded is understood as far as HTTP lets it through."""
    with running(tmp_path) as (_, ready):
        host, _, port = ready.split("/api")[0].removeprefix("http://").partition(":")
        with httpx.Client(base_url=url_of(ready)) as client:
            fill(client)
            client.put("databases", json={"name": "a.b", "service": "svc"}).raise_for_status()
        with closing(http.client.HTTPConnection(host, int(port), timeout=60)) as connection:
            for name, status in (('svc."a.b"', 200), ("svc.%22a.b%22", 200), ("svc.a.b", 404)):
                connection.request("GET", f"/api/v1/databases/name/{name}")
                answer = connection.getresponse()
                answer.read()
                assert answer.status == status, name


def test_many_writers(tmp_path: Path) -> None:
    """Eight clients that write at once lose nothing and are never told to wait."""
    path = tmp_path / "catalog.db"
    with CatalogServer(path) as server:
        base = f"{server.url}/v1/"
        with httpx.Client(base_url=base) as client:
            fill(client)
            table = {"name": "shared", "databaseSchema": "svc.db.s", "columns": []}
            client.put("tables", json=table).raise_for_status()

        def write(number: int) -> None:
            with httpx.Client(base_url=base, timeout=60) as client:
                for turn in range(ROUNDS):
                    rows = [{**table, "name": f"t{number}-{turn}-{row}"} for row in range(5)]
                    result = client.put("tables/bulk", json=rows).json()
                    assert result["status"] == "success", result
                    single = client.put("tables", json={**table, "name": f"one{number}-{turn}"})
                    assert single.status_code == 201, single.text
                    column = {"name": f"c{number}x{turn}", "dataType": "INT"}
                    operation = {"op": "add", "path": "/columns/-", "value": column}
                    text = json.dumps([operation])
                    patched = client.patch(
                        "tables/name/svc.db.s.shared", content=text, headers=PATCH
                    )
                    assert patched.status_code == 200, patched.text

        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(write, range(WRITERS)))
    with Catalog(path, read_only=True) as catalog:
        assert catalog.counts()["table"] == 1 + WRITERS * ROUNDS * 6
        shared = catalog.get_by_name(Table, "svc.db.s.shared")
        assert shared is not None
        assert len(shared.columns) == WRITERS * ROUNDS


def test_reading_while_somebody_writes(tmp_path: Path) -> None:
    """A reader is answered while another process holds the file for writing."""
    path = tmp_path / "catalog.db"
    with CatalogServer(path) as server, httpx.Client(base_url=f"{server.url}/v1/") as client:
        fill(client)
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with Catalog(path) as other, other.writer.transaction():
                held.set()
                done.wait(60)

        with ThreadPoolExecutor(2) as pool:
            holder = pool.submit(hold)
            assert held.wait(60)
            body = {"name": "later", "service": "svc"}
            write = pool.submit(lambda: client.put("databases", json=body, timeout=60).status_code)
            with httpx.Client(base_url=f"{server.url}/v1/") as reader:
                for path_ in ("databases/name/svc.db", "databases", "search/query?q=db"):
                    assert reader.get(path_).status_code == 200
            assert not write.done()
            done.set()
            assert write.result(60) == 201
            holder.result(60)
