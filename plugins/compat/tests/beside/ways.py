"""Connectors, run by openmetadata-ingestion itself, by om-ingest, and by both.

`upstream`: `metadata ingest -c flow.yaml`, against a catalog server. `ours`: `om-ingest run
flow.yaml` with compat, without openmetadata-ingestion. `both`: the same command, installed beside
openmetadata-ingestion, whose modules the connector then imports.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from om_ingest_catalog_server.testing import CatalogServer

from catalog_content import Content, content
from connector_runs import CONNECTORS

UPSTREAM, BOTH = "OFFICIAL_CLIENT", "OFFICIAL_CLIENT_AND_US"
"""Variables that name the environments; `nox -s official-client` makes them."""
PATIENCE_S = 900


@dataclass(frozen=True)
class Case:
    """A connector with its workflow file."""

    name: str
    """Its folder, below `connectors`."""

    @property
    def folder(self) -> Path:
        return CONNECTORS / self.name

    @property
    def path(self) -> Path:
        """Where its modules lie."""
        return self.folder.parent if self.folder.parent.name == "custom" else self.folder


CASES = [
    Case(str(file.parent.relative_to(CONNECTORS)))
    for file in sorted(CONNECTORS.glob("*/*/flow.yaml"))
    if file.parent.parent.name not in ("bad", "native")  # no release of upstream runs those
]


@dataclass(frozen=True)
class Outcome:
    """How one run ended."""

    code: int
    text: str
    """What it printed and logged."""
    content: Content = field(default_factory=lambda: {"entities": {}, "lineage": {}})


def python_of(variable: str) -> Path:
    """The interpreter of an environment; without one, its tests fail."""
    if variable not in os.environ:
        pytest.fail(f"{variable} names no environment: run `nox -s official-client`", pytrace=False)
    return Path(os.environ[variable]).absolute() / "bin/python"


def clean() -> dict[str, str]:
    """The environment variables without those for Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONWARNINGS": "ignore"}


def by_upstream(cases: list[Case], work: Path) -> dict[str, Outcome]:
    """`metadata ingest`, each case against a catalog server of its own."""
    jobs = []
    with contextlib.ExitStack() as servers:
        for number, case in enumerate(cases):
            catalog = work / f"{number}.db"
            server = servers.enter_context(CatalogServer(catalog))
            (work / f"{number}.yaml").write_text(to_server(case, server.url), "utf-8")
            jobs.append(
                {
                    "folder": str(case.folder),
                    "path": str(case.path),
                    "file": str(work / f"{number}.yaml"),
                    "log": str(work / f"{number}.log"),
                }
            )
        (work / "jobs.json").write_text(json.dumps(jobs), "utf-8")
        done = subprocess.run(
            [
                python_of(UPSTREAM),
                Path(__file__).with_name("upstream_ingest.py"),
                work / "jobs.json",
            ],
            env=clean(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
    codes = json.loads(done.stdout.splitlines()[-1])
    return {
        case.name: Outcome(
            code, (work / f"{number}.log").read_text("utf-8"), content(work / f"{number}.db")
        )
        for number, (case, code) in enumerate(zip(cases, codes, strict=True))
    }


def to_server(case: Case, url: str) -> str:
    """The workflow file, with what upstream wants to know of the server."""
    flow = yaml.safe_load((case.folder / "flow.yaml").read_text("utf-8"))
    flow["sink"] = {"type": "metadata-rest", "config": {}}
    flow.setdefault("workflowConfig", {}).setdefault("openMetadataServerConfig", {}).update(
        hostPort=url, authProvider="openmetadata", securityConfig={"jwtToken": "none"}
    )
    return yaml.safe_dump(flow)


def by_us(cases: list[Case], work: Path, python: Path) -> dict[str, Outcome]:
    """`om-ingest run` of an environment, each case into a catalog of its own."""
    return {
        case.name: _by_us(case, work / str(number), python) for number, case in enumerate(cases)
    }


def _by_us(case: Case, work: Path, python: Path) -> Outcome:
    catalog = work.with_suffix(".db")
    command = [python, "-m", "om_ingest", "run", "flow.yaml", "--path", case.path]
    command += ["--sink", f"catalog:{catalog}", "--state", work]
    done = subprocess.run(
        command, cwd=case.folder, env=clean(), capture_output=True, text=True, timeout=PATIENCE_S
    )
    text = done.stdout + done.stderr
    if not catalog.exists():
        return Outcome(done.returncode, text)
    return Outcome(done.returncode, text, content(catalog))
