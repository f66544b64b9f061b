"""The reference pages name everything that the product has, and say of it what is so."""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import om_ingest
import om_ingest_testing as testing
import pytest
from om_ingest import SourceStatus, cli, errors
from om_ingest.delivery import DeliveryWarnings, Fault, RunEnd, SinkContext
from om_ingest.kinds import KINDS, Policy, policies
from om_ingest.kinds.door import RECORD_TYPE_NAMES, request_of
from om_ingest.registry import sources
from om_ingest.releases import Dialect, Version, history
from om_ingest.sinks import recording
from om_ingest.source import Note
from om_ingest.workflow import config
from om_ingest.workflow.kept_run import KeptRun
from om_ingest.workflow.report import RunReport
from om_ingest.workflow.stale import StaleReport
from om_ingest_compat.client.open_metadata import OpenMetadata
from om_ingest_compat.modules.table import MODULES
from typer.main import get_command

ROWS = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


@pytest.fixture(scope="module")
def generate(root: Path) -> ModuleType:
    """docs/generate.py, loaded as mkdocs does it: by its path, with its folder to import from."""
    spec = importlib.util.spec_from_file_location("generate", root / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "docs")
        spec.loader.exec_module(module)
    return module


def rendered(root: Path, generate: ModuleType, name: str, folder: str = "reference") -> str:
    """A page with its generated parts."""
    path = root / f"docs/{folder}/{name}.md"
    page = SimpleNamespace(file=SimpleNamespace(abs_src_path=str(path)))
    return str(generate.on_page_markdown(path.read_text("utf-8"), page))


def leaves(command: Any, path: str) -> dict[str, Any]:
    """Every command below one, with the words that call it."""
    if not hasattr(command, "commands"):
        return {path: command}
    found: dict[str, Any] = {}
    for name, inner in command.commands.items():
        found |= leaves(inner, f"{path} {name}")
    return found


def test_every_command_has_a_section(root: Path, generate: ModuleType) -> None:
    """The page of the command line has each command, with each argument and option."""
    page = rendered(root, generate, "cli")
    commands = leaves(get_command(cli.build(list(cli.COMMANDS))), "om-ingest")
    assert len(commands) >= len(cli.COMMANDS)
    for path, command in commands.items():
        assert f" `{path}`\n" in page
        section = page.partition(f" `{path}`\n")[2].partition("\n## ")[0]
        for param in command.params:
            for name in param.opts if param.param_type_name == "option" else [param.name]:
                assert name == "--help" or name in section, f"{path}: {name}"


def test_every_error_has_a_section(root: Path, generate: ModuleType) -> None:
    """The page of errors has each class, and its table each exit code that a class means."""
    page = rendered(root, generate, "errors")
    classes = [
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.OmIngestError)
    ]
    for error in classes:
        assert f"### `{error.__name__}`\n" in page
        assert f"\n| {error.exit_code} |" in page


def test_every_status_of_a_source_is_explained(root: Path) -> None:
    """The page of the namespace has a row for each status that `list-sources` shows."""
    page = (root / "docs/explanation/namespace.md").read_text("utf-8")
    texts = {
        value for name, value in vars(sources).items() if name.isupper() and isinstance(value, str)
    }
    statuses = texts - {sources.SOURCE_GROUP, sources.FRAMEWORK}
    assert {row.partition(":")[0] for row in ROWS.findall(page)} == statuses


def test_every_kind_is_in_the_vocabulary(root: Path, generate: ModuleType) -> None:
    """The vocabulary has one row for each kind of entity, and no other."""
    rows = ROWS.findall(rendered(root, generate, "vocabulary"))
    assert rows == list(KINDS)


