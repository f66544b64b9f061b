"""With `--log-format json` every line of standard error is one JSON object, whoever writes it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.command import Cli, Connect

KEYS = {"time", "level", "logger", "message", "runId", "workflow", "source", "service"}
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
    ("words", "code"),
    [
        (("--no-such-option", "--log-format=json"), 2),
        (("--limit", "none", "--log-format", "json"), 2),
        (("--log-format", "json", "--report", "gone/report.json"), 2),
    ],
)
def test_mistakes_are_objects_too(cli: Cli, words: tuple[str, ...], code: int) -> None:
    """Whatever keeps a run from beginning is one object, and the event of its end another."""
    run = cli("run", "no-such-source", *words)
    assert (run.code, run.out) == (code, "")
    error, end = parsed(run.err)
    assert error["level"] == "error"
    assert (end["event"], end["state"], end["exitCode"]) == ("run.ended", "failed", code)
    assert end["errors"][0].startswith(error["message"].partition("\n")[0])
