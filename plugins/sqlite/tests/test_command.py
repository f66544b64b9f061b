"""`om-ingest run sqlite` on files that other programs wrote."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest.model import Table, fqn
from om_ingest_catalog import Catalog

if TYPE_CHECKING:
    from tests.command import Cli


def coverage_data(cli: Cli) -> Path:
    """The data file of coverage.py, after it has measured a script."""
    (cli.cwd / "script.py").write_text("print('measured')\n")
    subprocess.run(
        [sys.executable, "-m", "coverage", "run", "--rcfile=", "--data-file=c.db", "script.py"],
        cwd=cli.cwd,
        check=True,
        capture_output=True,
    )
    return cli.cwd / "c.db"


def our_catalog(cli: Cli) -> Path:
    """A catalog file of our own, with full-text search and all."""
    cli("run", "sample-tables", "--sink", "catalog:own.db").succeeded()
    return cli.cwd / "own.db"


@pytest.mark.parametrize("write", [coverage_data, our_catalog])
def test_every_table_and_column_arrives(cli: Cli, write: Callable[[Cli], Path]) -> None:
    """The catalog holds each table of the file, with the columns that SQLite itself tells."""
    path = write(cli)
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name
            for (name, kind) in connection.execute("SELECT name, type FROM pragma_table_list")
            if kind in ("table", "virtual") and not name.startswith("sqlite_")
        ]
        told = {
            name: [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            for name in names
        }
    assert told

    cli("run", "sqlite", "--set", f"database_path={path}", "--sink", "catalog:out.db").succeeded()

    with Catalog(cli.cwd / "out.db", read_only=True) as catalog:
        found = {
            table.name: [column.name for column in table.columns]
            for table in catalog.list_entities(Table, scope=fqn.join("sqlite", path.stem, "main"))
        }
    assert found == told