def test_every_field_has_its_policy_on_the_page(root: Path, generate: ModuleType) -> None:
    """The page of guarantees tells the policy of each field, for all kinds or for its own."""
    text = rendered(root, generate, "guarantees", "explanation")
    section = text.partition("\n## Who wins, per field")[2]
    of_all, of_kinds, *_ = section.partition("\n## ")[0].split("\n| kind")
    cells = [line.strip("|").split(" | ") for line in of_kinds.splitlines() if "`" in line]
    for name, kind in KINDS.items():
        own = next((row for row in cells if f"`{name}`" in row[0]), ["", "", ""])
        told = dict(part.split(": ") for part in own[2].strip(" |").split("; ") if ": " in part)
        for field, policy in policies(kind):
            everywhere = next(row for row in of_all.splitlines() if f"| `{policy.value}` |" in row)
            here = own[1] if policy is Policy.SOURCE else told.get(f"`{policy.value}`", "")
            assert policy is Policy.PLACE or f"`{field}`" in everywhere + here, f"{name}.{field}"


def test_every_limit_of_a_server_is_on_its_page(root: Path, generate: ModuleType) -> None:
    """The page of versions has each kind, field and value that `om-ingest check` names for 1.5."""
    page = rendered(root, generate, "servers")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    oldest = Dialect(Version(1, 5, 0))
    kinds = [name for name in RECORD_TYPE_NAMES if oldest.lacks(name)]
    assert [name for name in kinds if not any(f"`{name}` | `/v1/" in row for row in rows)] == []
    waiting = [request_of(name).__name__ for name in RECORD_TYPE_NAMES if name not in kinds]
    for class_name in waiting:
        waiting += oldest.parts(class_name).difference(waiting)
        for lost in oldest.unknown(class_name):
            said = f"`{lost.value}`" if lost.value else f"| `{lost.path.removesuffix('[1:]')}` |"
            assert any(said in row and history(lost.span or []) in row for row in rows), lost


def test_every_key_of_the_workflow_file_is_listed(root: Path, generate: ModuleType) -> None:
    """The page of keys has each key of each block that a workflow file may hold."""
    page = rendered(root, generate, "workflow-keys")
    blocks = [
        value
        for value in vars(config).values()
        if inspect.isclass(value)
        and hasattr(value, "model_fields")
        and value.model_fields
        and value.__module__ == config.__name__
    ]
    assert config.Workflow in blocks
    for block in blocks:
        for name, info in block.model_fields.items():
            assert f"\n| `{info.alias or name}` |" in page, f"{block.__name__}.{name}"


def test_every_name_of_the_framework_is_listed(root: Path, generate: ModuleType) -> None:
    """The page of compat has each module and name of the table that its finder uses, each method
    of its client, and each base class of a family with what it calls.
    """
    page = rendered(root, generate, "compat")
    rows = page.splitlines()
    for module, names in MODULES.items():
        package, _, last = module.rpartition(".")
        start = f"| `{module}` |" if names else f"| `{package}` |"
        listed = "".join(row for row in rows if row.startswith(start))  # areas may share a module
        assert [name for name in names or [last] if f"`{name}`" not in listed] == [], module
    for method in dir(OpenMetadata):
        assert method.startswith("_") or f"`{method}(" in page or method in ("client", "config")
    families = [module for module in MODULES if module.endswith("_service") and MODULES[module]]
    assert len(families) == page.count("\n### `") > 0


def test_every_public_name_is_on_a_page(root: Path, generate: ModuleType) -> None:
    """Each public name of om_ingest and of its test kit stands on a page of the reference."""
    names = [path.stem for path in (root / "docs/reference").glob("*.md")]
    pages = "\n".join(rendered(root, generate, name) for name in names)
    public = {*om_ingest.__all__, *testing.__all__} - {"__version__"}
    assert {name for name in public if not re.search(rf"\b{name}\b", pages)} == set()


def test_number_of_checks_in_the_tutorial(root: Path) -> None:
    """As many tests pass at the end as the suite has checks and the page has tests."""
    page = (root / "docs/tutorial.md").read_text("utf-8")
    checks = [name for name in dir(testing.SourceSuite) if name.startswith("test_")]
    passed = re.findall(r"^(\d+) passed", page, re.MULTILINE)
    assert int(passed[-1]) == len(checks) + page.count("\ndef test_")


