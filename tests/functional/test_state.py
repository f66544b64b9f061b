"""A source that goes on where it was cut, and the command that shows and clears how far it came."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.command import Cli, Connect

DIARY = """
def next_record(self):
    yield from stock.parents()
    for number in range(self.ctx.state.get("read", 0), 40):
        yield stock.table(f"t{number}")
        self.ctx.state["read"] = number + 1
        if number == 20 and self.config.waits:
            self.ctx.metadata.flush()
        if number == 30 and self.config.waits:
            pathlib.Path("waiting").touch()
            time.sleep(60)
"""


def test_a_run_that_is_killed(cli: Cli, connector: Connect) -> None:
    """After kill -9 nothing is ahead of what was delivered, and the next run brings the rest."""
    connector("diary", DIARY, config="waits: bool = False")
    process = cli.start("run", "diary", "--set", "waits=true")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGKILL)
    process.wait()
    shown = cli("state", "show", "diary", "--json").succeeded().json
    assert (shown["state"], len(cli.tables())) == ({"read": 21}, 21)
    run = cli("run", "diary", "--report", "report.json").succeeded()
    assert len(cli.tables()) == 40, run.err
    assert cli.report()["byEntityType"]["table"] == {
        **dict.fromkeys(cli.report()["byEntityType"]["table"], 0),
        "created": 19,
    }
    head, _, row = cli("state", "show", "diary").succeeded().out.splitlines()
    assert head.startswith("diary -> catalog ")
    assert row.split() == ["read", "40"]
    _, job = cli("state", "show").succeeded().out.splitlines()
    assert job.split()[:4] == ["diary", "diary", "diary", "catalog"]
    missed = cli("state", "show", "diary", "--sink", "catalog:other.db").succeeded().err
    assert "There are no bookmarks of diary -> catalog " in missed
    assert job in missed.splitlines()
    cli("state", "clear", "diary").succeeded()
    assert cli("state", "show", "diary", "--json").json["state"] == {}
