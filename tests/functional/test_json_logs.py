"""With `--log-format json` every line of standard error is one JSON object, whoever writes it."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.command import COMMAND
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

KEYS = {"time", "level", "logger", "message", "runId", "workflow", "source", "service"}
LEVELS = ("debug", "info", "warning", "error", "critical")
TALKATIVE = """
def next_record(self):
    import ctypes, faulthandler, logging, multiprocessing, os, subprocess, threading, time, warnings
    libc = ctypes.CDLL(None)
    log = self.ctx.logger

    class Odd:
        def __str__(self):
            raise ValueError("no text")

        def __del__(self):
            raise RuntimeError("in a destructor")

    log.info("extra", extra={"rows": 3, "odd": Odd(), "not_a_number": float("nan")})
    log.info("%d things", "no number")
    log.info("a lone surrogate \\ud800, a line separator \\u2028, a NUL \\0")
    log.warning("with stack", stack_info=True)
    log.log(35, "between two levels")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("with traceback")
    logging.getLogger("a.library").error("of a library")
    print("printed")
    print("in ", end="")
    print("parts")
    print("to the real one", file=sys.__stdout__)
    sys.stderr.write("first\\nsecond\\n")
    sys.stderr.buffer.write("bytes é".encode()[:-1])
    sys.stderr.buffer.write("bytes é\\n".encode()[-2:])
    for done in range(100):
        sys.stderr.write(f"\\r\\x1b[32m{done} %")
    sys.stderr.write("\\rdone\\n")
    print("x" * 1_000_000)
    os.write(1, b"descriptor 1\\n")
    os.write(2, b"\\xff\\xfe descriptor 2\\n")
    libc.puts(b"of C")
    libc.fflush(None)
    os.write(2, b'{"forged": true}\\n')
    subprocess.run(["sh", "-c", "echo from a child; echo to its errors >&2"])
    os.system("echo from a shell")
    log.info("after the child")
    subprocess.Popen(["sh", "-c", "sleep 3; echo too late; echo too late >&2"])
    faulthandler.dump_traceback()
    warnings.warn("a warning")
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
    odd = Odd()
    del odd
    for method in ("fork", "spawn"):
        child = multiprocessing.get_context(method).Process(target=print, args=(method, "child"))
        child.start()
        child.join()
    pid = os.fork()
    if pid == 0:
        log.info("of a forked process")
        os._exit(0)
    os.waitpid(pid, 0)
    os.write(2, b"half of s3cr")
    os.write(2, b"et-w0rd\\n")
    print("half of s3cr", end="")
    print("et-w0rd")
    os.system("echo child has s3cret-w0rd")
    print("no end", end="")
    yield from stock.tables(2)
    raise RuntimeError("it dies of s3cret-w0rd")
"""


ORDERED = [
    "descriptor 1",
    "\ufffd\ufffd descriptor 2",
    "of C",
    '{"forged": true}',
    "from a child",
    "to its errors",
    "from a shell",
    "after the child",
    "fork child",
    "spawn child",
    "of a forked process",
    "child has **********",
]


def parsed(text: str) -> list[dict[str, Any]]:
    """Every line as an object; all have the keys and the time that the page promises."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        assert set(line) >= KEYS, line
        assert line["level"] in LEVELS
        moment = datetime.fromisoformat(line["time"])
        assert moment.tzinfo is not None
        assert len(line["time"]) == len("2026-11-30T07:00:00.000+00:00")
    return lines


def said(lines: list[dict[str, Any]], logger: str) -> list[str]:
    """What a logger has said, in its order."""
    return [line["message"] for line in lines if line["logger"] == logger]


