"""What commands print with `--json`, and reports, spell their keys in one way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from om_ingest import terminal
from om_ingest.cli import COMMANDS, build
from om_ingest.doctor import Finding, Trial
from om_ingest_catalog.command import app as catalog
from typer.testing import CliRunner

KEY = re.compile(r"[a-z]+([A-Z][a-z]*)*(_s)?")
"""Camel case as in OpenMetadata; a quantity in seconds says so, as in the names of the code."""

LOOKING: dict[str, tuple[str, ...]] = {
    "list-sources": (),
    "list-plugins": (),
    "show": ("sample-tables",),
    "runs": (),
    "runs show": ("a-run",),
    "runs prune": ("--keep", "1"),
    "state show": ("flow.yaml",),
    "catalog tables": (),
    "catalog list": ("table",),
    "catalog tree": (),
    "catalog lineage": ("daily_revenue",),
    "catalog show": ("daily_revenue",),
    "catalog search": ("revenue",),
}
"""Commands with `--json`, and what they are asked for; `doctor` is tested by its classes."""


def keys(value: Any) -> Iterator[str]:
    """Every key in a JSON document."""
    if isinstance(value, list):
        for item in value:
            yield from keys(item)
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from keys(item)


def with_json(command: Any, name: str) -> Iterator[str]:
    """The commands below one, itself among them, that have an option `--json`."""
    if any("--json" in option.opts for option in command.params):
        yield name
    for below, inner in getattr(command, "commands", {}).items():
        yield from with_json(inner, f"{name} {below}")


def test_keys_have_one_spelling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command has a key with an underscore or a hyphen, and none has a spelling of its own."""
    monkeypatch.chdir(tmp_path)
    Path("flow.yaml").write_text("source: {type: sample-tables}\npipelineRunId: a-run\n", "utf-8")
    ran = CliRunner().invoke(build(["run"]), ["run", "flow.yaml", "--report", "report.json"])
    assert ran.exit_code == 0, ran.output
    shown = {"run --report": json.loads(Path("report.json").read_text("utf-8"))}
    for name, more in LOOKING.items():
        words = [*name.split(), *more, "--json"]
        run = CliRunner().invoke(build(words), words)
        assert run.exit_code == 0, run.output
        shown[name] = json.loads(run.stdout)
        assert shown[name], "something is shown"
    assert {"name", "type", "default", "required"} <= shown["show"]["config"][0].keys()
    wrong = {
        name: [key for key in keys(said) if not KEY.fullmatch(key)] for name, said in shown.items()
    }
    assert {name: found for name, found in wrong.items() if found} == {}


def test_findings_are_spelled_so_too() -> None:
    """The findings and imports of `doctor` have the same spelling."""
    finding = Finding("kind", "what", "fix")
    trial = Trial("source", "distribution", "1", "module", 0.1, "", "")
    for found in (finding, trial):
        assert [key for key in terminal.as_dict(found) if not KEY.fullmatch(key)] == []


def test_every_command_with_json_is_known() -> None:
    """A command that gets `--json` is tested here."""
    found = set(with_json(typer.main.get_command(catalog), "catalog"))
    for name in COMMANDS:
        command: Any = typer.main.get_command(build([name]))
        found |= set(with_json(command.commands[name], name))
    assert found - {"doctor"} == LOOKING.keys()
