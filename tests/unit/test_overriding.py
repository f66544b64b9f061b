"""A user is told what `overrideMetadata` overrides, and where it cannot."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from om_ingest.cli import summary
from om_ingest.kinds import KINDS, TWO_SIDED, Policy, policies
from om_ingest.masking import Redactor
from om_ingest.run import launch, replay, request
from om_ingest.workflow.report import RunReport

SOURCE = """
from om_ingest import *

class Config(ConnectorConfig):
    fails: bool = False

class QuietSource(ConfiguredSource[Config]):
    def next_record(self):
        yield CreateDatabaseServiceRequest(name="s", serviceType="CustomDatabase")
        if self.config.fails:
            yield CreateDatabaseRequest(name="d", service="nowhere")
"""
LISTED = {Policy.FIRST, Policy.UNION, Policy.KEYS}


class _Server(BaseHTTPRequestHandler):
    """Says which version it is, and knows the bot of every token."""

    version = ""

    def do_GET(self) -> None:
        content = json.dumps({"version": self.version, "name": "bot", "isBot": True}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[Callable[[str], str]]:
    """Starts a server of a version; returns the URL of its API."""
    with HTTPServer(("127.0.0.1", 0), _Server) as started:
        thread = threading.Thread(target=started.serve_forever, args=(0.01,))
        thread.start()

        def of(version: str) -> str:
            _Server.version = version
            return f"http://127.0.0.1:{started.server_port}/api"

        yield of
        started.shutdown()
        thread.join()


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a workflow file with a sink, in which the source has `overrideMetadata`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "quiet_source", raising=False)
    (tmp_path / "quiet_source.py").write_text(SOURCE, "utf-8")

    def write(sink: str, override: bool = True, *, fails: bool = False, **config: Any) -> str:
        settings = {"type": "DatabaseMetadata", "overrideMetadata": override}
        source = {"type": "quiet_source:QuietSource", "sourceConfig": {"config": settings}}
        source["config"] = {"fails": fails}
        flow = {"source": source, "sink": {"type": sink, "config": config}}
        Path("flow.json").write_text(json.dumps(flow), "utf-8")
        return "flow.json"

    return write


def checked(path: str) -> tuple[RunReport, str]:
    """What `om-ingest check` finds out, and what it prints."""
    report = launch.check(request.job(path, redact=Redactor()))
    return report, "\n".join(summary.checked(report))


def test_check_lists_what_is_overridden(
    flow: Callable[..., str], server: Callable[[str], str]
) -> None:
    """Each field of any kind in which the source wins only then is named, and no other."""
    url = server("2.0.7")
    report, text = checked(flow("openmetadata", hostPort=url))
    listed = text.partition("set:\n")[2].partition("\n  and of")[0].replace("\n", " ").split(", ")
    assert sorted(name.strip() for name in listed) == sorted(
        {
            name
            for kind in KINDS.values()
            for name, policy in policies(kind)
            if policy in LISTED and (kind.entity_type, name) not in TWO_SIDED
        }
    )
    assert report.override_metadata
    assert "OpenMetadata 2.0.7" not in text  # it keeps nothing


@pytest.mark.parametrize(
    ("source", "sink", "overrides"),
    [(False, None, False), (True, False, False), (False, True, True), (True, None, True)],
)
def test_the_sink_wins(
    flow: Callable[..., str],
    server: Callable[[str], str],
    source: bool,
    sink: bool | None,
    overrides: bool,
) -> None:
    """Check says nothing of it unless the run overrides, by the sink's config or the source's."""
    config = {} if sink is None else {"override_metadata": sink}
    report, text = checked(flow("openmetadata", source, hostPort=server("2.0.7"), **config))
    assert report.override_metadata == ("overrideMetadata" in text) == overrides


@pytest.mark.parametrize("version", ["1.13.2", "2.0.7"])
@pytest.mark.parametrize("forced", [False, True])
def test_services(
    flow: Callable[..., str], server: Callable[[str], str], version: str, forced: bool
) -> None:
    """That services stay as they are is told before the run, unless they are overwritten."""
    path = flow("openmetadata", hostPort=server(version))
    workflow = json.loads(Path(path).read_text("utf-8"))
    config = {"hostPort": server(version), "forceEntityOverwriting": forced}
    workflow["workflowConfig"] = {"openMetadataServerConfig": config}
    Path(path).write_text(json.dumps(workflow), "utf-8")
    _, text = checked(path)
    assert text.count("A service that is there is left as it is") == (not forced)


@pytest.mark.parametrize("override", [True, False])
def test_records_in_files(flow: Callable[..., str], override: bool) -> None:
    """What a run has recorded, or could not deliver, is delivered as it was to deliver it."""
    launch.launch(request.job(flow("jsonl", override, path="out.jsonl"), redact=Redactor()))
    recorded = request.job("out.jsonl", sink="catalog:x.db", redact=Redactor())
    assert launch.check(recorded).override_metadata == override
    refused = flow("catalog", override, fails=True, path="x.db")
    report = launch.launch(request.job(refused, redact=Redactor()))
    again = replay.job(Path(str(report.dead_letters)), redact=Redactor())
    assert launch.check(again).override_metadata == override


def test_a_sink_that_overrides_nothing(
    flow: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """A run whose sink has no such thing is warned once, in its log and its report."""
    path = flow("console")
    assert "The sink console has no such thing" in checked(path)[1]
    caplog.clear()
    report = launch.launch(request.job(path, redact=Redactor(), dry_run=True))
    assert [record.message.partition(" has ")[0] for record in caplog.records] == [
        "overrideMetadata: The sink console"
    ]
    text = "\n".join(summary.lines(report.as_dict()))
    assert text.count("The sink console has no such thing") == 1
    assert not report.as_dict()["overrideMetadata"]
