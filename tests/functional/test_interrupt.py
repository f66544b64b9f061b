"""Ctrl-C and SIGTERM stop a run at once, and lose nothing that was read."""

from __future__ import annotations

import json
import os
import signal
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute


@pytest.mark.parametrize(
    ("waiting", "number", "code"),
    few(
        [
            ("time.sleep(60)", signal.SIGINT, 130),
            ("while True: pass", signal.SIGTERM, 143),
            ("time.sleep(60)", signal.SIGTERM, 143),
            ("while True: pass", signal.SIGINT, 130),
        ],
        2,
    ),
    ids=["asleep-sigint", "busy-sigterm", "asleep-sigterm", "busy-sigint"],
)
def test_signal_while_the_source_works(
    cli: Cli, connector: Connect, waiting: str, number: int, code: int
) -> None:
    """The source is stopped wherever it is; what it yielded is delivered and reported."""
    connector(
        "slow",
        f"""
        def next_record(self):
            import signal
            os.kill(os.getpid(), signal.SIGURG)  # as for a socket with urgent data: ignored
            yield from stock.tables(2)
            pathlib.Path("waiting").touch()
            {waiting}
            yield stock.table("never")
        def close(self): pathlib.Path("closed").touch()
        """,
    )
    process = cli.start("run", "slow", "--report", "report.json")
    cli.wait_for("waiting")
    process.send_signal(number)
    run = cli.ended(process)
    assert run.code == code
    assert "interrupted: slow" in run.err
    assert cli.tables() == ["t0", "t1"]
    assert (cli.cwd / "closed").exists()
    report = cli.report()
    assert (report["state"], report["exitCode"]) == ("interrupted", code)
    assert (report["records"]["created"], report["errors"]) == (5, [])
    assert cli.dead_letters() == []


def test_signal_while_preparing(cli: Cli, connector: Connect) -> None:
    """A source that hangs while it connects is stopped, too."""
    connector(
        "slow",
        """
        def prepare(self):
            pathlib.Path("waiting").touch()
            time.sleep(60)
        def next_record(self): return stock.tables(1)
        """,
    )
    process = cli.start("run", "slow")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGINT)
    assert cli.ended(process).code == 130
    assert cli.tables() == []


def test_signal_while_creating(cli: Cli, connector: Connect) -> None:
    """A signal that comes before the source is ready keeps it from being prepared."""
    connector(
        "slow",
        """
        def __init__(self, config, ctx):
            super().__init__(config, ctx)
            pathlib.Path("waiting").touch()
            ctx.cancelled.wait(60)
        def prepare(self): pathlib.Path("prepared").touch()
        def next_record(self): return stock.tables(1)
        """,
    )
    process = cli.start("run", "slow")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGTERM)
    run = cli.ended(process)
    assert run.code == 143
    assert run.err.endswith("interrupted before the run began: nothing was read or delivered\n")
    assert not (cli.cwd / "prepared").exists()


def test_source_that_ends_when_asked(cli: Cli, connector: Connect) -> None:
    """A source that catches everything but looks at `ctx.cancelled` can end in order."""
    connector(
        "polite",
        """
        def next_record(self):
            yield from stock.parents()
            try:
                pathlib.Path("waiting").touch()
                time.sleep(60)
            except BaseException:
                pass
            if self.ctx.cancelled.is_set():
                yield stock.table("last")
            yield stock.table("never")
        """,
    )
    process = cli.start("run", "polite", "--report", "report.json")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGINT)
    assert cli.ended(process).code == 130
    assert cli.tables() == ["last"]
    cli.report()


def test_second_signal(cli: Cli, connector: Connect) -> None:
    """The second Ctrl-C ends a source that ignores the first; what waits is set aside."""
    connector(
        "deaf",
        """
        def next_record(self):
            yield from stock.parents()
            self.ctx.metadata.get_by_name(Table, "x")  # delivers the parents
            yield stock.table("pending")
            try:
                pathlib.Path("waiting").touch()
                time.sleep(60)
            except BaseException:
                pathlib.Path("deaf").touch()
                time.sleep(60)
        def close(self): pathlib.Path("closed").touch()
        """,
    )
    process = cli.start("run", "deaf", "--report", "report.json")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGINT)
    cli.wait_for("deaf")
    process.send_signal(signal.SIGINT)
    assert cli.ended(process).code == 130
    assert (cli.cwd / "closed").exists()
    report = cli.report()
    assert report["state"] == "interrupted"
    assert (report["records"]["created"], report["records"]["failed"]) == (3, 1)
    (letters,) = cli.dead_letters()
    cli("replay", letters).succeeded()
    assert cli.tables() == ["pending"]


