"""Sinks that cannot be opened, run full, break or lose records; several runs on one catalog."""

from __future__ import annotations

import json
import resource
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

ROOM_BYTES = 1024 * 1024


def no_room_left() -> None:
    """Let this process write no file beyond `ROOM_BYTES`: for it, that is a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES, ROOM_BYTES))


def full_disk(cli: Cli) -> dict[str, Any]:
    """Options for a command that runs out of room; coverage must not write there either."""
    for name in [name for name in cli.env if name.startswith("COVERAGE_PROCESS")]:
        del cli.env[name]
    return {"preexec_fn": no_room_left}


@pytest.mark.parametrize("kind", few(["catalog", "jsonl"], 1))
def test_file_that_cannot_be_opened(cli: Cli, shop: str, kind: str) -> None:
    """A missing folder, a folder in place of a file or of a file's parent: exit code 2."""
    (cli.cwd / "folder").mkdir()
    cli.write("file", "")
    cli("run", "shop", "--sink", f"{kind}:gone/x").refused(2, "gone")
    cli("run", "shop", "--sink", f"{kind}:folder").refused(2, "folder is a directory")
    cli("check", "shop", "--sink", f"{kind}:file/x").refused(2, "file")
    assert list(cli.cwd.glob("om-ingest*")) == []


@pytest.mark.full
def test_file_that_is_no_catalog(cli: Cli, shop: str) -> None:
    """A text file or somebody else's database is left as it is, by run, check and catalog."""
    cli.write("words.txt", "of great value, and longer than the header of a SQLite file " * 20)
    with sqlite3.connect(cli.cwd / "other.db") as connection:
        connection.execute("CREATE TABLE precious (id)")
    connection.close()
    for name in ("words.txt", "other.db"):
        before = (cli.cwd / name).read_bytes()
        cli("run", "shop", "--sink", f"catalog:{name}").refused(2, f"{name} is not an om-ingest")
        cli("check", "shop", "--sink", f"catalog:{name}").refused(2, name)
        cli("catalog", "tables", "--catalog", name).refused(2, name)
        assert (cli.cwd / name).read_bytes() == before


@pytest.mark.full
def test_wrong_sink_on_the_command_line(cli: Cli, shop: str) -> None:
    """A sink that nobody has, or a value it does not take, ends with 2."""
    cli("run", "shop", "--sink", "catlog:x.db").refused(2, "'catlog'; did you mean 'catalog'?")
    cli("run", "shop", "--sink", "jsonl:").refused(2, "Nothing follows the colon")
    cli("run", "shop", "--sink", "console:x").refused(2, "'console' takes no 'x'")
    cli("run", "shop", "--sink", "jsonl").refused(
        2, "sink.config.path: this key is required", "Write --sink jsonl:FILE"
    )


@pytest.mark.parametrize("sink", ["jsonl:out", "catalog:out"])
def test_full_disk(cli: Cli, connector: Connect, sink: str) -> None:
    """A full disk ends the run with 1; what arrived before is readable, the rest is set aside."""
    connector("big", "def next_record(self): return stock.tables(20_000)")
    options = full_disk(cli)
    cli("run", "big", "--sink", sink, "--report", "report.json", **options).refused(1, "out")
    report = cli.report()
    counts = report["records"]
    assert 0 < counts["created"] < counts["yielded"] < 20_000
    (letters,) = cli.dead_letters()
    aside = [json.loads(line) for line in letters.read_text("utf-8").splitlines()[1:]]
    assert len(aside) == counts["failed"]
    if sink.startswith("catalog"):
        assert len(cli.tables("out")) == report["byEntityType"]["table"]["created"]
    else:
        assert len(cli.records("out")) == counts["created"]
    cli("replay", letters, "--sink", "console").succeeded()


def test_full_disk_from_the_start(cli: Cli, shop: str) -> None:
    """Where not even the first line fits there is one message, and exit code 1."""
    said = cli("run", "shop", "--sink", "jsonl:/dev/full").refused(1).err
    assert said.count("error: ") == 1
    assert "Cannot write to /dev/full: the disk is full (/dev)" in said


