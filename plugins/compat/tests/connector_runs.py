"""Connectors in `connectors/`, run by the real command in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from om_ingest.cli import build
from om_ingest.errors import OmIngestError
from typer.testing import CliRunner

from catalog_content import Content, content, said

CONNECTORS = Path(__file__).with_name("connectors")


@dataclass(frozen=True)
class ConnectorRun:
    """How `om-ingest run` ended, and what it left in a catalog."""

    code: int
    """Its exit code."""
    output: str
    """What it printed."""
    report: dict[str, Any]
    """What `--report` wrote; empty if the run did not begin."""
    content: Content

    def notes(self, sort: str) -> list[str]:
        """`key: reason` of what the source said: `failures`, `warnings` or `filtered`."""
        samples = self.report["sourceStatus"][sort]["samples"]
        return [f"{note['key']}: {note['reason']}" for note in samples]


@dataclass(frozen=True)
class Expected:
    """What the author of a connector means it to do, from a file `expected.yaml`."""

    content: Content
    code: int
    failures: list[str]
    """How `key: reason` of each failure begins."""
    warnings: list[str]
    """How `key: reason` of each warning begins."""
    filtered: list[str]
    """`key: reason` of each."""
    yielded: int | None
    """Records that the source yields, if the author counts them."""

    @classmethod
    def read(cls, path: Path, **words: str) -> Expected:
        """The file, `{word}` in it replaced by its value."""
        text = path.read_text("utf-8")
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value)
        file = yaml.safe_load(text)
        report = file["report"]
        return cls(
            {"entities": said(file["entities"]), "lineage": said(file.get("lineage", {}))},
            report["code"],
            *(report.get(sort, []) for sort in ("failures", "warnings", "filtered")),
            report.get("yielded"),
        )


RunConnector = Callable[..., ConnectorRun]


@pytest.fixture
def run_connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConnector:
    """`run_connector(folder, path)`: `om-ingest run flow.yaml` in a folder, into a fresh catalog.

    `path` is where its modules lie, if not in the folder itself.
    """
    report, catalog, state = (tmp_path / name for name in ("report.json", "catalog.db", "state"))

    def run(
        folder: Path, path: Path | None = None, *options: str, file: str = "flow.yaml"
    ) -> ConnectorRun:
        monkeypatch.chdir(folder)
        arguments = ["run", file, "--path", str(path or folder)]
        arguments += ["--sink", f"catalog:{catalog}", "--report", str(report)]
        arguments += ["--state", str(state), *options]
        done = CliRunner().invoke(build(["run"]), arguments)
        error = done.exception
        if isinstance(error, OmIngestError):  # as the command's own entry point
            code, output = error.exit_code, f"{done.output}error: {error}"
        elif error is None or isinstance(error, SystemExit):
            code, output = done.exit_code, done.output
        else:
            raise error
        told = json.loads(report.read_text("utf-8")) if report.exists() else {}
        found = content(catalog) if catalog.exists() else {"entities": {}, "lineage": {}}
        return ConnectorRun(code, output, told, found)

    return run
