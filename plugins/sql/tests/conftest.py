"""What several tests of the sources share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from om_ingest.masking import Redactor
from om_ingest.run import launch, request
from om_ingest.workflow.report import RunReport


class Flow:
    """Workflow files in a folder, checked and run in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, text: str | dict[str, Any]) -> Path:
        """A file with this text, or with a mapping as JSON."""
        path = self.folder / ("flow.yaml" if isinstance(text, str) else "flow.json")
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return path

    def check(self, text: str | dict[str, Any], **options: Any) -> RunReport:
        """As `om-ingest check FILE`."""
        return self._do(launch.check, text, options)

    def run(self, text: str | dict[str, Any], **options: Any) -> RunReport:
        """As `om-ingest run FILE`."""
        return self._do(launch.launch, text, options)

    def records(self) -> list[dict[str, Any]]:
        """What a run delivered into `out.jsonl`: type and record of each line."""
        lines = (self.folder / "out.jsonl").read_text("utf-8").splitlines()
        return [line for line in map(json.loads, lines[1:]) if line["type"] != "end"]

    def _do(self, act: Callable[..., RunReport], text: Any, options: Any) -> RunReport:
        job = request.job(str(self.write(text)), redact=Redactor(), **options)
        return act(job)


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flow:
    """Workflow files in the working directory of the test."""
    monkeypatch.chdir(tmp_path)
    return Flow(tmp_path)