def test_full_disk_for_dead_letters(cli: Cli, connector: Connect) -> None:
    """A full disk is no reason to stop: what cannot be set aside is counted and said."""
    connector(
        "bad",
        """
        def next_record(self):
            yield from stock.tables(1)
            for number in range(2000):
                yield "x" * 1000
        """,
    )
    run = cli("run", "bad", "--report", "report.json", **full_disk(cli))
    run.refused(1, "could not be set aside", "larger than this process may write", "ulimit -f")
    assert cli.report()["records"]["failed"] == 2000
    assert cli.tables() == ["t0"]


def test_two_runs_at_once(cli: Cli, connector: Connect) -> None:
    """Two runs that write one new catalog at the same time both finish, and no row is lost."""
    connector(
        "part",
        """
        def next_record(self):
            yield from stock.parents()
            for number in range(3000):
                yield stock.table(f"{self.config.letter}{number}")
        """,
        config="letter: str",
    )
    args = ("run", "part", "--sink", "catalog:one.db", "--set")
    processes = [cli.start(*args, f"letter={letter}") for letter in "ab"]
    for process in processes:
        cli.ended(process).succeeded()
    assert len(cli.tables("one.db")) == 6000


def test_catalog_is_readable_during_a_run(cli: Cli, connector: Connect) -> None:
    """Another process sees what has been delivered while the run goes on."""
    connector(
        "slow",
        """
        def next_record(self):
            yield from stock.tables(1)
            self.ctx.metadata.get_by_name(Table, "x")  # delivers what was yielded
            pathlib.Path("waiting").touch()
            while not pathlib.Path("seen").exists(): time.sleep(0.01)
            yield stock.table("later")
        """,
    )
    process = cli.start("run", "slow")
    cli.wait_for("waiting")
    tables = cli("catalog", "tables", "--json").succeeded().json
    (cli.cwd / "seen").touch()
    assert [table["fullyQualifiedName"] for table in tables] == ["shop.db.public.t0"]
    cli.ended(process).succeeded()
    assert cli.tables() == ["later", "t0"]


PLUGINS = """
from om_ingest.sinks.jsonl import JsonlSink
from om_ingest.model import Table

class LosingSink(JsonlSink):
    def write(self, records):
        return list(super().write(records))[1:]

class LateSink(JsonlSink):
    def write(self, records):
        self.owed = getattr(self, "owed", []) + list(super().write(records))
        return ()

    def flush(self):
        if self.path.name == "dies": raise RuntimeError("flushed away")
        owed, self.owed = self.owed, []
        return owed

class DyingSink(JsonlSink):
    def step(self, name):
        if self.path.name == name: raise RuntimeError(f"sink died at {name}")

    @classmethod
    def create(cls, config, ctx):
        sink = super().create(config, ctx)
        sink.step("create")
        return sink

    def check(self): self.step("check")

    def prepare(self):
        self.step("prepare")
        super().prepare()

    def existing(self): self.step("existing")

    def write(self, records):
        self.step("write")
        if self.path.name == "exit": sys.exit("sink left")
        return super().write(records)

    def close(self):
        super().close()
        self.step("close")

class Drop(Processor):
    def __init__(self, config): self.config = config

    @classmethod
    def create(cls, config, ctx):
        if "bad" in config: raise KeyError("no such thing")
        return cls(config)

    def process(self, record):
        action = self.config.get(getattr(record, "name", ""))
        if action == "drop": return None
        if action == "die": raise RuntimeError("dropped it")
        if action == "word": return "a word"
        return record

class NotASink: pass
"""
ENTRY_POINTS = """
[om_ingest.sink]
losing = test_plugins:LosingSink
late = test_plugins:LateSink
dying = test_plugins:DyingSink
no-sink = test_plugins:NotASink
no-class = test_plugins:Nothing
[om_ingest.processor]
drop = test_plugins:Drop
"""


@pytest.fixture
def plugins(distributed: Distribute) -> None:
    """A distribution of sinks and processors that misbehave in each way."""
    distributed("test-plugins", PLUGINS, ENTRY_POINTS)


