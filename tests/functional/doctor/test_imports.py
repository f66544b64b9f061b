"""`doctor` imports each source in a process of its own, whatever happens there."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.cli import build
from typer.testing import CliRunner

if TYPE_CHECKING:
    from conftest import Environment, Wheel

DATABASE = "metadata/ingestion/source/database"
HOSTILE = {
    "forks": (
        "import os, time\nif os.fork(): os._exit(7)\ntime.sleep(600)",
        "the process ended with exit code 7",
    ),
    "exits": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "leaves": ("import os; os._exit(0)", "the process ended at once"),
    "crashes": ("import os; os.kill(os.getpid(), 11)", "the process was ended by SIGSEGV"),
    "interrupts": ("raise KeyboardInterrupt", "the process"),
    "raises": ("print('almost'); raise RuntimeError('not today')", "RuntimeError: not today"),
    "stumbles": (
        "import atexit, os\natexit.register(os._exit, 5)\n{}",
        "imported, and then: the process ended with exit code 5",
    ),
    "lacks": ("import no_such_library", "needs the module 'no_such_library'"),
}
ENDLESS = {
    "hangs": "import time; time.sleep(600)",
    "stays": "import threading, time\nthreading.Thread(target=time.sleep, args=[600]).start()\n{}",
}
GOOD = """
import sys
from om_ingest import ConfiguredSource, ConnectorConfig
print("to standard output")
print("to standard error", file=sys.stderr)
sys.stdout.buffer.write(bytes([255, 10]))
class ShopSource(ConfiguredSource[ConnectorConfig]):
    def next_record(self): return ()
"""


@pytest.fixture
def hostile(environment: Environment, wheel: Wheel) -> Environment:
    """An environment with connectors that misbehave when they are imported, and a good one."""
    for name, (code, _) in {**HOSTILE, "good": ("{}", "")}.items():
        text = code.replace("{}", GOOD)
        environment.unpack(wheel(name, files={f"{DATABASE}/{name}.py": text}))
    return environment


def test_each_import_is_judged_on_its_own(hostile: Environment) -> None:
    """A source that exits, crashes or raises fails alone, with time and what it printed."""
    diagnosis = hostile.diagnosis("--import")
    assert diagnosis["findings"] == []
    assert diagnosis["healthy"] is False
    trials: dict[str, dict[str, Any]] = {trial["source"]: trial for trial in diagnosis["imports"]}
    assert set(trials) == {*HOSTILE, "good"}
    for name, (_, failure) in HOSTILE.items():
        trial = trials[name]
        assert failure in trial["failure"], trial
        assert (trial["distribution"], trial["version"]) == (f"{name}-connector", "1.0")
    assert trials["raises"]["printed"] == "almost"
    good = trials["good"]
    assert good["failure"] == ""
    assert 0 < good["import_s"] < 60
    assert "to standard output" in good["printed"]
    assert "to standard error" in good["printed"]


def test_import_without_end(environment: Environment, wheel: Wheel) -> None:
    """An import that hangs, or leaves something running, is ended when its time is over."""
    for name, code in ENDLESS.items():
        files = {f"{DATABASE}/{name}.py": code.replace("{}", GOOD)}
        environment.unpack(wheel(name, files=files))
    diagnosis = environment.diagnosis("--import", "--import-timeout", "0.8")
    assert [trial["source"] for trial in diagnosis["imports"]] == ["hangs", "stays"]
    for trial in diagnosis["imports"]:
        assert trial["failure"].endswith("still running after 0.8 s")


@pytest.mark.full
def test_interrupt(environment: Environment, wheel: Wheel) -> None:
    """Ctrl-C ends the doctor at once, with the imports that it has begun."""
    code = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"
    environment.unpack(wheel("hangs", files={f"{DATABASE}/hangs.py": code}))
    command = [str(environment.command), "doctor"]
    with subprocess.Popen(command, cwd=environment.work, env=environment.env) as process:
        pid = environment.work / "pid"
        deadline = time.monotonic() + 30
        while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_imports_for_people(environment: Environment, wheel: Wheel) -> None:
    """The text tells name, distribution, outcome and time, and quotes what was printed."""
    environment.unpack(wheel("good", files={f"{DATABASE}/good.py": GOOD}))
    told = environment("doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    first, *quoted, last = told.stdout.splitlines()
    assert first.startswith("import good (good-connector 1.0): ok, 0.")
    assert "  | to standard output" in quoted
    assert last == "healthy"
    wheel_without_class = wheel("good", files={f"{DATABASE}/good.py": "print('oops')"})
    environment.unpack(wheel_without_class)
    told = environment("doctor")
    assert told.returncode == 3
    assert "has no 'ShopSource'" in told.stdout
    assert "  | oops\nnot healthy\n" in told.stdout


def test_only_imports_touch_a_connector(hostile: Environment) -> None:
    """With `--no-import` nothing is imported: hostile sources look healthy, with a reservation."""
    unseen = {"healthy": True, "findings": [], "imports": []}
    assert hostile.diagnosis("--no-import") == unseen
    said = hostile("doctor", "--no-import").stdout
    assert said == "healthy, as far as files and metadata tell: no source was imported\n"
    bad = hostile("doctor", "--import-timeout", "0")
    assert bad.returncode == 2


def test_working_directory_is_not_searched(environment: Environment, wheel: Wheel) -> None:
    """What lies in the working directory is not imported, not even by the child processes."""
    environment.unpack(wheel("shop"))
    code = "raise SystemExit('imported from the working directory')"
    for name in ("json.py", "metadata.py", "pydantic.py", "time.py"):
        (environment.work / name).write_text(code)
    diagnosis = environment.diagnosis("--import")
    assert diagnosis["findings"] == []
    assert [trial["failure"] for trial in diagnosis["imports"]] == [""]


def test_adapted_source(environment: Environment, wheel: Wheel) -> None:
    """A class that a hook plugin turns into a source imports as well as it runs."""
    adapter = """
from om_ingest import ConfiguredSource, ConnectorConfig
from om_ingest.hookspecs import hookimpl

@hookimpl
def om_ingest_adapt_source(cls, ref):
    class Adapted(ConfiguredSource[ConnectorConfig]):
        def next_record(self): return ()
    return Adapted
"""
    environment.unpack(
        wheel("shop", files={f"{DATABASE}/shop.py": "class ShopSource: pass\n"}),
        wheel("adapter", files={"adapter.py": adapter}, entry_points="[om_ingest]\na = adapter\n"),
    )
    assert [trial["failure"] for trial in environment.diagnosis("--import")["imports"]] == [""]


def test_an_import_without_end_has_no_time() -> None:
    """How long an import took is told only of one that ended."""
    told = CliRunner().invoke(build(["doctor"]), ["doctor", "--import-timeout", "0.1"]).output
    assert ": still running after 0.1 s\n" in told
    assert "0.00 s" not in told
