"""A sink learns how its run ended: for whatever ended it, there is a step with the reason."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from om_ingest import RunEnd
from om_ingest.cli import summary
from om_ingest.masking import MASK, Redactor
from om_ingest.run import launch, request
from om_ingest.sinks.run_reporting import state_of
from om_ingest.workflow.report import RunReport

PARTS = """
import os, signal, sys
from om_ingest import *
from om_ingest.store import MetadataStore
from om_ingest_catalog import Catalog
from pydantic import SecretStr

class Config(ConnectorConfig):
    at: str = ""
    password: SecretStr = SecretStr("")

class Part:
    at = ""
    password = ""
    def reach(self, place):
        if place != Part.at:
            return
        if place == "exit":
            sys.exit(5)
        if place == "signal":
            os.kill(os.getpid(), signal.SIGTERM)
        elif place == "expected":
            raise SourceError("the database is gone: " + Part.password, "start it")
        else:
            raise RuntimeError(f"it broke: {Part.password}")

class EndingSource(ConfiguredSource[Config], Part):
    def __init__(self, config, ctx):
        super().__init__(config, ctx)
        Part.at, Part.password = config.at, config.password.get_secret_value()
    def prepare(self): self.reach("prepare")
    def next_record(self):
        yield CreateDatabaseServiceRequest(name="s", serviceType="CustomDatabase")
        if Part.at == "warn":
            yield CreateDatabaseServiceRequest(name="s2", serviceType="CustomDatabase")
        for place in ("source", "expected", "exit", "signal"): self.reach(place)
    def get_status(self):
        self.reach("get_status")
        return self.status
    def close(self): self.reach("close")

class EndingProcessor(Processor, Part):
    @classmethod
    def create(cls, config_dict, ctx): return cls()
    def process(self, record): return record
    def finish(self):
        self.reach("processor")
        return ()

class SpySink(Sink, Part):
    ends = []
    target = "spy"
    @classmethod
    def create(cls, config_dict, ctx):
        sink = cls()
        sink.ctx = ctx
        return sink
    @property
    def store(self): return Catalog.temporary()
    def write(self, records):
        self.reach("sink")
        for record in records:
            if Part.at == "warn": self.ctx.warn("query.usedBy", f"{Part.password} is not kept")
            if Part.at != "count":
                yield WriteResult(record, Outcome.UPDATED)
    def finish(self, end): SpySink.ends.append(end)
"""
ENTRY_POINTS = """
[om_ingest.sink]
spy = ending_parts:SpySink
[om_ingest.processor]
ending = ending_parts:EndingProcessor
"""
WHERE = {"processor": "The processor EndingProcessor failed in finish"}
SECRET = "canary-31415926"

Ended = tuple[RunEnd, RunReport]


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Ended]:
    """Runs a source, a processor and a sink, one of which ends the run in the place named."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "ending_parts", raising=False)
    (tmp_path / "ending_parts.py").write_text(PARTS, "utf-8")
    info = tmp_path / "ending_parts-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ending-parts\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")
    (info / "RECORD").write_text("ending_parts.py,,\n", "utf-8")

    def end(at: str) -> Ended:
        source = {"type": "ending_parts:EndingSource", "config": {"at": at, "password": SECRET}}
        flow = {"source": source, "processor": {"type": "ending"}, "sink": {"type": "spy"}}
        Path("flow.json").write_text(json.dumps(flow), "utf-8")
        report = launch.launch(request.job("flow.json", redact=Redactor()))
        (told,) = sys.modules["ending_parts"].SpySink.ends
        return told, report

    return end


@pytest.mark.parametrize(
    ("at", "step", "reason", "is_bug"),
    [
        ("source", "Source", "died after 1 record: RuntimeError: it broke: ", True),
        ("prepare", "Source", "died after 0 records: RuntimeError: it broke: ", True),
        ("exit", "Source", "SystemExit: 5", True),
        ("expected", "Source", "the database is gone: ", False),
        ("get_status", "Source", "died in get_status", True),
        ("close", "Source", "died while it was closed", True),
        ("signal", "Source", "ended by SIGTERM", False),
        ("processor", "Source", "it broke", True),
        ("sink", "Sink", "The sink spy died: RuntimeError: it broke: ", True),
        ("count", "Sink", "1 of them have no result", False),
    ],
)
def test_why_it_ended(
    ended: Callable[[str], Ended], at: str, step: str, reason: str, is_bug: bool
) -> None:
    """The step that ended the run has an error with its reason, and a trace if it is a bug."""
    end, _ = ended(at)
    (found,) = [told for told in end.steps if told.faults]
    (fault,) = found.faults
    assert (found.name, end.died, state_of(end)) == (step, True, "failed")
    assert found.errors == 1 + len(found.failures)
    assert reason in fault.reason
    assert fault.name == ("spy" if step == "Sink" else WHERE.get(at, "endingsource"))
    assert bool(fault.stack_trace) == is_bug
    assert SECRET not in str(end)
    if "it broke" in reason:
        assert "in reach\n" in fault.stack_trace
        assert f"RuntimeError: it broke: {MASK}" in fault.stack_trace


def test_a_good_end(ended: Callable[[str], Ended]) -> None:
    """A run that succeeds has no faults; the sink's step tells what was updated."""
    end, _ = ended("")
    source, sink = end.steps
    assert (end.died, source.errors, sink.errors, source.faults, sink.faults) == (
        *(False, 0, 0),
        *((), ()),
    )
    assert (source.updated, sink.records, sink.updated) == (0, 1, 1)


def test_what_the_sink_warns_of(
    ended: Callable[[str], Ended], caplog: pytest.LogCaptureFixture
) -> None:
    """A warning of the sink is logged once, and is in the report, its text and the sink's step."""
    end, report = ended("warn")
    assert [step.warnings for step in end.steps] == [0, 2]
    reason = f"{MASK} is not kept"
    samples = [{"key": "query.usedBy", "reason": reason, "records": 2}]
    assert report.as_dict()["deliveryWarnings"] == {"total": 2, "samples": samples}
    lines = list(summary.lines(report.as_dict()))
    assert lines.index("warnings of the delivery:") + 1 == lines.index(
        f"  query.usedBy (records: 2): {reason}"
    )
    assert [record.message for record in caplog.records] == [f"query.usedBy: {reason}"]