DEAF = """
while True:
    try:
        pathlib.Path("waiting").touch()
        time.sleep(60)
    except BaseException: continue
"""
BLOCKING = """
import ctypes
pathlib.Path("waiting").touch()
mutex, lock = ctypes.create_string_buffer(64), ctypes.CDLL(None).pthread_mutex_lock
lock(mutex)
lock(mutex)  # never returns, whatever signals come
"""


@pytest.mark.parametrize(
    ("step", "body"),
    few(
        [
            ("prepare(self)", DEAF),
            ("next_record(self)", BLOCKING),
            ("next_record(self)", DEAF),
            ("close(self)", DEAF),
        ],
        2,
    ),
    ids=["prepare", "in-c", "next_record", "close"],
)
def test_third_signal(cli: Cli, connector: Connect, step: str, body: str) -> None:
    """The third Ctrl-C ends the process at once, wherever a source swallows or blocks others."""
    body = textwrap.indent(body, "    ")
    connector("deaf", f"def next_record(self): return stock.tables(1)\ndef {step}:\n{body}")
    process = cli.start("run", "deaf")
    cli.wait_for("waiting")
    for _ in range(3):
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
    run = cli.ended(process)
    assert run.code == 130
    assert "third signal: there is no summary" in run.err
    assert [line for line in run.err.splitlines() if "once more" in line][:2] == [
        "stopping: what was read is delivered; once more cuts off, a third ends at once",
        "cutting off; once more ends at once, without a summary",
    ]


def test_third_signal_where_nothing_runs(cli: Cli, connector: Connect) -> None:
    """A command that only looks at a source ends as well, and speaks of no run.

    Also while an event loop of the source gets the signals.
    """
    connector(
        "deaf",
        """
        def next_record(self): return stock.tables(1)
        @classmethod
        def create(cls, *given):
            import signal, socket
            cls.ends = socket.socketpair()
            cls.ends[0].setblocking(False)
            assert signal.set_wakeup_fd(cls.ends[0].fileno()) == -1  # as event loops do
            pathlib.Path("waiting").touch()
            while True:
                try:
                    time.sleep(60)
                except BaseException:
                    pass
        """,
    )
    process = cli.start("state", "show", "deaf")
    cli.wait_for("waiting")
    for _ in range(3):
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
    run = cli.ended(process)
    assert (run.code, run.err) == (130, "\nerror: Ended at once by a third signal\n")


def test_second_signal_while_closing(cli: Cli, connector: Connect) -> None:
    """The second Ctrl-C also ends a source that hangs while it is closed."""
    connector(
        "slow",
        """
        def next_record(self):
            yield from stock.tables(1)
            pathlib.Path("waiting").touch()
            time.sleep(60)
        def close(self):
            pathlib.Path("closing").touch()
            time.sleep(60)
        """,
    )
    process = cli.start("run", "slow", "--report", "report.json")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGINT)
    cli.wait_for("closing")
    process.send_signal(signal.SIGINT)
    run = cli.ended(process)
    assert run.code == 130
    assert "was cut off while it was closed: The run was ended by SIGINT" in run.err
    assert cli.report()["state"] == "interrupted"
    assert cli.tables() == ["t0"]


@pytest.mark.parametrize("pause_s", few([0.002, 0], 1))
def test_five_signals(cli: Cli, connector: Connect, pause_s: float) -> None:
    """A burst of signals, as of a terminal and its wrappers, loses neither records nor accounts."""
    connector(
        "big",
        """
        def next_record(self):
            yield from stock.parents()
            yield stock.table("orphan", "gone.db.public")
            for number in range(2000): yield stock.table(f"t{number}")
            pathlib.Path("waiting").touch()
            while True: time.sleep(0.05)  # a signal just before a sleep waits for its end
        """,
    )
    process = cli.start("run", "big", "--report", "report.json")
    cli.wait_for("waiting")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        process.send_signal(number)
        time.sleep(pause_s)
    assert cli.ended(process).code in (130, 143)
    report = cli.report()
    counts = report["records"]
    assert (counts["yielded"], report["state"]) == (2004, "interrupted")
    (letters,) = cli.dead_letters()
    aside = [json.loads(line) for line in letters.read_text("utf-8").splitlines()[1:]]
    assert len(aside) == counts["failed"]
    names = {letter["record"]["name"] for letter in aside if letter["type"] == "table"}
    assert names.union(cli.tables()) == {"orphan", *(f"t{number}" for number in range(2000))}
    (kept,) = cli("runs", "--json").succeeded().json
    assert (kept["state"], kept["records"]) == ("interrupted", counts)


