"""Servers whose version is not what they say: a run delivers what they can hold, and says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from om_ingest.masking import Redactor
from om_ingest.run import launch, request

from tests.functional.preserving.targets import Served
from tests.functional.releases.test_matrix import left_out, problems
from tests.selection import few

BARE = "Invalid request format"
NEWER = ("tableConstraints.relationshipType", "locationPath")
"""Fields of the sample tables that servers before 1.6.0 and 1.5.8 do not know."""


class Lying(Served):
    """A server of 1.6 that says it is another one, and refuses some fields."""

    def __init__(self, folder: Path, says: str, *refused: str, names: bool) -> None:
        super().__init__(folder, "1.6.0")
        self.settings = {}
        self.says, self.refused, self.names = says, set(refused), names
        self.refusals: list[str] = []

    def _noting(self, application: Any) -> Any:
        inner = super()._noting(application)

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"].endswith("/system/version"):
                await _reply(send, 200, {"version": self.says})
                return
            content = b""
            while (part := await receive()).get("more_body"):
                content += part["body"]
            content += part.get("body", b"")
            parsed = json.loads(content) if content else None
            if found := sorted(self.refused.intersection(_paths(parsed))):
                self.asked.append((scope["method"], scope["path"]))
                self.refusals.append(found[0])
                told = _jackson(found[0]) if self.names else BARE
                await _reply(send, 400, {"code": 400, "message": told})
                return

            async def replay() -> Any:
                return {"type": "http.request", "body": content, "more_body": False}

            await inner(scope, replay, send)

        return answer


async def _reply(send: Any, status: int, body: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def _paths(value: Any, path: str = "") -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        for field, inner in item.items() if isinstance(item, dict) else ():
            here = f"{path}.{field}".strip(".")
            yield here
            yield from _paths(inner, here)


def _jackson(path: str) -> str:
    links = "->java.util.ArrayList[0]->x.".join(f'X["{field}"]' for field in path.split("."))
    return (
        f'Unrecognized field "{path.rpartition(".")[2]}" (class org.openmetadata.X), not marked'
        f" as ignorable\n at [Source: UNKNOWN] (through reference chain: {links})"
    )


@pytest.mark.parametrize("names", few([False, True], 1), ids=["not named", "named"])
def test_sample_tables_to_a_server_that_lies(names: bool, tmp_path: Path) -> None:
    """All tables arrive, and two fields are named as left out; a second run changes nothing."""
    with Lying(tmp_path, "2.0.7", *NEWER, names=names) as server:
        report = run_connector(server, "sample-tables", {})
        assert problems(report) == []
        assert left_out(report) == {f"table.{NEWER[0]}": 13, f"table.{NEWER[1]}": 1}
        tables = server.all_of("table")
        assert len(tables) == 21
        assert sum(bool(table.get("tableConstraints")) for table in tables) == 13
        assert set(server.refusals) == set(NEWER)
        again = run_connector(server, "sample-tables", {})
        assert problems(again) == []
        assert again["records"]["unchanged"] == report["records"]["yielded"]
        assert {table["version"] for table in server.all_of("table")} == {0.1}


def run_connector(server: Served, connector: str, config: dict[str, Any]) -> Any:
    """`om-ingest run` of a connector; its report."""
    source = {"type": connector, "serviceName": "shop", "config": config}
    flow = {"source": source, **server.sink}
    path = server.folder / "flow.json"
    path.write_text(json.dumps(flow), encoding="utf-8")
    return launch.launch(request.job(str(path), redact=Redactor(), resume=False)).as_dict()
