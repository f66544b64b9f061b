"""Results that are kept between runs, and files that cannot be used."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from described_source import Ran, flow_of
from tests.selection import few

ORDERS = {"table": ["public.orders", ["id", "customer"]]}
SQL = "CREATE VIEW v AS SELECT customer FROM orders"
VIEW = {"view": ["public.v", ["customer"], SQL]}


def counts(folder: Path, steps: list[dict[str, Any]], **config: Any) -> dict[str, int]:
    """What `sql-lineage` counts in a run with a file of kept results."""
    ran = Ran(folder, flow_of(folder, steps, cache=str(folder / "kept.db"), **config))
    assert ran.code == 0, ran.output
    assert list(ran.edges.values()) == [{"customer": ["customer"]}]
    return ran.told["counts"]  # type: ignore[no-any-return]  # it is JSON of a report


def test_unchanged_statements(tmp_path: Path) -> None:
    """A statement is analysed again only if it, its dialect, or a table that it names changes."""
    assert "keptResults" not in counts(tmp_path, [ORDERS, VIEW])
    assert counts(tmp_path, [ORDERS, VIEW])["keptResults"] == 1
    wider = {"table": ["public.orders", ["id", "customer", "more"]]}
    assert "keptResults" not in counts(tmp_path, [wider, VIEW])
    assert "keptResults" not in counts(tmp_path, [wider, VIEW], dialect="redshift")
    other = {"view": ["public.v", ["customer"], SQL + " WHERE id > 1"]}
    assert "keptResults" not in counts(tmp_path, [wider, other])
    assert counts(tmp_path, [wider, other])["keptResults"] == 1


def newer(path: Path) -> None:
    """Make the file one of a newer format."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def damage(path: Path) -> None:
    """Overwrite the middle of the file."""
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


def garble(path: Path) -> None:
    """Replace results by text of another form."""
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE kept SET result = '[1, 2]'")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    few(
        [
            (newer, "written by a newer om-ingest"),
            (damage, "malformed"),
            (lambda path: path.write_text("a" * 9000, "utf-8"), "is not an om-ingest file of kept"),
            (garble, ""),
        ],
        2,
    ),
)
def test_files_that_cannot_be_used(tmp_path: Path, spoil: Any, said: str) -> None:
    """Whatever has become of the file, the run succeeds and says why nothing is kept."""
    path = tmp_path / "kept.db"
    flow = flow_of(tmp_path, [ORDERS, VIEW], cache=str(path))
    Ran(tmp_path, flow)
    spoil(path)
    ran = Ran(tmp_path, flow)
    assert (ran.code, list(ran.edges.values())) == (0, [{"customer": ["customer"]}])
    notes = ran.report["deliveryWarnings"]["samples"]
    assert [said in note["reason"] for note in notes] == ([True] if said else [])


def test_default_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name, the file lies in the user's folder for caches."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    Ran(tmp_path, flow_of(tmp_path, [ORDERS, VIEW], cache=True))
    assert (tmp_path / "caches" / "om-ingest" / "lineage.db").is_file()


@pytest.mark.full
def test_kept_results_need_no_parser(tmp_path: Path) -> None:
    """A run whose statements are all kept imports no sqlglot: that takes longer than the rest."""
    flow = flow_of(tmp_path, [ORDERS, VIEW], cache=str(tmp_path / "kept.db"))
    Ran(tmp_path, flow)
    script = (
        "import sys; from pathlib import Path; from described_source import Ran; import json;"
        f"folder = Path({str(tmp_path)!r});"
        "ran = Ran(folder, json.loads((folder / 'flow.json').read_text('utf-8')));"
        "assert ran.told['counts']['keptResults'] == 1; print('sqlglot' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
    )
    assert (run.stdout, run.stderr) == ("False\n", "")
