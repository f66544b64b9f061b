"""Files of earlier versions of om-ingest: read, refused or upgraded; reading never changes one."""

from __future__ import annotations

import gzip
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Distribute

OLD = Path(__file__).parents[1] / "old_formats"
TABLES = ["books", "loans", "overdue", "readers"]

LEDGER = """
from om_ingest_catalog import Catalog
from om_ingest.kinds import Parcel, label

class LedgerSink(Sink):
    shorthand = "path"
    keeps_journal = True

    def __init__(self, path, ctx):
        self.path, self.ctx = pathlib.Path(path), ctx

    @classmethod
    def create(cls, config_dict, ctx):
        return cls(config_dict["path"], ctx)

    def prepare(self):
        self.catalog = Catalog.temporary()

    @property
    def store(self): return self.catalog

    @property
    def target(self): return f"ledger {self.path}"

    def write(self, records):
        parcels = [Parcel.of(record) for record in records]
        for parcel, is_unsent in zip(parcels, self.ctx.journal.unsent(parcels), strict=True):
            self.catalog.write([parcel.record])
            if is_unsent:
                with self.path.open("a") as file:
                    print(label(parcel.record), file=file)
                self.ctx.journal.acknowledge([parcel])
            yield WriteResult(parcel.record, Outcome.CREATED if is_unsent else Outcome.UNCHANGED)
"""


@pytest.fixture
def sample(cli: Cli, distributed: Distribute) -> tuple[str, ...]:
    """The words that run what the old versions ran; and the sink that was killed then."""
    distributed("ledger", LEDGER, "[om_ingest.sink]\nledger = ledger:LedgerSink\n")
    shutil.copytree(OLD / "sample", cli.cwd / "data")
    return "run", "sample-tables", "--set", "sample_schema_folder=data"


def placed(cli: Cli, kind: str, version: int, name: str) -> Path:
    """An old file in the working directory."""
    path = cli.cwd / name
    path.write_bytes(gzip.decompress((OLD / f"{kind}-{version}.db.gz").read_bytes()))
    return path


def content(path: Path) -> str:
    """All that is in a file, as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


def sent_count(cli: Cli) -> int:
    """How many entities the ledger was sent."""
    lines = (cli.cwd / "sent").read_text("utf-8").splitlines()
    return sum(not line.startswith("end of ") for line in lines)


def version_of(path: Path) -> int:
    """The version in the header of a file."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.parametrize("version", few([2, 1, 3], 1))
def test_an_older_catalog(cli: Cli, sample: tuple[str, ...], version: int) -> None:
    """Reading refuses it and leaves it alone; `upgrade` and a run upgrade it after a backup."""
    path = placed(cli, "catalog", version, "old.db")
    before, all_of_it = path.read_bytes(), content(placed(cli, "catalog", version, "same.db"))
    refused = cli("catalog", "tables", "--catalog", path)
    refused.refused(2, f"(format {version}, this one reads 4)", "om-ingest catalog upgrade")
    cli(*sample, "--sink", f"catalog:{path}", "--dry-run").succeeded()
    cli("check", *sample[1:], "--sink", f"catalog:{path}").succeeded()
    assert (path.read_bytes(), list(cli.cwd.glob("old.db*"))) == (before, [path])

    said = cli("catalog", "upgrade", "--catalog", path).succeeded().out
    backup = cli.cwd / f"old.db.format-{version}.backup"
    assert f"upgraded from format {version} to 4" in said
    assert str(backup) in said
    assert (version_of(backup), content(backup)) == (version, all_of_it)
    assert cli.tables("old.db") == TABLES

    path.write_bytes(before)
    run = cli(*sample, "--sink", f"catalog:{path}").succeeded()
    assert run.err.count("was upgraded from") == 1
    assert re.search(r"total +0 +0 +7 +0\n", run.err)  # all of it was there
    assert content(cli.cwd / f"old.db.format-{version}-2.backup") == all_of_it
    assert (cli.tables("old.db"), version_of(path)) == (TABLES, 4)


