"""Core without its companions: what is missing is named, together with what installs it."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest_testing import Command

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli

ROOT = Path(__file__).resolve().parents[2]
_COMPANIONS = ("om_ingest_catalog", "om_ingest_new", "om_ingest_sqlite")


class CoreAlone(Command):
    """The command in an environment with core, connectors, and no companion."""

    program = (sys.executable, "-S", "-m", "om_ingest")  # -S: without site-packages


@pytest.fixture
def core_alone(cli: Cli, tmp_path: Path) -> CoreAlone:
    """Everything that is installed here is linked there, but for the companions."""
    site = tmp_path / "without-companions"
    site.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(_COMPANIONS):
            (site / entry.name).symlink_to(entry)
    command = CoreAlone(cli.cwd)
    sources = (ROOT / "core/src", ROOT / "plugins/sample-tables/src")
    command.env["PYTHONPATH"] = os.pathsep.join(map(str, (cli.env["PYTHONPATH"], site, *sources)))
    return command


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    few(
        [
            ("new x", "om-ingest[new]"),
            ("serve --help", "om-ingest-catalog-server"),
            ("run sample-tables", "om-ingest[catalog]"),
            ("run sample-tables --dry-run --sink jsonl:x", "om-ingest[catalog]"),
            ("catalog tables", "om-ingest[catalog]"),
            ("run sample-tables --sink catalog:x.db", "om-ingest[catalog]"),
            ("check sample-tables", "om-ingest[catalog]"),
            ("run sqlite", "om-ingest-sqlite"),
            ("show sqlite", "om-ingest-sqlite"),
        ],
        4,
    ),
)
def test_companion_that_is_not_installed(
    core_alone: CoreAlone, arguments: str, remedy: str
) -> None:
    """One error names the distribution to install, and the command exits with 3."""
    run = core_alone(*arguments.split()).refused(3, f'pip install "{remedy}"')
    assert run.err.count("error: ") == 1


def test_a_dry_run_without_a_store(core_alone: CoreAlone) -> None:
    """A dry run needs a store: naming another sink is not offered as a way out."""
    run = core_alone("run", "sample-tables", "--dry-run").refused(3, "om-ingest[catalog]")
    assert "--sink" not in run.err


def test_an_example_runs_as_it_is(core_alone: CoreAlone, shop: str) -> None:
    """The workflow file that `init` writes names a sink that is installed."""
    core_alone("init", shop).succeeded()
    core_alone("run", f"{shop}.yaml").succeeded()
    assert (core_alone.cwd / f"{shop}.jsonl").is_file()


def test_unknown_command(core_alone: CoreAlone) -> None:
    """A command that no companion has is a mistake on the command line."""
    run = core_alone("nonsense")
    assert run.code == 2
    assert "No such command 'nonsense'" in run.err


def test_run_into_a_file(core_alone: CoreAlone, shop: str) -> None:
    """A run into a sink of core needs no companion, if the source reads nothing back."""
    core_alone("run", shop, "--sink", "jsonl:out.jsonl").succeeded()
    assert '"t1"' in (core_alone.cwd / "out.jsonl").read_text("utf-8")


def test_source_that_reads_back(core_alone: CoreAlone) -> None:
    """A source that looks up what it has yielded needs a store, which core alone has not."""
    run = core_alone("run", "sample-tables", "--sink", "jsonl:out.jsonl")
    run.refused(3, "reading back what was yielded", 'pip install "om-ingest[catalog]"')
