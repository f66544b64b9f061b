"""A plugin that fails is told with the last place in its own code, whatever it calls there."""

from __future__ import annotations

import importlib
import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from om_ingest.cli import build, running, summary
from om_ingest.errors import OmIngestError, PluginImportError
from om_ingest.failure_place import located, place_of
from om_ingest.masking import Redactor
from om_ingest.run import kept_bookmarks, launch, request
from om_ingest.run.job import Job
from om_ingest.run.outputs import RunOutputs
from om_ingest.workflow.report import RunReport
from typer.testing import CliRunner

from tests.selection import few

PACKAGE = {
    "failing_helpers.py": "def fail(): raise KeyError('boom')",
    "failing_parts/__init__.py": "",
    "failing_parts/deep.py": """
import concurrent.futures, json

def c(): return json.loads("{")
def generator():
    yield from ()
    c()
def thread():
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(c).result()
def code(): exec("1 / 0", {})
def chained():
    try: c()
    except ValueError as error: raise RuntimeError("it broke") from error
def valid():
    from om_ingest import CreateDatabaseServiceRequest
    CreateDatabaseServiceRequest(name="", serviceType="CustomDatabase")
def unset():
    from om_ingest.model import fqn
    fqn.join("")
def mute():
    class Mute(Exception):
        def __str__(self): raise ValueError
    raise Mute
def absent():
    import failing_driver
def interrupt(): raise KeyboardInterrupt
def cancel_task():
    import asyncio
    raise asyncio.CancelledError
def close(): raise GeneratorExit
def helper():
    import failing_helpers
    failing_helpers.fail()
def stop():
    import os, signal, time
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
def secret(): raise RuntimeError("canary-31415926")
""",
    "failing_parts/parts.py": """
from om_ingest import *
from om_ingest_catalog import Catalog
from pydantic import SecretStr
from failing_parts import deep

class Config(ConnectorConfig):
    at: str = ""
    how: str = "c"
    password: SecretStr = SecretStr("")

def reach(place):
    if place == Part.at:
        list(getattr(deep, Part.how)() or ())

class Part:
    at = how = ""

class FailingSource(ConfiguredSource[Config]):
    def __init__(self, config, ctx):
        super().__init__(config, ctx)
        Part.at, Part.how = config.at, config.how
        reach("create")
    def prepare(self): reach("prepare")
    def next_record(self):
        yield CreateDatabaseServiceRequest(name="s", serviceType="CustomDatabase")
        reach("next_record")
    def get_status(self):
        reach("get_status")
        return self.status
    def close(self): reach("close")

class FailingProcessor(Processor):
    @classmethod
    def create(cls, config_dict, ctx): return cls()
    def process(self, record):
        reach("process")
        return record
    def finish(self):
        reach("processor")
        return ()

class FailingSink(Sink):
    target = "nowhere"
    @classmethod
    def create(cls, config_dict, ctx): return cls()
    @property
    def store(self): return Catalog.temporary()
    def prepare(self): reach("open")
    def write(self, records):
        reach("write")
        for record in records: yield WriteResult(record, Outcome.CREATED)
    def finish(self, end): reach("end")
""",
    "failing_parts/hooks.py": """
from om_ingest import hookimpl
from failing_parts.parts import reach

@hookimpl
def om_ingest_workflow_started(context): reach("hook")
""",
}
ENTRY_POINTS = """
[om_ingest]
failing = failing_parts.hooks
[om_ingest.sink]
failing = failing_parts.parts:FailingSink
[om_ingest.processor]
failing = failing_parts.parts:FailingProcessor
"""
SECRET = "canary-31415926"

Fail = Callable[..., RunReport]

LOOKS = [launch.check, kept_bookmarks.kept_of, kept_bookmarks.clear]
"""What creates a source, and does not run it."""


@pytest.fixture
def fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Runs a source, a processor and a sink, one of which fails `at` a step."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.startswith("failing_")]:
        monkeypatch.delitem(sys.modules, name)
    for name, text in PACKAGE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    info = tmp_path / "failing_parts-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: failing-parts\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in PACKAGE), "utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")

    def run(at: str, how: str = "c", **options: bool) -> RunReport:
        config = {"at": at, "how": how, "password": SECRET}
        source = {"type": "failing_parts.parts:FailingSource", "config": config}
        flow = {"source": source, "processor": {"type": "failing"}, "sink": {"type": "failing"}}
        Path("flow.json").write_text(json.dumps(flow), "utf-8")
        return launch.launch(request.job("flow.json", redact=Redactor(), **options))

    return run