def keys_of(root: Path, number: int, name: str = "records") -> list[str]:
    """The keys in one table of a page about files, unless told otherwise those of records."""
    page = (root / f"docs/reference/{name}.md").read_text("utf-8")
    tables = [ROWS.findall(part) for part in page.split("\n\n") if part.startswith("| key")]
    return tables[number]


def test_first_and_last_line_of_a_recording(root: Path) -> None:
    """The page lists the keys that a recording's first line and last line have, in order."""
    context = SinkContext(run_id="1")
    first = json.loads(recording.header_of(context))
    last = json.loads(recording.end_of(RunEnd("success", True), 1, 0))
    assert keys_of(root, 0) == list(first)
    assert keys_of(root, 1) == list(last)
    assert (first["format"], first["version"]) == ("om-ingest-records", 1)


def test_every_key_of_the_report_is_listed(root: Path) -> None:
    """The page lists the keys that a report and its parts have, in order, and names all others."""
    fault = Fault("source", "KeyError", "traceback", "source.py:1 in items")
    warnings, status = DeliveryWarnings(), SourceStatus()
    warnings.add("table", "odd")
    status.failure("a table", "no permission")
    run = RunReport(
        *("1", "acme", "acme 1", "acme", "console"),
        stale=StaleReport(kept_scopes=[Note("table in acme", "a failure")]),
        faults=[fault],
        delivery_warnings=warnings,
        source_status=status,
    )
    report = run.as_dict()
    assert keys_of(root, 0, "report") == list(report)
    assert keys_of(root, 1, "report") == list(report["sourceStatus"]["failures"])
    assert keys_of(root, 2, "report") == list(report["stale"])
    page = (root / "docs/reference/report.md").read_text("utf-8")
    kept = KeptRun(*"1sdnc", "2026-01-01T00:00:00+00:00", None, "failed", 1, {}, None, 1).as_dict()
    assert {key for key in keys_in([report, kept]) if f"`{key}`" not in page} == set()


def keys_in(value: object) -> Iterator[str]:
    """Every key of a document, at any depth."""
    below = list(value.values()) if isinstance(value, dict) else value
    if isinstance(value, dict):
        yield from value
    if isinstance(below, list):
        for item in below:
            yield from keys_in(item)


SOURCE = """\
from om_ingest import ConfiguredSource, ConnectorConfig


class Config(ConnectorConfig):
    pass


class WrongSource(ConfiguredSource[Config]):
    def next_record(self):
        yield "no record"
"""


def test_first_line_of_a_dead_letter_file(root: Path, tmp_path: Path) -> None:
    """The page lists the keys of the first line that a run writes, and says what follows."""
    (tmp_path / "wrong.py").write_text(SOURCE, "utf-8")
    command = [sys.executable, "-m", "om_ingest", "run", "wrong:WrongSource"]
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    (path,) = tmp_path.glob("om-ingest-failed-*.jsonl")
    first, letter = map(json.loads, path.read_text("utf-8").splitlines())
    assert keys_of(root, 2) == list(first)
    assert letter["type"] == "invalid"
    assert {"reason", "text"} <= set(letter)


def test_every_rule_is_where_the_kit_says(root: Path, generate: ModuleType) -> None:
    """Each anchor that a verdict of the kit names is on its page, in repository and site."""
    for rule in (*testing.RULES.values(), *testing.SINK_RULES.values()):
        page, _, anchor = rule.place.partition("#")
        text = (root / "docs" / page).read_text("utf-8")
        assert text.count(f"\n### {anchor}\n") == 1, rule.place
    for page, rules in (("contract", testing.RULES), ("sinks", testing.SINK_RULES)):
        shown = rendered(root, generate, page)
        for rule in rules.values():
            section = shown.partition(f"\n### {rule.key}\n")[2].partition("\n### ")[0]
            assert f"`{rule.check}`: " in section, rule.place
