"""A job for each example: a talkative connector, a catalog server, and files to run it with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
COMMAND = Path(sys.executable).with_name("om-ingest")
NOBODY = "openmetadata:http://127.0.0.1:9/api"
"""A sink whose server nobody has started: nothing listens on the port `discard`."""

CONNECTOR = """
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Record,
)
from om_ingest.model import Column, DatabaseServiceType, DataType


class NightConfig(ConnectorConfig):
    tables_count: int = 2
    broken_while: Path | None = None
    pause_s: float = 0


class NightSource(ConfiguredSource[NightConfig]):
    def next_record(self) -> Iterator[Record]:
        print("printed by the connector")
        self.ctx.logger.warning("a warning, 100%")
        yield CreateDatabaseServiceRequest(
            name="shop", serviceType=DatabaseServiceType.CustomDatabase
        )
        yield CreateDatabaseRequest(name="db", service="shop")
        yield CreateDatabaseSchemaRequest(name="public", database="shop.db")
        for number in range(self.config.tables_count):
            columns = [Column(name="id", dataType=DataType.INT)]
            yield CreateTableRequest(
                name=f"t{number}", databaseSchema="shop.db.public", columns=columns
            )
        if self.config.broken_while and self.config.broken_while.exists():
            self.config.broken_while.unlink()
            raise RuntimeError("the source is gone")
        time.sleep(self.config.pause_s)
"""


@dataclass
class Job:
    """A folder with a connector, a workflow file, and the folder of the state."""

    folder: Path

    @property
    def workflow(self) -> Path:
        """The workflow file."""
        return self.folder / "night.yaml"

    @property
    def state(self) -> Path:
        """Where the example keeps journal, report and metrics."""
        return self.folder / "state"

    @property
    def report(self) -> dict[str, Any]:
        """The report of the last run."""
        report: dict[str, Any] = json.loads((self.state / "report.json").read_text("utf-8"))
        return report

    def write(self, sink: str | None = None, **config: Any) -> None:
        """Write the workflow; `sink` is as on the command line, a catalog by default."""
        kind, _, place = (sink or f"catalog:{self.folder / 'night.db'}").partition(":")
        source = {"type": "night:NightSource", "serviceName": "shop", "config": config}
        workflow: dict[str, Any] = {"source": source, "plugins": {"path": "."}}
        workflow["sink"] = {"type": kind}
        if kind == "catalog":
            workflow["sink"]["config"] = {"path": place}
        else:
            address: dict[str, Any] = {"hostPort": place, "securityConfig": {"jwtToken": "any"}}
            address["retryBudget_s"] = 1
            workflow["workflowConfig"] = {"openMetadataServerConfig": address}
        self.workflow.write_text(json.dumps(workflow, default=str), "utf-8")

    def runs(self) -> list[dict[str, Any]]:
        """The runs in the journal, newest first; none before there is one."""
        if not (self.state / "om-ingest-runs.db").exists():
            return []
        command = [COMMAND, "runs", "--state", self.state, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def wait(self) -> None:
        """Wait until a run has read the two tables, and pauses."""
        until = time.monotonic() + 120
        while not any(run["state"] == "running" for run in self.runs()):
            assert time.monotonic() < until, "no run began"
            time.sleep(0.5)
        time.sleep(1)

    def adapted(self, example: str, into: Path, changes: Mapping[str, str]) -> Path:
        """A copy of an example of Python, with its constants and times set as a user sets them."""
        text = (EXAMPLES / example).read_text("utf-8")
        constants = {
            '"/opt/om-ingest/bin/om-ingest"': repr(str(COMMAND)),
            '"/opt/om-ingest/workflow.yaml"': repr(str(self.workflow)),
            '"/var/lib/om-ingest/nightly"': repr(str(self.state)),
            "GRACE_S = 25": "GRACE_S = 10",
        }
        for old, new in {**constants, **changes}.items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        into.mkdir(parents=True, exist_ok=True)
        copy = into / Path(example).name
        copy.write_text(text, "utf-8")
        return copy


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job that reads a service, a database, a schema and two tables."""
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "night.py").write_text(CONNECTOR, "utf-8")
    made = Job(folder)
    made.write()
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A catalog server, as the sink of a workflow names it."""
    command = [COMMAND, "serve", "--port", "0", "--catalog", tmp_path / "served.db"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, _, _ = process.stdout.readline().partition(" ")
        try:
            yield f"openmetadata:{url}"
        finally:
            process.terminate()


def environment_of(name: str) -> Path:
    """The environment of a program that examples are for; `nox -s examples` makes it."""
    variable = f"EXAMPLES_{name.upper()}"
    if variable not in os.environ:
        pytest.fail(f"{variable} names no environment: run `nox -s examples`")
    return Path(os.environ[variable])