@pytest.mark.parametrize("at", ["create", "open"])
def test_where_a_run_could_not_begin(fail: Fail, at: str) -> None:
    """What fails before the run begins is told with its place."""
    with pytest.raises(OmIngestError, match=r"JSONDecodeError: .*, at deep\.py:4 in c\n"):
        fail(at)


@pytest.mark.parametrize(
    "at", ["prepare", "next_record", "get_status", "close", "processor", "write", "end"]
)
def test_where_a_step_failed(fail: Fail, at: str, caplog: pytest.LogCaptureFixture) -> None:
    """Message and report name the place; the report keeps the traceback, which is logged once."""
    caplog.set_level(logging.DEBUG, "om_ingest")
    report = fail(at)
    assert ", at deep.py:4 in c\n" in report.errors[0]
    (fault,) = report.as_dict()["faults"]
    assert fault["place"] == "deep.py:4 in c"
    assert fault["traceback"].startswith("Traceback")
    assert "JSONDecodeError" in fault["traceback"].splitlines()[-1]
    lines = list(summary.errors(report.as_dict()))
    assert "\n".join(lines).count("Traceback") == 1
    assert not [line for line in lines if "\n" in line]
    assert [record.exc_info is None for record in caplog.records].count(False) == 1


BREAKING = """
from om_ingest import Source, SourceStatus

class BreakingSource(Source):
    @classmethod
    def create(cls, config, server, ctx): return cls(ctx)
    def prepare(self): pass
    def next_record(self): yield
    def get_status(self): return SourceStatus()
    def """


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("create(*given): pass", "create returned NoneType, not a source"),
        ("create(cls, *given): given[-1].state['a'] = 1", "ctx.state before the run began"),
        ("next_record(self): pass", "next_record returned None: it yields no records"),
        ("next_record(self): return 5", "next_record returned int, which cannot be iterated"),
        ("next_record(self): self.ctx.state = yield", "ctx.state was assigned, and .* stays"),
        ("next_record(self): self.ctx.state['a'] = {(yield)}", "which is no JSON"),
        ("get_status(self): pass", "get_status returned NoneType"),
    ],
)
def test_where_the_contract_is_broken(fail: Fail, tmp_path: Path, step: str, said: str) -> None:
    """A source that is broken is told with the function that breaks its word, or the line."""
    name = f"failing_{abs(hash(step))}"
    (tmp_path / f"{name}.py").write_text(BREAKING + step)
    target = f"{name}:BreakingSource"
    try:
        (error,) = launch.launch(request.job(target, sink="console", redact=Redactor())).errors
    except OmIngestError as raised:
        error = str(raised)
    place = rf", at {name}\.py:10 in {step.partition('(')[0]}\n"
    assert re.search(f"{said}{place}", error), error


def test_where_the_traceback_is(fail: Fail, capsys: pytest.CaptureFixture[str]) -> None:
    """The last line names what has the traceback; the list of runs tells what was wrong."""
    report = fail("next_record")
    for path, kept_in, said in (
        (None, str(Path.cwd()), f"`om-ingest runs show {report.run_id}` has the traceback;"),
        (None, "else where", f"`om-ingest runs show {report.run_id} --state 'else where'` has"),
        (None, "", "--report FILE keeps the traceback;"),
        (Path("r.json"), "", "r.json has the traceback;"),
    ):
        report.kept_in = kept_in
        with pytest.raises(typer.Exit):
            running.finish(report, RunOutputs(path), quiet=True)
        error, rest = capsys.readouterr().err.splitlines()
        assert error.endswith(", at deep.py:4 in c")
        assert rest.startswith(f"  What was read before has been delivered. {said}")
    assert fail("prepare").errors[0].endswith("\n  Nothing has been delivered.")
    dry = fail("next_record", dry_run=True).errors[0]
    assert dry.endswith("\n  Nothing has been delivered: this was a dry run.")
    head, died, _ = CliRunner().invoke(build(["runs"]), ["runs"]).output.splitlines()
    assert head.endswith("  PROBLEM")
    assert "died after 0 records: JSONDecodeError" in died


def test_where_a_hook_failed(fail: Fail, caplog: pytest.LogCaptureFixture) -> None:
    """The warning of a hook that fails has the place, too; the run goes on."""
    assert fail("hook").state == "success"
    assert caplog.messages[0].endswith(", at deep.py:4 in c")


def test_where_a_record_failed(fail: Fail) -> None:
    """The reason of a record that a processor fails on has the place, too."""
    (note,) = fail("process").tally.failures
    assert note.reason.endswith(", at deep.py:4 in c")