def test_talkative_failing_connector(cli: Cli, connector: Connect) -> None:
    """What a connector, libraries, C and children print is JSON, masked and in order; standard
    output stays empty.
    """
    connector("shop", TALKATIVE, config="password: SecretStr")
    words = ("run", "shop", "--set", "password=s3cret-w0rd", "--log-format", "json")
    run = cli(*words, "--service-name", "market", "--log-level", "debug")
    assert (run.code, run.out) == (1, "")
    lines = parsed(run.err)
    assert "s3cr" not in run.err
    assert "too late" not in run.err
    labels = {(line["runId"], line["workflow"]) for line in lines}
    assert len(labels) == 1
    by_message = {line["message"]: line for line in lines}
    odd = by_message["extra"]["extra"]
    assert odd == {"rows": 3, "odd": "(Odd cannot be shown: ValueError)", "not_a_number": "nan"}
    assert "ZeroDivisionError" in by_message["with traceback"]["traceback"]
    assert "next_record" in by_message["with stack"]["stack"]
    between = by_message["between two levels"]
    assert (between["level"], between["levelName"]) == ("warning", "Level 35")
    assert by_message["a lone surrogate \ud800, a line separator \u2028, a NUL \0"]
    thread = by_message["Exception in thread worker"]
    assert (thread["level"], thread["logger"]) == ("error", "threading")
    assert "ZeroDivisionError" in thread["traceback"]
    printed = said(lines, "stdout")
    assert printed[:3] == ["printed", "in parts", "to the real one"]
    assert "".join(printed[3:-3]) == "x" * 1_000_000
    assert printed[-3:] == ["fork child", "half of **********", "no end"]
    assert said(lines, "stderr") == ["first", "second", "bytes é", "done"]
    order = [message for message in by_message if message in ORDERED]
    assert order == ORDERED
    assert any("most recent call first" in line for line in said(lines, "output"))
    assert any("UserWarning: a warning" in line for line in said(lines, "py.warnings"))
    assert any("cannot be formatted" in line for line in said(lines, "om_ingest.source.shop"))
    assert any("in a destructor" in line.get("traceback", "") for line in lines)
    assert by_message["of a forked process"]["source"] == "shop"
    events = {line["event"]: line for line in lines if "event" in line}
    assert list(events) == ["run.started", "run.ended"]
    assert events["run.started"]["distribution"] == "shop-connector 1.0"
    end = lines[-1]
    assert (end["event"], end["state"], end["exitCode"]) == ("run.ended", "failed", 1)
    assert (end["records"]["created"], end["service"], end["level"]) == (5, "market", "error")
    assert "it dies of **********" in end["errors"][0]


@pytest.mark.parametrize(
    "words",
    few(
        [
            "--no-such-option --log-format=json",
            "--limit none --log-format json",
            "--log-format json --report gone/report.json",
        ],
        1,
    ),
)
def test_mistakes_are_objects_too(cli: Cli, words: str) -> None:
    """Whatever keeps a run from beginning is one object, and the event of its end another."""
    run = cli("run", "no-such-source", *words.split())
    assert (run.code, run.out) == (2, "")
    error, end = parsed(run.err)
    assert error["level"] == "error"
    assert "\n" in error["message"]  # what to do
    assert (end["event"], end["state"], end["exitCode"]) == ("run.ended", "failed", 2)
    assert end["errors"][0].startswith(error["message"].partition("\n")[0])


LASTING = """
def next_record(self):
    self.ctx.logger.info("ready")
    for number in range(100_000):
        print("line", number, "x" * 200)
        os.write(2, b"raw\\n")
        if number == 300:
            {then}
    yield from stock.tables(1)
"""


def shell(cli: Cli, redirections: str) -> subprocess.CompletedProcess[str]:
    """A run of `shop` in JSON mode, behind redirections of a shell."""
    return subprocess.run(
        [
            *("sh", "-c", f'"$@" {redirections}', "sh", str(COMMAND)),
            *("run", "shop", "--sink", "jsonl:out.jsonl", "--log-format", "json"),
        ],
        cwd=cli.cwd,
        env=cli.env,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("then", "code"),
    few(
        [
            ("import ctypes; ctypes.string_at(0)", -11),
            ("os.kill(os.getpid(), 9)", -9),
            ("import ctypes; ctypes.CDLL(None)._exit(7)", 7),
        ],
        1,
    ),
)
def test_process_that_is_gone_at_once(cli: Cli, connector: Connect, then: str, code: int) -> None:
    """What a process said before it crashed, was killed or left is there, and that it is gone."""
    connector("shop", LASTING.format(then=then))
    cli.env["PYTHONFAULTHANDLER"] = "1"
    run = cli.start("run", "shop", "--sink", "jsonl:out.jsonl", "--log-format", "json")
    _, said_then = run.communicate(timeout=60)
    assert run.returncode == code
    lines = parsed(said_then.decode())
    assert said(lines, "stdout")[-1].startswith("line 300 ")
    assert len(said(lines, "output")) >= 301
    end = lines[-1]
    assert (end["event"], end["state"], end["exitCode"]) == ("run.ended", "killed", None)
    assert (end["level"], end["source"]) == ("error", "shop")
    crashed = [line for line in lines if line["message"].startswith("Fatal Python error")]
    assert [line["level"] for line in crashed] == ["error"] * (code == -11)