CHILDREN = {
    "fork": """
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
        os.kill(child, signal.SIGTERM)
        ended = os.waitpid(child, 0)[1]
        """,
    "fork-exits": """
        child = os.fork()
        if not child: sys.exit(7)
        ended = os.waitpid(child, 0)[1]
        """,
    "multiprocessing": """
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
        child.start()
        child.terminate()
        child.join()
        ended = -child.exitcode
        """,
}


@pytest.mark.parametrize(
    ("kind", "ended"), few([("fork", 15), ("fork-exits", 7 << 8), ("multiprocessing", 15)], 2)
)
def test_children_of_a_source(cli: Cli, connector: Connect, kind: str, ended: int) -> None:
    """A child dies of SIGTERM as any process does; one that exits delivers nothing of the run's."""
    body = "import multiprocessing, signal, warnings\nwarnings.simplefilter('ignore')"
    body += textwrap.dedent(CHILDREN[kind])
    connector(
        "parent",
        f"def next_record(self):\n{textwrap.indent(body, '    ')}\n"
        "    yield from stock.tables(2)\n"
        f"    assert ended == {ended}, ended\n",
    )
    cli("run", "parent", "--report", "report.json").succeeded()
    assert cli.report()["records"]["created"] == 5
    assert len(cli("runs", "--json").succeeded().json) == 1


def test_a_pool_in_a_source(cli: Cli, connector: Connect) -> None:
    """Ctrl-C in a terminal reaches the workers of a pool as well: the run ends in seconds."""
    connector(
        "pooled",
        """
        def next_record(self):
            import multiprocessing, subprocess
            yield from stock.tables(1)
            commands = [["sh", "-c", f"touch {name}; exec sleep 60"] for name in ("one", "two")]
            with multiprocessing.get_context("fork").Pool(2) as pool:
                pool.map(subprocess.check_call, commands)
        """,
    )
    process = cli.start("run", "pooled", "--report", "report.json", start_new_session=True)
    for name in ("one", "two"):  # Python loses a lock of a worker that waits for its work
        cli.wait_for(name)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    assert cli.ended(process).code == 130
    assert time.monotonic() - began < 20
    assert cli.report()["state"] == "interrupted"
    assert cli.tables() == ["t0"]


def test_signal_in_the_middle_of_a_delivery(
    cli: Cli, connector: Connect, distributed: Distribute
) -> None:
    """A batch that is being delivered is finished, and counted, before the run stops."""
    distributed(
        "slow-sink",
        """
        from om_ingest.sinks.jsonl import JsonlSink

        class SlowSink(JsonlSink):
            def write(self, records):
                pathlib.Path("writing").touch()
                while not pathlib.Path("signalled").exists(): time.sleep(0.01)
                return super().write(records)
        """,
        "[om_ingest.sink]\nslow = slow_sink:SlowSink\n",
    )
    connector("big", "def next_record(self): return stock.tables(5000)")
    process = cli.start("run", "big", "--sink", "slow:out.jsonl", "--report", "report.json")
    cli.wait_for("writing")
    process.send_signal(signal.SIGTERM)
    (cli.cwd / "signalled").touch()
    assert cli.ended(process).code == 143
    report = cli.report()
    assert report["records"]["created"] == len(cli.records("out.jsonl")) == 500
    assert report["records"]["failed"] == 0


def test_interrupted_command_without_a_run(cli: Cli, connector: Connect) -> None:
    """Ctrl-C while another command imports a connector ends it with 130, too."""
    connector(
        "slow",
        module="import time, pathlib\npathlib.Path('waiting').touch()\ntime.sleep(60)\n",
    )
    process = cli.start("show", "slow")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGINT)
    assert cli.ended(process).code == 130


def test_signal_while_a_sink_is_imported(
    cli: Cli, connector: Connect, distributed: Distribute
) -> None:
    """SIGTERM before a run begins ends the command, and blames nobody whom it interrupts."""
    module = "import time, pathlib\npathlib.Path('waiting').touch()\ntime.sleep(60)\n"
    distributed("slow-sink", module, "[om_ingest.sink]\nslow = slow_sink:SlowSink\n")
    connector("plain")
    process = cli.start("run", "plain", "--sink", "slow", "--report", "report.json")
    cli.wait_for("waiting")
    process.send_signal(signal.SIGTERM)
    run = cli.ended(process)
    assert (run.code, "slow" in run.err) == (143, False), run.err
    report = cli.report()
    assert (report["state"], report["exitCode"]) == ("interrupted", 143)
