"""Record and replay: `run NAME --sink jsonl:FILE` here, `run FILE` where the server is."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Cli, Connect, Distribute


def end_of(path: Path) -> dict[str, Any]:
    """The last line of a recording."""
    end: dict[str, Any] = json.loads(path.read_text("utf-8").splitlines()[-1])
    return end


def test_record_here_deliver_there(cli: Cli, shop: str) -> None:
    """A recording is checked and delivered by the commands that take a source."""
    cli("run", "shop", "--sink", "jsonl:F.jsonl").succeeded()
    ok = cli("check", "F.jsonl").succeeded().out
    assert ok.split()[:2] == ["ok:", "recording"]
    assert ok.endswith("-> catalog om-ingest.db\n")
    run = cli("run", "F.jsonl", "--limit", "4", "--dry-run", "--report", "report.json").succeeded()
    assert "No sink is named" in run.err
    assert cli.report()["records"]["created"] == 4
    cli("run", "F.jsonl").succeeded()
    assert cli.tables() == ["t0", "t1"]
    cut = (cli.cwd / "F.jsonl").read_text("utf-8").splitlines(keepends=True)[:-2]
    cli.write("F.jsonl", "".join(cut))
    for command in ("check", "run"):
        cli(command, "F.jsonl").refused(2, "F.jsonl breaks off at line 5")


def test_failed_run_leaves_a_file_that_says_so(cli: Cli, connector: Connect) -> None:
    """What a dying source yielded is delivered, with exit code 1 and the reason."""
    connector(
        "dies",
        """
        def next_record(self):
            yield from stock.tables(2)
            yield ScopeComplete(stock.SCHEMA, Table)
            raise RuntimeError("gone")
        """,
    )
    assert cli("run", "dies", "--sink", "jsonl:F.jsonl").code == 1
    assert end_of(cli.cwd / "F.jsonl")["state"] == "failed"
    run = cli("run", "F.jsonl")
    assert run.code == 1
    assert "F.jsonl: recorded by a run that did not finish: failed" in run.err
    assert cli.tables() == ["t0", "t1"]


def test_stopped_runs(cli: Cli, connector: Connect) -> None:
    """SIGTERM leaves a file that says `interrupted`; kill -9 one without an end, refused later."""
    connector(
        "slow",
        """
        def next_record(self):
            yield from stock.tables(1)
            self.ctx.metadata.get_by_name(Table, "x")  # delivers what was yielded
            pathlib.Path("waiting").touch()
            time.sleep(60)
        """,
    )
    for number in (signal.SIGTERM, signal.SIGKILL):
        (cli.cwd / "waiting").unlink(missing_ok=True)
        process = cli.start("run", "slow", "--sink", f"jsonl:{number.name}.jsonl")
        cli.wait_for("waiting")
        process.send_signal(number)
        cli.ended(process)
    assert end_of(cli.cwd / "SIGTERM.jsonl")["state"] == "interrupted"
    assert cli("run", "SIGTERM.jsonl").code == 1
    assert cli.tables() == ["t0"]
    cli("run", "SIGKILL.jsonl.partial").refused(2, "breaks off at line 5", "killed")


RECORDER = """
def next_record(self):
    yield from stock.parents()
    for number in range(1000):
        yield stock.table(f"{self.config.letter}{number}")
    self.ctx.metadata.get_by_name(Table, "x")  # delivers what was yielded
    pathlib.Path(f"waiting-{self.config.letter}").touch()
    while not pathlib.Path("go").exists(): time.sleep(0.01)
    if self.config.dies: raise RuntimeError("gone")
