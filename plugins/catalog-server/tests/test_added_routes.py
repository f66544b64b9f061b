"""Distributions that add routes to the server, found by entry point, as they are installed."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from om_ingest_catalog_server.testing import CatalogServer

README = Path(__file__).parents[1] / "README.md"

Distribute = Callable[..., None]
Start = Callable[[], CatalogServer]

HEAD = """
from om_ingest import NotFoundError
from om_ingest_catalog_server import *
from starlette.responses import PlainTextResponse, StreamingResponse
def said(call): return PlainTextResponse("said")
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for distributions, on the path of the server."""
    folder = tmp_path / "site"
    folder.mkdir()
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHONPATH", path)
    return folder


@pytest.fixture
def distributed(site: Path) -> Distribute:
    """Installs a distribution: its module, whose function `routes` an entry point names."""

    def make(name: str, code: str, *, requires: str = "om-ingest", head: str = HEAD) -> None:
        (site / f"{name}.py").write_text(head + textwrap.dedent(code), encoding="utf-8")
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: {requires}\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        points = f"[om_ingest_catalog_server.routes]\n{name} = {name}:routes\n"
        (info / "entry_points.txt").write_text(points, encoding="utf-8")

    return make


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the server, and stops it at the end."""
    servers = []

    def start(*options: str) -> CatalogServer:
        server = CatalogServer(tmp_path / "catalog.db", *options)
        server.__enter__()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.__exit__()


def root(server: CatalogServer) -> str:
    """Where the server is, without the prefix of the interface."""
    return server.url.removesuffix("/api")


def log(tmp_path: Path) -> str:
    """What the server wrote."""
    return (tmp_path / "catalog.log").read_text("utf-8")


def fill(server: CatalogServer) -> None:
    """Put one table into the catalog."""
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("services/databaseServices", {"name": "svc", "serviceType": "CustomDatabase"}),
        ("databases", {"name": "db", "service": "svc"}),
        ("databaseSchemas", {"name": "s", "database": "svc.db"}),
        ("tables", {"name": "t", "databaseSchema": "svc.db.s", "columns": []}),
    ]
    for path, body in bodies:
        httpx.put(f"{server.url}/v1/{path}", json=body).raise_for_status()


