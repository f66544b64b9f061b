"""What completion offers without a shell: files and runs of the working directory."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from om_ingest.cli import completion
from om_ingest.masking import Redactor
from om_ingest.run import launch, request

TARGETS = {
    "long.yaml": "# a comment\n\nsource:\n  type: sqlite\n",
    "flow.json": '{"source": {"type": "sqlite"}}',
    "indented.json": '{\n  "sink": {},\n  "source": {"type": "sqlite"}\n}',
    "table.toml": '[source]\ntype = "sqlite"\n',
    "dotted.toml": 'source.type = "sqlite"\n',
    "records.jsonl": "",
}
OTHERS = {
    "mkdocs.yml": "site_name: x\nplugins:\n  - source: x\nresource: y\n",
    "pyproject.toml": "[project]\nname = 'x'\n[tool.hatch.build]\nsources = ['src']\n",
    "flow.schema.json": '{"properties": {"source": {}}}',
    "package.json": '{"name": "x"}',
    ".hidden.yaml": "source: {type: sqlite}\n",
    "notes.txt": "source: x\n",
}


def test_files_that_run_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings, and files that name a source, whichever form they have; no others."""
    monkeypatch.chdir(tmp_path)
    for name, text in {**TARGETS, **OTHERS}.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "folder.yaml").mkdir()
    known = completion.sources("")
    assert [one for one in completion.targets("") if one not in known] == sorted(TARGETS)
    assert [one for one in completion.targets("flow") if one not in known] == ["flow.json"]


def test_runs_of_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids of runs are offered as `om-ingest runs` prints them; none where there are none."""
    monkeypatch.chdir(tmp_path)
    typed = SimpleNamespace(params={}, parent=None)  # what typer knows of the words before
    assert completion.runs(typed, "") == []
    ended = launch.launch(request.job("sample-tables", redact=Redactor()))
    (offered,) = completion.runs(typed, "")
    assert ended.run_id.startswith(offered)
