"""A run is reported to its ingestion pipeline on the server, however it ends."""

from __future__ import annotations

import json
import signal
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest import REST
from om_ingest.model import IngestionPipeline, RunStatus
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest_catalog_server.testing import CatalogServer

from tests.selection import few

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Cli, Connect

PIPELINE = "shop.nightly"
SECRET = "canary-3141"

SOURCE = """
def prepare(self):
    if self.config.dies == "in prepare":
        raise RuntimeError("no connection")

def next_record(self):
    yield from stock.tables(self.config.good)
    for number in range(self.config.bad):
        yield stock.table(f"{self.config.password}{number}", schema="shop.db.nowhere")
    if self.config.dies == "in the middle":
        raise RuntimeError("the source is gone")
    if self.config.dies == "by exit":
        sys.exit(5)
    if self.config.dies == "never":
        self.ctx.metadata.flush()
        pathlib.Path("waiting").touch()
        time.sleep(60)
"""

CONFIG = """
good: int = 2
bad: int = 0
dies: str = ""
password: str = "lost"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogServer]:
    """One server for all tests: each run has an id of its own."""
    with CatalogServer(tmp_path_factory.mktemp("server") / "catalog.db") as started:
        yield started


@pytest.fixture
def store(server: CatalogServer) -> Iterator[OpenMetadata]:
    """A client of the server."""
    with REST({"hostPort": server.url}) as opened:
        yield opened


class Job:
    """A workflow that reports its runs."""

    def __init__(self, cli: Cli, server: CatalogServer, store: OpenMetadata, name: str) -> None:
        self.cli = cli
        self.run_id = name
        self._store = store
        self._url = server.url

    def written(self, *, workflow: dict[str, Any] | None = None, **config: Any) -> str:
        """The workflow file; `config` is that of the source."""
        server = {"openMetadataServerConfig": {"hostPort": self._url}}
        flow = {
            "source": {"type": "unsteady", "serviceName": "shop", "config": config},
            "sink": {"type": "metadata-rest", "config": {}},
            "workflowConfig": {**server, **(workflow or {})},
            "ingestionPipelineFQN": PIPELINE,
            "pipelineRunId": self.run_id,
        }
        return self.cli.write("flow.json", json.dumps(flow))

    def reported(self) -> RunStatus:
        """What the server shows of the run."""
        status = self._store.get_run_status(PIPELINE, self.run_id)
        assert status is not None
        return status


@pytest.fixture
def job(
    cli: Cli, connector: Connect, server: CatalogServer, store: OpenMetadata, tmp_path: Path
) -> Job:
    """A job whose pipeline has had a run already."""
    connector("unsteady", SOURCE, config=CONFIG)
    if store.get_by_name(IngestionPipeline, PIPELINE) is None:
        first = Job(cli, server, store, f"first-{tmp_path.name}")
        cli("run", first.written()).succeeded()
        assert first.reported().pipelineState == "success"
    return Job(cli, server, store, tmp_path.name)


def test_the_pipeline_is_created(job: Job, store: OpenMetadata) -> None:
    """The first run of a service creates its pipeline, and says what kind of one it is."""
    pipeline = store.get_by_name(IngestionPipeline, PIPELINE)
    assert pipeline is not None
    assert pipeline.pipelineType.value == "metadata"
    assert pipeline.sourceConfig.config == {"type": "DatabaseMetadata"}
    assert pipeline.service is not None
    assert pipeline.service.type == "databaseService"


@pytest.mark.parametrize(
    ("config", "workflow", "code", "state"),
    few(
        [
            ({}, {}, 0, "success"),
            ({"good": 20, "bad": 1}, {}, 1, "partialSuccess"),
            ({"dies": "in the middle"}, {}, 1, "failed"),
            ({"good": 2, "bad": 5}, {}, 1, "failed"),
            ({"good": 2, "bad": 5}, {"successThreshold": 30}, 0, "partialSuccess"),
            ({"good": 20, "bad": 1}, {"successThreshold": 99}, 1, "failed"),
            ({"dies": "in prepare"}, {}, 1, "failed"),
            ({"dies": "by exit"}, {}, 1, "failed"),
        ],
        3,
    ),
    ids=str,
)
def test_ends(
    job: Job, config: dict[str, Any], workflow: dict[str, Any], code: int, state: str
) -> None:
    """The state is that of OpenMetadata's rule, with the threshold of the file (§9).

    A run that did not succeed has an error with a reason.
    """
    ended = job.cli("run", job.written(workflow=workflow, **config))
    assert ended.code == code, ended.err
    status = job.reported()
    assert status.pipelineState == state
    assert status.endDate is not None
    assert status.startDate is not None
    assert status.endDate >= status.startDate
    told = [failure for summary in status.status or () for failure in summary.failures or ()]
    assert bool(told) == (state != "success")
    assert all(failure.error for failure in told)
    if "dies" in config:
        assert [bool(summary.errors) for summary in status.status or ()] == [True, False]
        assert told[0].stackTrace


def test_counts(job: Job) -> None:
    """The steps tell their records, and the first ten failures with reasons, without secrets."""
    job.cli("run", job.written(good=30, bad=12, password=SECRET))
    status = job.reported()
    assert status.status is not None
    source, sink = status.status
    assert (source.name, source.records, source.errors) == ("Source", 45, 0)
    assert (sink.name, sink.records, sink.errors) == ("OpenMetadata", 33, 12)
    assert sink.failures is not None
    assert len(sink.failures) == 10
    assert "not found" in sink.failures[0].error
    assert SECRET not in status.model_dump_json()


def test_interrupted(job: Job) -> None:
    """The server shows the run as running, and as failed once a signal has ended it."""
    process = job.cli.start("run", job.written(dies="never"))
    job.cli.wait_for("waiting")
    assert job.reported().pipelineState == "running"
    process.send_signal(signal.SIGTERM)
    assert job.cli.ended(process).code == 143
    assert job.reported().pipelineState == "failed"
    assert "SIGTERM" in job.reported().model_dump_json()


def test_a_journal_that_fails(job: Job) -> None:
    """A run that cannot be entered in the journal that was asked for does not stay running."""
    job.cli("run", "unsteady", "--sink", "console").succeeded()  # there is a journal now
    with sqlite3.connect(job.cli.cwd / "om-ingest-runs.db") as journal:
        journal.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON run BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    journal.close()
    job.cli("run", job.written(), "--state", ".").refused(1, "no room")
    assert job.reported().pipelineState == "failed"
    assert "no room" in job.reported().model_dump_json()


def test_a_service_that_is_nowhere(job: Job) -> None:
    """Where there is nothing to report to the run says so, and does not fail."""
    path = job.written()
    flow = json.loads((job.cli.cwd / path).read_text("utf-8"))
    job.cli.write("flow.json", json.dumps({**flow, "ingestionPipelineFQN": "elsewhere.nightly"}))
    ended = job.cli("run", "flow.json").succeeded()
    assert "not reported to elsewhere.nightly" in ended.err


def test_a_dry_run_reports_nothing(job: Job, store: OpenMetadata) -> None:
    """A dry run does not show up on the server."""
    job.cli("run", job.written(), "--dry-run").succeeded()
    assert store.get_run_status(PIPELINE, job.run_id) is None
