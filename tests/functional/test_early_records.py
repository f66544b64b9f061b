"""Records that come before what they refer to, in every command that delivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.command import Cli, Connect

EARLY = """
def next_record(self):
    for number in range(600):
        yield stock.table(f"t{number}")
    yield ScopeComplete(stock.SCHEMA, Table)
    yield from reversed(list(stock.parents()))
"""


def test_children_first(cli: Cli, connector: Connect) -> None:
    """They arrive in a catalog and in a dry run, and nothing counts twice or is gone."""
    connector("early", EARLY)
    run = cli("run", "early", "--report", "report.json", "--log-level", "info").succeeded()
    assert "500 records refer to something that was missing" in run.err
    counts = cli.report()["records"]
    assert (counts["yielded"], counts["created"], counts["failed"]) == (603, 603, 0)
    assert len(cli.tables()) == 600
    cli("run", "early", "--report", "report.json").succeeded()
    assert cli.report()["records"]["unchanged"] == 603
    assert cli.report()["stale"]["markedDeleted"] == {}
    cli("run", "early", "--dry-run", "--sink", "catalog:none.db").succeeded()


def test_recording_of_children_first(cli: Cli, connector: Connect) -> None:
    """A file takes records in any order, and its recording is delivered all the same."""
    connector("early", EARLY)
    cli("run", "early", "--sink", "jsonl:F.jsonl").succeeded()
    cli("run", "F.jsonl", "--sink", "catalog:out.db").succeeded()
    assert len(cli.tables("out.db")) == 600


def test_children_without_a_parent(cli: Cli, connector: Connect) -> None:
    """They are set aside once, with the reason, and a replay delivers them after the parent."""
    connector("orphans", EARLY.replace("yield from reversed", "x ="))
    assert cli("run", "orphans", "--report", "report.json").code == 1
    report = cli.report()
    assert report["records"]["failed"] == 600
    (reason,) = {sample["reason"] for sample in report["failures"]["samples"]}
    assert reason.startswith("the databaseSchema shop.db.public does not exist")
    (letters,) = cli.dead_letters()
    assert len(letters.read_text("utf-8").splitlines()) == 601
    connector("parents", "def next_record(self): yield from stock.parents()")
    cli("run", "parents").succeeded()
    cli("replay", letters.name).succeeded()
    assert len(cli.tables()) == 600
