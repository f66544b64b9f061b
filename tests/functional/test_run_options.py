"""The options of `om-ingest run`, and what a run prints."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.command import Cli, Connect

ECHO = """
def next_record(self):
    yield from stock.parents()
    text = repr(self.config.model_dump()) + " " + self.ctx.service_name
    yield stock.table("seen", description=text)
"""
ECHO_CONFIG = """
words: list[str] = []
nested: dict[str, Any] = {}
number: int = 0
flag: bool = False
text: str = ""
"""


def seen(cli: Cli, *args: str) -> str:
    """What the connector `echo` was given."""
    cli("run", "echo", "--sink", "jsonl:out.jsonl", *args).succeeded()
    return str(cli.records("out.jsonl")[-1]["record"]["description"])


def test_set(cli: Cli, connector: Connect) -> None:
    """`--set` reaches every kind of value: words, numbers, lists, maps, nested keys."""
    connector("echo", ECHO, config=ECHO_CONFIG)
    args = [
        "words=[a, 'b c', \"1\"]",
        "nested.one.two=3",
        "nested.three={x: [1, 2]}",
        "number=42",
        "flag=true",
        "text=a=b: c",
    ]
    assert seen(cli, *(f"--set={arg}" for arg in args), "--service-name", "mine") == (
        "{'words': ['a', 'b c', '1'], 'nested': {'one': {'two': '3'}, 'three': {'x': [1, 2]}}, "
        "'number': 42, 'flag': True, 'text': 'a=b: c'} mine"
    )
    assert seen(cli).endswith(" echo")


def test_set_wins_over_the_file(cli: Cli, connector: Connect) -> None:
    """`--set`, `--service-name` and `--sink` change what the file says."""
    connector("echo", ECHO, config=ECHO_CONFIG)
    flow = "source: {type: echo, serviceName: file, config: {number: 1, text: file}}\n"
    cli.write("flow.yaml", flow)
    cli("run", "flow.yaml", "--set", "number=2", "--sink", "jsonl:out.jsonl").succeeded()
    description = cli.records("out.jsonl")[-1]["record"]["description"]
    assert "'number': 2" in description
    assert description.endswith("'text': 'file'} file")


def test_wrong_set(cli: Cli, connector: Connect) -> None:
    """A `--set` that says nothing, goes nowhere or fits no type ends with 2."""
    connector("echo", ECHO, config=ECHO_CONFIG)
    cli("run", "echo", "--set", "words").refused(2, "Not a setting: 'words'", "KEY=VALUE")
    cli("run", "echo", "--set", "=1").refused(2, "Not a setting: '=1'")
    cli("run", "echo", "--set", "words=[a").refused(2, "source.config.words: ")
    cli("run", "echo", "--set", "text=x", "--set", "text.y=1").refused(2, "'text.y'")
    cli("run", "echo", "--set", "nubmer=1").refused(2, "nubmer: unknown key; did you mean 'number'")
    said = cli("run", "echo", "--set", "number=many", "--set", "flag=perhaps").refused(2).err
    assert "source.config.number: " in said
    assert "source.config.flag: " in said
    assert "command line" in said


def test_limit(cli: Cli, shop: str) -> None:
    """`--limit N` stops after N records, and says so."""
    run = cli("run", "shop", "--limit", "4", "--report", "report.json").succeeded()
    assert "stopped after 4 as asked" in run.err
    assert cli.tables() == ["t0"]
    assert (cli.report()["limit"], cli.report()["records"]["yielded"]) == (4, 4)
    assert cli("run", "shop", "--limit", "0").code == 2


def test_dry_run(cli: Cli, connector: Connect, shop: str) -> None:
    """`--dry-run` applies every rule and writes nothing."""
    connector(
        "bad",
        """
        def next_record(self):
            yield from stock.tables(1)
            yield stock.table("orphan", schema="shop.db.gone")
        """,
    )
    cli("run", "shop").succeeded()
    before = (cli.cwd / "om-ingest.db").read_bytes()
    run = cli("run", "bad", "--dry-run", "--report", "../report.json")
    assert run.code == 1
    assert "shop.db.gone" in run.err
    assert "nowhere (dry run of catalog om-ingest.db)" in run.err
    assert cli.report("../report.json")["dryRun"] is True
    cli("run", "shop", "--dry-run", "--sink", "jsonl:out.jsonl").succeeded()
    assert (cli.cwd / "om-ingest.db").read_bytes() == before
    assert not (cli.cwd / "out.jsonl").exists()


def test_report(cli: Cli, shop: str) -> None:
    """The report tells what ran, from where to where, how it ended and how long it took."""
    cli("run", "shop", "--report", "report.json", "--service-name", "s").succeeded()
    first = cli.report()
    assert first["byEntityType"]["table"] == {
        "created": 2, "updated": 0, "unchanged": 0, "written": 0, "leftOut": 0, "failed": 0,
    }  # fmt: skip
    cli("run", "shop", "--report", "report.json", "--service-name", "s").succeeded()
    report = cli.report()
    durations = report.pop("durations_s")
    assert set(durations) == {"prepare", "read", "write", "total"}
    assert durations["total"] >= durations["read"] >= 0
    assert report.pop("recordsPerSecond") > 0
    assert report.pop("startedAt") > first["startedAt"]
    assert report.pop("runId") != first["runId"]
    assert report.pop("endedAt") > first["endedAt"]
    assert set(report.pop("host")) == {"version", "python", "platform"}
    names = [phase["name"] for phase in report.pop("phases")]
    assert names == ["assemble", "open", "prepare", "read", "stale", "close"]
    memory = report.pop("peakMemoryBytes")
    assert 10**7 < memory["process"] < 10**9, "that of the command, in bytes"
    assert report.pop("journal")["lastSuccessRunId"]
    nothing: dict[str, object] = {"total": 0, "samples": []}
    noted = {**nothing, "reasons": []}
    unchanged = {"created": 0, "updated": 0, "written": 0, "leftOut": 0, "failed": 0}
    assert report == {
        "state": "success",
        "exitCode": 0,
        "source": "shop",
        "distribution": "shop-connector 1.0",
        "schemaVersion": "1.0",
        "connector": {"name": "shop", "distribution": "shop-connector", "version": "1.0"},
        "workflow": {"file": None, "digest": None, "pipelineFqn": None},
        "retries": {"count": 0, "lost_s": 0, "servers": []},
        "serviceName": "s",
        "sink": "catalog om-ingest.db",
        "dryRun": False,
        "overrideMetadata": False,
        "limit": None,
        "resumedFrom": None,
        "readToEnd": True,
        "skipped": 0,
        "derived": 0,
        "records": {**unchanged, "yielded": 5, "unchanged": 5, "filtered": 0},
        "byEntityType": {
            name: {**unchanged, "unchanged": count}
            for name, count in (
                ("databaseService", 1),
                ("database", 1),
                ("databaseSchema", 1),
                ("table", 2),
            )
        },
        "failures": noted,
        "sourceStatus": {
            "scanned": 0,
            "warnings": noted,
            "failures": noted,
            "filtered": noted,
            "changes": {},
        },
        "deliveryWarnings": nothing,
        "processors": [],
        "stale": {
            "dryRun": False,
            "markedDeleted": {},
            "samples": [],
            "keptScopes": [],
            "leftOut": {"kept": {}, "markedDeleted": {}},
            "failures": noted,
        },
        "errors": [],
        "faults": [],
        "deadLetters": None,
        "deadLettersPath": None,
        "notReplayable": 0,
    }


def test_report_that_cannot_be_written(cli: Cli, shop: str) -> None:
    """A report that has no place is an error before anything runs; another one is a warning."""
    cli("run", "shop", "--report", "gone/report.json").refused(2, "gone/report.json")
    cli("run", "shop", "--report", ".").refused(2, "report")
    assert list(cli.cwd.iterdir()) == []
    run = cli("run", "shop", "--report", "/dev/full").succeeded()
    assert run.err.count("warning: Cannot write /dev/full: the disk is full") == 1
    assert cli.tables() == ["t0", "t1"]


def test_quiet(cli: Cli, connector: Connect, shop: str) -> None:
    """`--quiet` prints nothing when all is well, and only errors otherwise."""
    run = cli("run", "shop", "--quiet").succeeded()
    assert (run.out, run.err) == ("", "")
    connector("dies", "def next_record(self): raise RuntimeError('lost')")
    said = cli("run", "dies", "--quiet").refused(1, "RuntimeError: lost").err
    assert said.startswith("error: ")
    assert len(said.splitlines()) == 2


def test_logs(cli: Cli, connector: Connect) -> None:
    """A source logs to standard error, as text or JSON lines, from the level that was chosen."""
    connector(
        "chatty",
        """
        def next_record(self):
            self.ctx.logger.debug("a detail")
            self.ctx.logger.info("read %d things", 3)
            self.ctx.logger.warning("odd\\nthing")
            return stock.tables(1)
        """,
    )
    run = cli("run", "chatty", "--log-format", "json", "--log-level", "debug").succeeded()
    lines = [json.loads(line) for line in run.err.splitlines()]
    said = [(line["level"], line["message"]) for line in lines if line["logger"].endswith("chatty")]
    assert said == [("debug", "a detail"), ("info", "read 3 things"), ("warning", "odd\nthing")]
    assert {(line["source"], line["service"]) for line in lines} == {("chatty", "chatty")}
    run = cli("run", "chatty").succeeded()
    assert "INFO    om_ingest.source.chatty: read 3 things" in run.err
    assert "a detail" not in run.err
    cli.write("flow.yaml", "source: {type: chatty}\nworkflowConfig: {loggerLevel: WARN}\n")
    assert "read 3 things" not in cli("run", "flow.yaml").succeeded().err
    assert "a detail" in cli("run", "flow.yaml", "--log-level", "debug").succeeded().err
    assert "odd" not in cli("run", "chatty", "--log-level", "error").succeeded().err


def test_default_sink_is_announced(cli: Cli, shop: str) -> None:
    """Without a sink the records go into om-ingest.db, and the run says so."""
    assert "No sink is named: writing into the catalog om-ingest.db." in cli("run", "shop").err
    assert cli.tables() == ["t0", "t1"]


def test_progress_on_a_terminal(cli: Cli, connector: Connect) -> None:
    """On a terminal one line shows records, rate and place, and is gone in the end."""
    connector(
        "slow",
        """
        def next_record(self):
            yield from stock.tables(1)
            self.status.scanned("schema \\x1b]public.orders.of.a.long.year")
            while not pathlib.Path("seen").exists(): time.sleep(0.01)
        """,
    )
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    del cli.env["COLUMNS"]
    with os.fdopen(leader, "rb", buffering=0) as screen:
        process = cli.start("run", "slow", stdout=follower, stderr=follower)
        os.close(follower)
        shown = b""
        while b"4 records" not in shown:
            assert select.select([screen], [], [], 30)[0], shown
            shown += screen.read(1000)
        assert "/s  schema \ufffd]public".encode() in shown
        (cli.cwd / "seen").touch()
        while select.select([screen], [], [], 30)[0]:
            try:
                shown += screen.read(1000)
            except OSError:  # a terminal whose other side was closed
                break
    assert process.wait(30) == 0
    lines = shown.decode().replace("\r\n", "\n").split("\n")
    (line,) = (line for line in lines if "4 records  " in line)
    assert line.startswith("\r\x1b[K") or "\r\x1b[K" in line
    assert line.endswith("\r\x1b[K")
    drawn = [part for part in line.split("\r\x1b[K") if "4 records" in part]
    assert all(part.endswith("…") and len(part) < 40 for part in drawn)


def test_wrong_command_line(cli: Cli) -> None:
    """An unknown option or command ends with 2, and a near one is suggested."""
    assert cli("run").code == 2
    run = cli("run", "shop", "--lmit", "3")
    assert (run.code, "--limit" in run.err) == (2, True)
    for grace in ("nan", "inf"):
        run = cli("run", "shop", "--grace", grace)
        assert (run.code, grace in run.err) == (2, True)
    run = cli("lst-sources")
    assert (run.code, "list-sources" in run.err) == (2, True)
    assert cli("--help").succeeded().out.count("\n") > 10
    assert cli("--version").succeeded().out.startswith("om-ingest ")
