"""`--grace`: after SIGTERM a run ends in time, whatever hangs, and its report says how."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.functional.test_interrupt import BLOCKING, DEAF
from tests.selection import few

if TYPE_CHECKING:
    from om_ingest_testing import CommandResult

    from tests.command import Cli, Connect, Distribute

GRACE_S = 0.5
SLACK_S = 2.0
"""What a busy machine may add."""
INTERRUPTED, SUCCESS = ("interrupted", 143), ("success", 0)

LOCKED = """
import threading
lock = threading.Lock()
lock.acquire()
pathlib.Path("waiting").touch()
while True:
    try: lock.acquire()
    except BaseException: pass
"""
CHILD = """
import subprocess
child = subprocess.Popen(["sleep", "60"], stdout=-3, stderr=-3)  # DEVNULL
pathlib.Path("waiting").touch()
child.wait()
"""
THREAD = """
import threading
waiting = threading.Thread(target=time.sleep, args=(60,))
pathlib.Path("waiting").touch()
waiting.start()
time.sleep(60)
"""
SOURCES = {
    "in-c": ("next_record(self)", BLOCKING),
    "thread-at-the-end": ("next_record(self)", THREAD),
    "deaf": ("next_record(self)", DEAF),
    "lock": ("next_record(self)", LOCKED),
    "child": ("next_record(self)", CHILD),
    "prepare": ("prepare(self)", DEAF),
    "close": ("close(self)", DEAF),
}


def stopped(
    cli: Cli,
    process: subprocess.Popen[bytes],
    grace_s: float = GRACE_S,
    end: tuple[str, int] = INTERRUPTED,
) -> CommandResult:
    """The end of a run that gets SIGTERM now; within its grace, with one code everywhere."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    run = cli.ended(process)
    assert time.monotonic() - began < grace_s + SLACK_S
    assert run.code == end[1], run.err
    report = json.loads((cli.cwd / "report.json").read_text("utf-8"))
    assert (report["state"], report["exitCode"]) == end
    return run


def started(cli: Cli, *words: str, grace: str = str(GRACE_S)) -> subprocess.Popen[bytes]:
    return cli.start("run", *words, "--report", "report.json", "--grace", grace)


@pytest.mark.parametrize("kind", few(list(SOURCES), 2))
def test_a_source_that_hangs(cli: Cli, connector: Connect, kind: str) -> None:
    """A source that swallows what asks it to stop, hangs in C, or leaves a thread is ended.

    What was delivered before is not sent again.
    """
    step, body = SOURCES[kind]
    first = "" if "next" in step else "def next_record(self): return stock.tables(2)\n"
    given = "yield from stock.tables(2)\nself.ctx.metadata.get_by_name(Table, 'x')\n"
    body = textwrap.indent((given if "next" in step else "") + body, "    ")
    path = connector("deaf", f"{first}def {step}:\n{body}")
    process = started(cli, "deaf")
    cli.wait_for("waiting")
    stopped(cli, process)
    path.write_text(path.read_text().replace('pathlib.Path("waiting").touch()', "return"))
    cli("run", "deaf", "--resume").succeeded()
    assert cli.tables() == ["t0", "t1"]