@pytest.mark.parametrize(
    ("how", "place", "said"),
    [
        ("generator", "deep.py:4 in c", "JSONDecodeError"),
        ("thread", "deep.py:4 in c", "JSONDecodeError"),
        ("code", "deep.py:11 in code", "ZeroDivisionError"),
        ("chained", "deep.py:14 in chained", "it broke"),
        ("valid", "deep.py:17 in valid", "name"),
        ("unset", "deep.py:20 in unset", "name"),
        ("mute", "deep.py:24 in mute", "Mute"),
        ("helper", "failing_helpers.py:1 in fail", "KeyError: 'boom'"),
        ("secret", "deep.py:39 in secret", "RuntimeError: ***"),
    ],
)
def test_how_it_failed(fail: Fail, how: str, place: str, said: str) -> None:
    """The place is that of the plugin for every way to fail; no secret is in the report."""
    report = fail("next_record", how)
    (fault,) = report.as_dict()["faults"]
    assert fault["place"] == place
    assert f", at {place}" in report.errors[0]
    assert said in report.errors[0]
    assert SECRET not in json.dumps(report.as_dict())
    assert "[type=" not in fault["traceback"]
    assert "errors.pydantic.dev" not in fault["traceback"]


@pytest.mark.parametrize("how", few(["interrupt", "cancel_task", "close"], 1))
def test_what_only_signals_raise(fail: Fail, how: str) -> None:
    """A plugin that raises KeyboardInterrupt of its own has failed as any other: there is a report.

    What the source yielded before is delivered.
    """
    with pytest.raises(OmIngestError, match="could not be created"):
        fail("create", how)
    for look in LOOKS:
        with pytest.raises(OmIngestError, match="could not be created"):
            look(request.job("flow.json", redact=Redactor()))
    for at in ("prepare", "next_record", "get_status", "close", "process", "processor", "write"):
        report = fail(at, how)
        assert (report.state, report.exit_code) == ("failed", 1), at
        told = report.errors or [report.tally.failures[0].reason]
        assert f" in {how}" in told[0], at
        if at not in ("prepare", "process", "write"):
            assert report.counts()["created"] == 1, at


@pytest.mark.parametrize("look", LOOKS)
def test_where_closing_failed(fail: Fail, look: Callable[[Job], object]) -> None:
    """What fails when a source that was only looked at is closed is told with its place."""
    fail("close")
    with pytest.raises(OmIngestError, match=r"FailingSource failed: .*, at deep\.py:4 in c\n"):
        look(request.job("flow.json", redact=Redactor()))


def test_a_signal_before_the_run_begins(fail: Fail) -> None:
    """A source that hangs in `create` is stopped by the first signal; its number is kept."""
    with pytest.raises(SystemExit, match=r"^143$"):
        fail("create", "stop")


@pytest.mark.parametrize("at", ["create", "prepare", "next_record", "open", "write", "processor"])
def test_a_driver_that_is_missing(fail: Fail, at: str) -> None:
    """A module that is missing when it is needed has the remedy and the exit code of an import."""
    try:
        report = fail(at, "absent")
    except PluginImportError as error:
        said = str(error)
    else:
        assert report.exit_code == 3
        said = report.errors[0]
    what, remedy = said.splitlines()[:2]
    assert what.endswith(
        "it needs the module 'failing_driver', which is not installed, at deep.py:26 in absent"
    )
    assert remedy == "  Install what the connector depends on."


def test_the_module_of_a_connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind an adapter the connector's own frames count; without any there is no place."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "foreign_inner.py").write_text("def fail(): raise KeyError('boom')\n")
    (tmp_path / "foreign_adapter.py").write_text("def call(step): step()\n")
    fail = importlib.import_module("foreign_inner").fail
    with pytest.raises(KeyError) as caught:
        importlib.import_module("foreign_adapter").call(fail)
    assert place_of(caught.value) == "foreign_adapter.py:1 in call"
    assert place_of(caught.value, "foreign_inner") == "foreign_inner.py:1 in fail"
    assert place_of(KeyError("never raised")) == ""


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("see plug.py:1", True),
        ("see my/plug.py:1, or not", True),
        ("see plug.py:12", False),
        ("see my_plug.py:1", False),
        ("nothing", False),
    ],
)
def test_a_place_that_is_told(said: str, *, is_told: bool) -> None:
    """A place is not told twice; another line or file that is called alike is another place."""
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile("1 / 0", "plug.py", "exec"), {"__name__": "plug"})  # noqa: S102  # a plugin
    place = ", at plug.py:1 in <module>"
    assert located(caught.value, said=said) == said + ("" if is_told else place)
