"""A slip in a path costs nobody a file, and a dry run writes nothing at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.command import Cli

LOST = "holds something else, and would be lost"


def test_jsonl_replaces_its_own_files_only(cli: Cli) -> None:
    """The jsonl sink replaces the file of an earlier run, and nothing else."""
    database = cli.cwd / "theirs.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE t (a)")
    before = database.read_bytes()

    for _ in range(2):
        cli("run", "sample-tables", "--sink", "jsonl:ours.jsonl").succeeded()
    cli("run", "sample-tables", "--sink", "jsonl:theirs.db").refused(2, LOST)
    cli("run", "sqlite", "--set", "database_path=theirs.db", "--sink", "jsonl:theirs.db").refused(
        2, LOST
    )

    assert database.read_bytes() == before


def test_a_report_replaces_reports_only(cli: Cli) -> None:
    """`--report` replaces an earlier report; nothing is delivered into the file of the report."""
    for _ in range(2):
        cli("run", "sample-tables", "--sink", "catalog:c.db", "--report", "r.json").succeeded()
    cli("run", "sample-tables", "--sink", "catalog:n.db", "--report", "n.db").refused(
        2, "n.db is not an om-ingest catalog"
    )
    cli("run", "sample-tables", "--sink", "jsonl:j.json", "--report", "j.json").refused(2, LOST)
    for name in ("n.db", "j.json"):
        assert cli.report(name)["exitCode"] == 2


def test_a_dry_run_compares_with_what_is_there(cli: Cli) -> None:
    """A dry run says what would change in the catalog, and changes nothing."""
    cli("run", "sample-tables", "--sink", "catalog:c.db").succeeded()
    before = (cli.cwd / "c.db").read_bytes()

    result = cli("run", "sample-tables", "--sink", "catalog:c.db", "--dry-run").succeeded()

    assert "table            0        0        21         0" in result.err
    assert (cli.cwd / "c.db").read_bytes() == before


def test_a_dry_run_sets_nothing_aside(cli: Cli, tmp_path: Path) -> None:
    """Records that fail in a dry run are reported, and written nowhere."""
    lines = tmp_path / "failed.jsonl"
    lines.write_text(
        '{"format":"om-ingest-dead-letters","version":1,"sink":{"type":"catalog"}}\n'
        '{"reason":"r","type":"database","record":{"name":"d","service":"nowhere"}}\n'
    )

    result = cli("replay", lines, "--dry-run", "--sink", "catalog:c.db")

    assert result.code == 1
    assert "the databaseService nowhere does not exist" in result.err
    assert list(cli.cwd.glob("om-ingest-failed-*")) == []


def test_init_writes_yaml_and_says_so(cli: Cli) -> None:
    """`init` refuses a name that would make `run` read YAML as something else."""
    cli("init", "sqlite", "-o", "w.toml").refused(2, "not the name of a YAML file")
    assert not (cli.cwd / "w.toml").exists()


def test_records_are_printed_as_utf8(cli: Cli) -> None:
    """The console sink prints names that the terminal's encoding has no letters for."""
    with closing(sqlite3.connect(cli.cwd / "names.db")) as connection:
        connection.execute("CREATE TABLE Ünïcode (a)")

    result = cli(
        *("run", "sqlite", "--set", "database_path=names.db", "--sink", "console"),
        env={"PYTHONIOENCODING": "ascii"},
    ).succeeded()

    assert "Ünïcode" in result.out


def test_replay_elsewhere_does_not_guess(cli: Cli, tmp_path: Path) -> None:
    """A relative path of the old sink means a file in the folder of that run, or nothing."""
    lines = tmp_path / "failed.jsonl"
    lines.write_text(
        '{"format":"om-ingest-dead-letters","version":1,"folder":"/elsewhere",'
        '"sink":{"type":"catalog","config":{"path":"c.db"}}}\n'
    )

    cli("replay", lines).refused(2, "/elsewhere")

    assert not (cli.cwd / "c.db").exists()


def test_the_shell_has_replaced_variables_already(cli: Cli) -> None:
    """What `--set` gives is taken as it is, dollars and braces included."""
    name = "pa${ss$HOME"
    with closing(sqlite3.connect(cli.cwd / "n.db")) as connection:
        connection.execute("CREATE TABLE t (a)")

    result = cli(
        *("run", "sqlite", "--set", "database_path=n.db", "--set", f"database_name={name}"),
        *("--sink", "console"),
    ).succeeded()

    assert name in result.out
