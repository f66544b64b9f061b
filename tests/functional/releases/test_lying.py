"""Servers whose version is not what they say: a run delivers what they can hold, and says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from om_ingest.masking import Redactor
from om_ingest.run import launch, request

from tests.functional.preserving.targets import Served
from tests.functional.releases import facts
from tests.functional.releases.test_matrix import (
    everything,
    expected,
    left_out,
    missing,
    problems,
)
from tests.selection import few

NEWER = ("tableConstraints.relationshipType", "locationPath")
"""Fields of the sample tables that servers before 1.6.0 and 1.5.8 do not know."""

BARE = {"code": 400, "message": "Invalid request format"}
UNREAD = (b"Unrecognized field", b"Cannot construct instance")
"""How servers refuse a field or value that they do not know."""

WORKERS = 8

KEPT = {
    f"lineage.edge.lineageDetails.{field}"
    for field in ("createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges")
}
"""Fields that the server sets itself, so that a run sends them to none, and none refuses them."""


class Lying(Served):
    """A server of some version that says it is 2.0.7, and may not name what it refuses."""

    def __init__(self, folder: Path, version: str, *, names: bool) -> None:
        super().__init__(folder, version)
        self.settings = {}
        self.names = names
        self.refusals: list[tuple[str, str]] = []
        """Method and path of requests with something that the version does not know."""

    def _noting(self, application: Any) -> Any:
        inner = super()._noting(application)

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            parts: list[Any] = []

            async def keep(part: Any) -> None:
                parts.append(part)

            await inner(scope, receive, keep)
            head, *rest = parts
            content = b"".join(part.get("body", b"") for part in rest)
            if scope["path"].endswith("/system/version"):
                content = json.dumps({"version": "2.0.7"}).encode()
            elif head["status"] == 400 and any(words in content for words in UNREAD):
                self.refusals.append((scope["method"], scope["path"]))
                content = content if self.names else json.dumps(BARE).encode()
            plain = [one for one in head["headers"] if one[0].lower() != b"content-length"]
            await send({**head, "headers": plain})
            await send({"type": "http.response.body", "body": content})

        return answer


@pytest.mark.parametrize("names", few([False, True], 1), ids=["not named", "named"])
def test_sample_tables_to_a_server_that_lies(names: bool, tmp_path: Path) -> None:
    """All tables arrive, and two fields are named as left out; a second run changes nothing."""
    with Lying(tmp_path, "1.5.0", names=names) as server:
        report = run_connector(server, "sample-tables", {})
        assert problems(report) == []
        assert left_out(report) == {f"table.{NEWER[0]}": 13, f"table.{NEWER[1]}": 1}
        tables = server.all_of("table")
        assert len(tables) == 21
        assert sum(bool(table.get("tableConstraints")) for table in tables) == 13
        assert len(server.refusals) <= WORKERS * len(NEWER)
        again = run_connector(server, "sample-tables", {})
        assert problems(again) == []
        assert again["records"]["unchanged"] == report["records"]["yielded"]
        assert {table["version"] for table in server.all_of("table")} == {0.1}


@pytest.mark.parametrize(
    ("version", "names"), few([("1.6.0", False), ("1.9.0", False), ("1.6.0", True)], 1)
)
def test_records_of_every_kind_to_a_server_that_lies(
    version: str, names: bool, tmp_path: Path
) -> None:
    """It gets and lacks what a server of its true version does, at less than a request for each.

    A second run changes nothing. Where nothing is named, it sends what is there once more to find
    out what the server refuses; of that, a server without bulk may make a version: a table loses
    what it inherits.
    """
    number = facts.parsed(version)
    with Lying(tmp_path, version, names=names) as server:
        said = everything(server)
        server.refusals.clear()
        report = server.run(said)
        assert problems(report) == []
        lost = expected(said, number)
        if names:
            lost = {key: count for key, count in lost.items() if key not in KEPT}
        assert left_out(report) == lost
        assert list(missing(said, server.snapshot(), number)) == []
        assert len(server.refusals) <= len(lost) / (2 if names else 10)
        before = server.snapshot()
        again = server.run(said)
        assert problems(again) == []
        after = server.snapshot()
        changed = [key for key in after if after[key].get("version") != before[key].get("version")]
        assert len(changed) <= (0 if names else 1)


def run_connector(server: Served, connector: str, config: dict[str, Any]) -> Any:
    """`om-ingest run` of a connector; its report."""
    source = {"type": connector, "serviceName": "shop", "config": config}
    flow = {"source": source, **server.sink}
    path = server.folder / "flow.json"
    path.write_text(json.dumps(flow), encoding="utf-8")
    return launch.launch(request.job(str(path), redact=Redactor(), resume=False)).as_dict()