def test_sink_that_loses_a_record(cli: Cli, shop: str, plugins: None) -> None:
    """A record without a result fails the run, which says how many there are."""
    run = cli("run", "shop", "--sink", "losing:out.jsonl", "--report", "report.json")
    run.refused(1, "The count does not add up: 5 records were yielded, 1 of them have no result")
    assert json.loads((cli.cwd / "report.json").read_text())["state"] == "failed"


def test_sink_that_answers_late(cli: Cli, shop: str, plugins: None) -> None:
    """Results may come with the flush; what a sink owes that dies there is set aside."""
    cli("run", "shop", "--sink", "late:out.jsonl", "--report", "report.json").succeeded()
    assert cli.report()["records"]["created"] == 5
    run = cli("run", "shop", "--sink", "late:dies", "--report", "report.json")
    run.refused(1, "The sink jsonl dies died: RuntimeError: flushed away")
    assert "does not add up" not in run.err
    assert cli.report()["records"]["failed"] == 5
    assert len(cli.dead_letters()[0].read_text().splitlines()) == 1 + 5


@pytest.mark.parametrize(
    ("step", "code", "said"),
    few(
        [
            ("create", 3, "The sink 'dying' failed: RuntimeError: sink died at create"),
            ("existing", 1, "The sink jsonl existing died: RuntimeError: sink died at existing"),
            ("exit", 1, "The sink jsonl exit died: SystemExit: sink left"),
            ("close", 1, "DyingSink died while it was closed: RuntimeError: sink died at close"),
            ("prepare", 3, "The sink 'dying' failed: RuntimeError: sink died at prepare"),
            ("write", 1, "The sink jsonl write died: RuntimeError: sink died at write"),
        ],
        2,
    ),
)
def test_sink_that_dies(
    cli: Cli, shop: str, plugins: None, step: str, code: int, said: str
) -> None:
    """A sink that raises by mistake is named, and nobody else is blamed."""
    cli("run", "shop", "--sink", f"dying:{step}", "--report", "report.json").refused(code, said)
    if step in ("write", "exit"):
        assert cli.report()["records"]["failed"] == 5
        cli("replay", cli.dead_letters()[0], "--sink", "console").succeeded()


def test_check_of_a_sink_that_dies(cli: Cli, shop: str, plugins: None) -> None:
    """`check` also says clearly what a broken sink does."""
    for step in ("check", "close"):
        said = f"RuntimeError: sink died at {step}"
        cli("check", "shop", "--sink", f"dying:{step}").refused(3, said)


def test_sink_that_is_none(cli: Cli, shop: str, plugins: None) -> None:
    """An entry point that leads to no sink blames its distribution."""
    cli("run", "shop", "--sink", "no-sink:x").refused(3, "of test-plugins 1.0 is no subclass")
    cli("run", "shop", "--sink", "no-class:x").refused(3, "of test-plugins 1.0 cannot be imported")


def test_processors(cli: Cli, connector: Connect, plugins: None) -> None:
    """What a processor filters out is counted; what it breaks on fails alone."""
    connector("shop", "def next_record(self): return stock.tables(4)")
    flow = {
        "source": {"type": "shop"},
        "processors": [{"type": "drop", "config": {"t0": "drop", "t1": "die", "t2": "word"}}],
        "sink": {"type": "jsonl", "config": {"path": "out.jsonl"}},
    }
    cli.write("flow.json", json.dumps(flow))
    run = cli("run", "flow.json", "--report", "report.json")
    assert run.code == 1
    assert "Drop: RuntimeError: dropped it" in run.err
    assert "Drop made str of it" in run.err
    counts = cli.report()["records"]
    assert (counts["filtered"], counts["failed"], counts["created"]) == (1, 2, 4)
    assert [r["record"]["name"] for r in cli.records("out.jsonl")][3:] == ["t3"]
    flow["processors"] = [{"type": "drop", "config": {"bad": "thing"}}]
    cli.write("flow.json", json.dumps(flow))
    cli("run", "flow.json").refused(3, "The processor 'drop' failed: KeyError: 'no such thing'")