"""


@pytest.fixture
def recorder(connector: Connect) -> None:
    """A source that waits before it ends, or dies."""
    connector("recorder", RECORDER, config="letter: str\ndies: bool = False")


def test_two_runs_into_one_file(cli: Cli, recorder: None) -> None:
    """The second is refused with the id of the first, and the file holds the first, whole."""
    words = ("run", "recorder", "--sink", "jsonl:F.jsonl", "--set")
    process = cli.start(*words, "letter=a")
    cli.wait_for("waiting-a")
    cli(*words, "letter=b").refused(2, "Another run is writing F.jsonl: ", "since")
    (cli.cwd / "go").touch()
    cli.ended(process).succeeded()
    cli(*words, "letter=b").succeeded()
    names = {record["record"]["name"][0] for record in cli.records("F.jsonl")[3:]}
    assert (names, len(cli.records("F.jsonl"))) == ({"b"}, 1003)
    cli("run", "F.jsonl", "--sink", "console").succeeded()
    assert [path.name for path in cli.cwd.glob("F*")] == ["F.jsonl"]


@pytest.mark.parametrize("number", few([None, signal.SIGKILL, signal.SIGTERM], 1, ids=str))
def test_yesterdays_recording(cli: Cli, recorder: None, number: int | None) -> None:
    """A run that dies, is stopped or killed leaves it as it was; what it recorded lies beside."""
    words = ("run", "recorder", "--sink", "jsonl:F.jsonl", "--set")
    (cli.cwd / "go").touch()
    cli(*words, "letter=a").succeeded()
    before = (cli.cwd / "F.jsonl").read_bytes()
    (cli.cwd / "go").unlink()
    process = cli.start(*words, "letter=b", "--set", "dies=true")
    cli.wait_for("waiting-b")
    if number is None:
        (cli.cwd / "go").touch()
    else:
        process.send_signal(number)
    said = cli.ended(process).err
    assert (cli.cwd / "F.jsonl").read_bytes() == before
    assert b'"b999"' in (cli.cwd / "F.jsonl.partial").read_bytes()
    if number != signal.SIGKILL:
        assert "recorded is in" in said
        assert "F.jsonl.partial" in said
        assert end_of(cli.cwd / "F.jsonl.partial")["lines"] == 1003
    (cli.cwd / "go").touch()
    cli(*words, "letter=c").succeeded()
    assert [path.name for path in cli.cwd.glob("F*")] == ["F.jsonl"]


def test_where_nothing_can_lie_beside(cli: Cli, shop: str) -> None:
    """A device takes the lines itself, a pipe is refused at once; a link stays a link."""
    cli("run", "shop", "--sink", "jsonl:/dev/null").succeeded()
    for name in ("fifo", "/dev/stdout"):
        if name == "fifo":
            os.mkfifo(cli.cwd / name)
        for mode in ([], ["--dry-run"]):
            ended = cli("run", "shop", "--sink", f"jsonl:{name}", *mode)
            ended.refused(2, f"Cannot write {name}: it is a pipe", "--sink console")
    cli.write("real.jsonl", "")
    (cli.cwd / "link.jsonl").symlink_to("real.jsonl")
    cli("run", "shop", "--sink", "jsonl:link.jsonl").succeeded()
    assert (cli.cwd / "link.jsonl").is_symlink()
    assert len(cli.records("real.jsonl")) == 5
    assert not list(cli.cwd.glob("*.partial"))


def test_each_file_has_its_command(cli: Cli, connector: Connect) -> None:
    """`run` and `replay` each name the other for a file that is the other's."""
    connector("bad", "def next_record(self):\n    yield from stock.tables(1)\n    yield 'word'")
    assert cli("run", "bad", "--sink", "jsonl:F.jsonl").code == 1
    (letters,) = cli.dead_letters()
    cli("run", letters.name).refused(2, f"om-ingest replay {letters.name}")
    cli("replay", "F.jsonl").refused(2, "om-ingest run F.jsonl")
    cli.write("other.jsonl", '{"a": 1}\n')
    cli("run", "other.jsonl").refused(2, "other.jsonl is no recording")
    cli("run", "gone.jsonl").refused(2, "gone.jsonl", "No such file")


def test_sink_that_dies_at_the_end(cli: Cli, shop: str, distributed: Distribute) -> None:
    """A sink learns how the run ended, before it is closed; one that dies of it fails the run."""
    distributed(
        "end-sink",
        """
        from om_ingest.sinks.console import ConsoleSink

        class EndSink(ConsoleSink):
            def finish(self, end):
                raise RuntimeError(f"{end.state} {end.complete}")
        """,
        "[om_ingest.sink]\nend = end_sink:EndSink\n",
    )
    said = "EndSink died at the end of the run: RuntimeError: success True"
    cli("run", "shop", "--sink", "end").refused(1, said)
    cli("run", "shop", "--sink", "end", "--limit", "1").refused(1, "success False")