def test_example_of_the_readme(distributed: Distribute, start: Start) -> None:
    """The plugin in the README adds a page and a route, and `/docs` lists both with its name."""
    code = re.search(
        r'^```python\n("""my_pages.*?)^```$', README.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert code is not None
    distributed("my_pages", code[1], head="")
    server = start()
    fill(server)
    page = httpx.get(f"{root(server)}/pages/tables/svc.db.s.t")
    assert (page.status_code, page.text) == (200, "<h1>0 columns</h1>")
    assert page.headers["content-type"].startswith("text/html")
    assert httpx.get(f"{root(server)}/pages/tables/svc.db.s.gone").status_code == 404
    assert httpx.get(f"{root(server)}/pages/counts").json()["table"] == 1
    listing = httpx.get(f"{root(server)}/docs.json").json()
    assert listing["added"] == [
        {
            "method": "GET",
            "path": "/pages/counts",
            "summary": "How many entities there are of each kind",
            "plugin": "my_pages 1.0: my_pages",
        },
        {
            "method": "GET",
            "path": "/pages/tables/{fqn}",
            "summary": "A page about a table",
            "plugin": "my_pages 1.0: my_pages",
        },
    ]
    docs = httpx.get(f"{root(server)}/docs").text
    assert "Added by plugins: 2 routes" in docs
    assert "my_pages 1.0" in docs


def test_call(distributed: Distribute, start: Start, tmp_path: Path) -> None:
    """A handler gets segments, query and body, may write, and needs a token where tokens count."""
    code = """
    def save(call):
        rest = call.values["rest"]
        return json_answer({"rest": rest, "body": call.object(), "by": call.actor.name}, 201)
    def remove(call):
        call.stores.writing.catalog.counts()
        return empty_answer(204)
    def fail(call): raise NotFoundError("There is none", "Make one.")
    def routes(): return [
        Route("PUT", "/notes/{rest}", save, "Save", Execution.WRITING, body=JSON),
        Route("DELETE", "/notes/{name}", remove, "Remove", Execution.WRITING),
        Route("GET", "/notes/{name}", fail, "Read", Execution.INLINE),
    ]
    """
    distributed("notes", code)
    (tmp_path / "tokens").write_text("secret\n", encoding="utf-8")
    server = start("--token-file", str(tmp_path / "tokens"))
    with httpx.Client(base_url=root(server)) as client:
        assert client.put("/notes/a/b", json={}).status_code == 401
        client.headers["Authorization"] = "Bearer secret"
        saved = client.put("/notes/a%2Fb/c", json={"x": 1})
        assert saved.json() == {"rest": "a/b/c", "body": {"x": 1}, "by": "ingestion-bot"}
        assert saved.status_code == 201
        assert client.put("/notes/a", json=[]).status_code == 400
        assert client.put("/notes/a", content="x").status_code == 415
        assert client.delete("/notes/a").status_code == 204
        missing = client.get("/notes/a")
        assert (missing.status_code, missing.json()["message"]) == (404, "There is none")
        assert client.post("/notes/a").status_code == 405
        assert client.get("/notes").status_code == 404


RULES = {
    "interface": ("[Route('GET', '/api/v1/tables', said, 's')]", "/api/v1/tables is the server's"),
    "below": ("[Route('GET', 'tables', said, 's')]", "'tables' is not a path such as"),
    "root": ("[Route('GET', '/', said, 's')]", "'/' is not a path such as"),
    "docs": ("[Route('GET', '/docs', said, 's')]", "/docs is the server's own"),
    "metrics": ("[Route('GET', '/metrics/x', said, 's')]", "/metrics/x is the server's own"),
    "varying": ("[Route('GET', '/{any}/x', said, 's')]", "'/{any}/x' is not a path such as"),
    "inner_rest": ("[Route('GET', '/x/{rest}/y', said, 's')]", "{rest} is not its last segment"),
    "method": ("[Route('FETCH', '/x', said, 's')]", "'FETCH' is none of DELETE, GET"),
    "handlerless": ("[Route('GET', '/x', None, 's')]", "GET /x has no handler"),
    "twice": (
        "[Route('GET', '/x/{a}', said, 's'), Route('GET', '/x/{b}', said, 's')]",
        "two routes",
    ),
    "nothing": ("None", "TypeError: 'NoneType' object is not iterable"),
    "text": ("['/x']", "TypeError: str is no Route"),
    "exits": ("exit(0)", "SystemExit: 0"),
}


def test_broken_plugins(distributed: Distribute, start: Start, tmp_path: Path) -> None:
    """A plugin that breaks a rule adds no routes and is named; the server and others go on."""
    for name, (routes, _) in RULES.items():
        distributed(name, f"def routes(): return {routes}")
    distributed("unimportable", "raise RuntimeError('no import')")
    distributed("tomorrow", "raise SystemExit", requires="om-ingest>=99")
    distributed("good", "def routes(): return [Route('GET', '/good', said, 's')]")
    server = start()
    assert httpx.get(f"{root(server)}/good").text == "said"
    assert httpx.get(f"{server.url}/v1/tables").status_code == 200
    listing = httpx.get(f"{root(server)}/docs.json").json()
    assert [entry["path"] for entry in listing["added"]] == ["/good"]
    said = {
        **{name: text for name, (_, text) in RULES.items()},
        "unimportable": "RuntimeError: no import",
        "tomorrow": "it needs om-ingest>=99",
    }
    lines = log(tmp_path).splitlines()
    for name, text in said.items():
        (line,) = [
            line for line in lines if f"The plugin {name} 1.0: {name} adds no routes" in line
        ]
        assert text in line
    assert "Traceback" not in log(tmp_path)


def test_one_segment_one_plugin(distributed: Distribute, start: Start, tmp_path: Path) -> None:
    """Of two plugins that claim a first segment one has it, and the other is named."""
    for name in ("one", "two"):
        answer = f"lambda call: PlainTextResponse('{name}')"
        distributed(name, f"def routes(): return [Route('GET', '/x/{name}', {answer}, 's')]")
    server = start()
    answers = {name: httpx.get(f"{root(server)}/x/{name}").status_code for name in ("one", "two")}
    assert sorted(answers.values()) == [200, 404]
    winner, loser = sorted(answers, key=answers.__getitem__)
    said = f"The plugin {loser} 1.0: {loser} adds no routes: ValueError: /x belongs to {winner} 1.0"
    assert said in log(tmp_path)


def test_handlers_that_fail(distributed: Distribute, start: Start, tmp_path: Path) -> None:
    """A handler that fails is answered 500 in any place; the log names it, and the server lives."""
    code = """
    def raises(call): raise OSError("a secret")
    def exits(call): raise SystemExit(0)
    def interrupts(call): raise KeyboardInterrupt
    def text(call): return "text"
    def streams(call): return StreamingResponse(iter("ab"))
    def routes():
        for handler in (raises, exits, interrupts, text, streams):
            for place in Execution:
                path = f"/bad/{handler.__name__}-{place.value}"
                yield Route("GET", path, handler, "s", place)
    """
    distributed("bad", code)
    server = start()
    paths = [route["path"] for route in httpx.get(f"{root(server)}/docs.json").json()["added"]]
    assert len(paths) == 15
    for path in paths:
        answer = httpx.get(f"{root(server)}{path}")
        assert answer.status_code == 500
        assert answer.json()["message"].startswith(f"The plugin bad 1.0: bad failed in GET {path}")
        assert "a secret" not in answer.text
        assert f"The plugin bad 1.0: bad failed in GET {path}" in log(tmp_path)
    assert httpx.get(f"{server.url}/v1/system/version").status_code == 200


def test_allow_list(distributed: Distribute, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of allowed distributions keeps plugins out, without importing them."""
    distributed("kept_out", "raise SystemExit('imported')")
    monkeypatch.setenv("OM_INGEST_ALLOW", "om-ingest-catalog-server om-ingest-catalog")
    server = start()
    assert json.loads(httpx.get(f"{root(server)}/docs.json").text)["added"] == []