@pytest.mark.parametrize("redirection", few(["2>/dev/full", "2>&-", "2>&1 >&- | head -c 100"], 1))
def test_standard_error_that_takes_nothing(cli: Cli, connector: Connect, redirection: str) -> None:
    """A run goes on where standard error is closed, full, or nobody reads it."""
    connector("shop", LASTING.format(then="break"))
    run = shell(cli, redirection)
    assert (run.returncode, run.stderr) == (0, "")
    assert len(cli.records("out.jsonl")) > 3


@pytest.mark.full
def test_slow_reader_gets_everything(cli: Cli, connector: Connect) -> None:
    """Nothing is lost where standard error is read slowly; output has only records."""
    connector("shop", LASTING.format(then="break"))
    run = shell(cli, "2>&1 >records | (sleep 1; cat)")
    lines = parsed(run.stdout)
    assert len(said(lines, "stdout")) == len(said(lines, "output")) == 301
    assert lines[-1]["state"] == "success"


LATE = """
    import atexit, threading
    ended = threading.Event()
    def talk():
        while not ended.wait(0.001): print("late thread")
    talking = threading.Thread(target=talk, daemon=True)
    talking.start()
    atexit.register(lambda: (ended.set(), talking.join()))
"""


def test_output_is_for_records(cli: Cli, connector: Connect) -> None:
    """What children and C print to descriptor 1 is not among the records, in any format."""
    body = 'os.system("echo child"); os.write(1, b"raw\\n"); print("real", file=sys.__stdout__)'
    body += '; atexit.register(print, "at exit")'
    connector("shop", f"def next_record(self):\n{LATE}    {body}\n    yield from stock.tables(1)")
    for log_format in ("text", "json"):
        cli.env["OM_INGEST_LOG_FORMAT"] = log_format
        run = cli("run", "shop", "--sink", "console").succeeded()
        assert len([json.loads(line) for line in run.out.splitlines()]) == 4
        assert all(word in run.err for word in ("child", "raw", "real", "at exit", "late"))
    parsed(run.err)


def test_words_at_signals(cli: Cli, connector: Connect) -> None:
    """What is said at a signal is JSON, and the run ends with the state and code of the signal."""
    connector("shop", 'def next_record(self):\n    print("ready")\n    time.sleep(60)\n    yield')
    run = cli.start("run", "shop", "--log-format", "json", "--sink", "jsonl:out.jsonl")
    assert run.stderr is not None
    before = b""
    while b'"ready"' not in before:
        before += run.stderr.readline()
    run.terminate()
    _, after = run.communicate(timeout=30)
    lines = parsed((before + after).decode())
    assert any(line["message"].startswith("stopping: ") for line in lines)
    end = lines[-1]
    assert (end["state"], end["exitCode"], run.returncode) == ("interrupted", 143, 143)


@pytest.mark.full
def test_reader_that_does_not_read(cli: Cli, connector: Connect) -> None:
    """A run that waits for who reads its log ends in time, with the code of the signal."""
    body = "while True:\n        print('x' * 1000)\n    yield"
    connector("shop", f"def next_record(self):\n    print('ready')\n    {body}")
    words = ("--log-format", "json", "--sink", "jsonl:out.jsonl", "--grace", "1")
    run = cli.start("run", "shop", *words, "--report", "report.json")
    time.sleep(5)
    run.terminate()
    assert run.wait(15) == 143
    assert cli.report("report.json")["exitCode"] == 143
    _, text = run.communicate(timeout=30)
    assert len(parsed(text.decode())) > 100