def test_the_catalog_of_the_version_before(cli: Cli, sample: tuple[str, ...]) -> None:
    """It has today's format: it is read as it is, and a run that writes notes its own version."""
    path = placed(cli, "catalog", 4, "old.db")
    before = path.read_bytes()
    assert (cli.tables("old.db"), path.read_bytes()) == (TABLES, before)
    cli(*sample, "--sink", f"catalog:{path}").succeeded()
    said = cli("catalog", "upgrade", "--catalog", path).succeeded().out
    assert "up to date: format 4" in said
    assert re.search(r"Written by om-ingest \S+ since 20", said)
    assert list(cli.cwd.glob("old.db*")) == [path]


@pytest.mark.parametrize(("version", "held"), few([(3, 4), (1, 3), (2, 4)], 1))
def test_an_older_journal(cli: Cli, sample: tuple[str, ...], version: int, held: int) -> None:
    """`runs` reads it unchanged; what it says was delivered counts for a run that resumes.

    Not a record that is written in other words now: the first version left some keys out.
    """
    path = placed(cli, "journal", version, "om-ingest-runs.db")
    before, all_of_it = path.read_bytes(), content(placed(cli, "journal", version, "same.db"))
    runs = cli("runs", "--json").succeeded().json
    assert [run["sink"] for run in runs] == ["ledger sent", "catalog catalog.db"]
    cli("runs", "show", runs[1]["runId"]).succeeded()
    assert (path.read_bytes(), list(cli.cwd.glob("om-ingest-*"))) == (before, [path])

    words = (*sample, "--sink", "ledger:sent", "--report", "report.json")
    run = cli(*words, "--resume").succeeded()
    assert f"was upgraded from format {version} to 4" in run.err
    assert (cli.report()["skipped"], cli.report()["resumedFrom"]) == (held, runs[0]["runId"])
    assert sent_count(cli) == 7 - held
    assert content(cli.cwd / f"om-ingest-runs.db.format-{version}.backup") == all_of_it

    path.write_bytes(before)
    said = cli("runs", "upgrade").succeeded().out
    assert f"om-ingest-runs.db.format-{version}-2.backup" in said
    assert version_of(path) == 4


def change(path: Path, sql: str) -> None:
    """Make a journal that of another version of om-ingest."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize(
    ("sql", "reason"),
    few(
        [
            ("UPDATE run SET scheme = 0, host_version = '0.0.9'", "om-ingest 0.0.9 noted what it"),
            ("UPDATE run SET job = x'00'", "an earlier om-ingest told jobs apart in another way"),
        ],
        1,
    ),
)
def test_a_run_that_cannot_be_resumed(
    cli: Cli, sample: tuple[str, ...], sql: str, reason: str
) -> None:
    """A run of another version whose acknowledgements do not hold is named, and all is sent."""
    path = placed(cli, "journal", 3, "om-ingest-runs.db")
    cli("runs", "upgrade").succeeded()
    killed = cli("runs", "--json").succeeded().json[0]["runId"]
    change(path, sql)
    run = cli(*sample, "--sink", "ledger:sent", "--report", "report.json", "--resume").succeeded()
    assert f"The run {killed}" in run.err
    assert "cannot be resumed" in run.err
    assert reason in run.err
    assert (cli.report()["skipped"], cli.report()["resumedFrom"]) == (0, None)
    assert sent_count(cli) == 7


@pytest.mark.full
def test_an_older_recording_and_older_failures(cli: Cli) -> None:
    """Both are delivered as if this version had written them."""
    for name in ("records-1.jsonl", "dead-letters-1.jsonl"):
        shutil.copy(OLD / name, cli.cwd)
    cli("run", "./records-1.jsonl", "--sink", "catalog:new.db").succeeded()
    assert cli.tables("new.db") == TABLES
    cli("replay", "dead-letters-1.jsonl", "--sink", "catalog:new.db").succeeded()
