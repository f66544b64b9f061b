"""Sinks of somebody else's distribution, which uses nothing but public names."""

from __future__ import annotations

import csv
import os
import subprocess
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command import PYTEST

if TYPE_CHECKING:
    from tests.command import Cli

SUITES = """
    from om_ingest_testing import SinkSuite

    class TestFolder(SinkSuite):
        sink = "acme-folder"
        config = {"path": "kept"}
        broken_config = {"path": "missing/kept"}

    class TestCsv(SinkSuite):
        sink = "acme-csv"
        config = {"path": "out.csv"}
        broken_config = {"path": "missing/out.csv"}
"""
SOURCES = sorted((Path(__file__).parent / "src").rglob("*.py"))


def test_both_pass_the_conformance_test(site: Path, tmp_path: Path) -> None:
    """Each sink passes `SinkSuite`; only a target that is written anew skips one check."""
    (tmp_path / "test_acme.py").write_text(textwrap.dedent(SUITES), "utf-8")
    env = {**os.environ, "PYTHONPATH": str(site)}
    run = subprocess.run(
        [*PYTEST, "-rs", "test_acme.py"], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "35 passed, 1 skipped" in run.stdout, run.stdout
    assert "its target is written anew by each run" in run.stdout


def test_the_how_to_page_shows_them() -> None:
    """The page on writing a sink has both modules as they are."""
    page = (Path(__file__).parents[3] / "docs/how-to/sinks.md").read_text("utf-8")
    for path in SOURCES:
        if path.stem != "__init__":
            assert f'```python title="{path.name}"\n{path.read_text("utf-8")}```\n' in page


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_they_are_small(path: Path) -> None:
    """Each sink takes fewer than 80 lines."""
    assert len(path.read_text("utf-8").splitlines()) < 80


def test_a_run_into_the_store(cli: Cli, shop: str) -> None:
    """A run creates what a second run leaves unchanged."""
    for outcome in ("created", "unchanged"):
        cli("run", shop, "--sink", "acme-folder:kept", "--report", "report.json").succeeded()
        assert cli.report()["records"][outcome] == 5
    assert len(list((cli.cwd / "kept").glob("table-*.json"))) == 2


def test_a_run_into_the_file(cli: Cli, shop: str) -> None:
    """A run writes one row per record; what is no file of the sink is not replaced."""
    cli("run", shop, "--sink", "acme-csv:out.csv").succeeded()
    with (cli.cwd / "out.csv").open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert names[-2:] == ["shop.db.public.t0", "shop.db.public.t1"]
    (cli.cwd / "notes.csv").write_text("my notes", "utf-8")
    cli("run", shop, "--sink", "acme-csv:notes.csv").refused(2, "notes.csv")