@contextmanager
def frozen_server(*, trickles: bool = False) -> Iterator[tuple[str, threading.Event]]:
    """A server that takes connections and requests, and answers nothing, or a byte at a time.

    The event is set once a connection is there.
    """
    begun = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept: list[socket.socket] = []

        def trickle(client: socket.socket) -> None:
            with suppress(OSError):
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while True:
                    client.sendall(b" ")
                    time.sleep(0.2)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    kept.append(listener.accept()[0])
                    begun.set()
                    if trickles:
                        threading.Thread(target=trickle, args=(kept[-1],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"openmetadata:http://127.0.0.1:{listener.getsockname()[1]}/api", begun
        for client in kept:
            client.close()


@pytest.mark.parametrize("trickles", few([False, True], 1))
def test_a_server_that_never_answers(cli: Cli, connector: Connect, trickles: bool) -> None:
    """A run whose server takes its first request and no more is ended before it has begun."""
    connector("plain")
    with frozen_server(trickles=trickles) as (sink, begun):
        process = started(cli, "plain", "--sink", sink)
        assert begun.wait(30)
        run = stopped(cli, process)
    assert "Traceback" not in run.err


FROZEN_SINK = """
from om_ingest.sinks.jsonl import JsonlSink

class FrozenSink(JsonlSink):
    def {step}(self, *given):
        pathlib.Path("waiting").touch()
        while True:
            try: time.sleep(60)
            except BaseException: pass
"""


@pytest.mark.parametrize("step", few(["flush", "write", "close", "finish"], 0))
def test_a_sink_that_hangs(
    cli: Cli, connector: Connect, distributed: Distribute, step: str
) -> None:
    """A sink that swallows whatever interrupts it ends with the process, in time."""
    entry_point = "[om_ingest.sink]\nfrozen = frozen_sink:FrozenSink\n"
    distributed("frozen-sink", FROZEN_SINK.format(step=step), entry_point)
    connector("plain")
    process = started(cli, "plain", "--sink", "frozen:out.jsonl")
    cli.wait_for("waiting")
    stopped(cli, process)


LATE_SERVER = """
def next_record(self):
    yield from stock.tables(3)
    pathlib.Path("waiting").touch()
    while not pathlib.Path("on").exists(): time.sleep(0.01)
    yield from (stock.table(f"late{n}") for n in range(2000))
    pathlib.Path("sent").touch()
    time.sleep(60)
"""


@pytest.mark.full
def test_a_server_that_freezes(cli: Cli, connector: Connect) -> None:
    """What a frozen server has not taken is sent by `--resume`, and nothing is lost."""
    path = connector("late", LATE_SERVER)
    serve = cli.start("serve", "--port", "0", "--catalog", "served.db")
    try:
        assert serve.stdout is not None
        url = serve.stdout.readline().decode().partition(" ")[0]
        words = ("late", "--sink", f"openmetadata:{url}")
        process = started(cli, *words, grace="2")
        cli.wait_for("waiting")
        serve.send_signal(signal.SIGSTOP)
        (cli.cwd / "on").touch()
        time.sleep(1)
        stopped(cli, process, 2)
        serve.send_signal(signal.SIGCONT)
        path.write_text(path.read_text().replace("time.sleep(60)", "pass"))
        cli("run", *words, "--resume").succeeded()
    finally:
        serve.send_signal(signal.SIGCONT)
        serve.terminate()
        cli.ended(serve)
    assert len(cli.tables("served.db")) == 2003


def test_ignored_signals_and_no_grace(cli: Cli, connector: Connect) -> None:
    """What is ignored at the start stays ignored, as by nohup; `--grace 0` ends at once."""
    body = "    yield from stock.tables(1)\n    pathlib.Path('waiting').touch()\n    time.sleep(60)"
    connector("slow", f"def next_record(self):\n{body}")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command inherits it
    try:
        process = started(cli, "slow", grace="0")
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.wait_for("waiting")
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)
    stopped(cli, process, 0)


READS = """
def next_record(self):
    yield from stock.tables(1)
    self.ctx.metadata.get_by_name(Table, "x")
    yield stock.table("held")
    pathlib.Path("waiting").touch()
    while not pathlib.Path("on").exists(): time.sleep(0.01)
    self.ctx.metadata.get_by_name(Table, "x")
    time.sleep(60)
"""


@pytest.mark.full
@pytest.mark.parametrize("name", ["om-ingest.db", "om-ingest-runs.db"])
def test_a_file_that_others_hold(cli: Cli, connector: Connect, name: str) -> None:
    """A run that waits for a locked catalog or journal ends in time; `--resume` sends the rest."""
    path = connector("slow", READS)
    process = started(cli, "slow")
    cli.wait_for("waiting")
    (found,) = cli.cwd.rglob(name)
    with closing(sqlite3.connect(found, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (cli.cwd / "on").touch()
        time.sleep(0.5)
        stopped(cli, process)
    path.write_text(path.read_text().replace("time.sleep(60)", "pass"))
    cli("run", "slow", "--resume").succeeded()
    assert cli.tables() == ["held", "t0"]


HOOK = """
import pathlib, time
from om_ingest import hookimpl

@hookimpl
def om_ingest_workflow_{step}():
    pathlib.Path("waiting").touch()
    while True:
        try: time.sleep(60)
        except BaseException: pass
"""


@pytest.mark.full
@pytest.mark.parametrize(("step", "end"), [("started", INTERRUPTED), ("finished", SUCCESS)])
def test_a_hook_that_hangs(
    cli: Cli, connector: Connect, distributed: Distribute, step: str, end: tuple[str, int]
) -> None:
    """A hook that swallows whatever interrupts it ends with the process, in time.

    After the verdict it changes nothing of it.
    """
    distributed("hanging", HOOK.format(step=step), "[om_ingest]\nhanging = hanging\n")
    connector("plain")
    process = started(cli, "plain")
    cli.wait_for("waiting")
    stopped(cli, process, end=end)
