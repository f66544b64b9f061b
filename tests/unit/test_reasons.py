"""Reasons of any length cost a run no memory: they are cut where they come in."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from om_ingest import CreateDatabaseRequest, SinkContext
from om_ingest.kinds import Parcel
from om_ingest.masking import MASK, MESSAGE_CHARS, REASON_CHARS, Redactor
from om_ingest.run import launch, request
from om_ingest.sinks.store_sink import StoreSink
from om_ingest.store import ForwardingStore, MetadataStore, Outcome, WriteResult

_LONG = 100_000
SOURCE = f"""
from om_ingest import ConfiguredSource, ConnectorConfig, CreateDatabaseRequest

class LongSource(ConfiguredSource[ConnectorConfig]):
    def next_record(self):
        for number in range(30):
            for note in (self.status.warning, self.status.failure, self.status.filter):
                note(f"{{number}}" + "k" * {_LONG}, "r" * {_LONG})
            yield "y" * {_LONG}
            yield CreateDatabaseRequest(name=f"d{{number}}", service="s" * 200)
        raise RuntimeError("z" * {_LONG})
"""


class _Refusing(ForwardingStore):
    """Refuses every record with a long reason of its own."""

    def _target(self) -> MetadataStore:
        raise NotImplementedError

    def write_parcels(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        return [
            WriteResult(parcel.record, Outcome.FAILED, f"{parcel.identity} hunter2 " + "x" * _LONG)
            for parcel in parcels
        ]

    def close(self) -> None:
        pass


class _RefusingSink(StoreSink):
    worker_count = 2
    batch_count = 10
    target = "refusing"

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> _RefusingSink:
        return cls(ctx)

    def open_store(self) -> MetadataStore:
        return _Refusing()


def test_reasons_of_a_store() -> None:
    """200 refused records with reasons of 100 kB, 20 MB in all, take less than 8 MB."""
    ctx = SinkContext(redact=Redactor(["hunter2"]))
    records = [CreateDatabaseRequest(name=f"d{number}", service="s") for number in range(200)]
    with _RefusingSink.create({}, ctx) as sink:
        sink.prepare()
        tracemalloc.start()
        results = [*sink.write(records), *sink.flush()]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert len(results) == 200
    assert peak < 8e6
    for result in results:
        assert len(result.reason) == REASON_CHARS
        assert MASK in result.reason
        assert result.reason.endswith("…")


def test_reasons_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a source says at length is cut in the report and in the file of failed records."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "long_source", raising=False)
    (tmp_path / "long_source.py").write_text(SOURCE, "utf-8")
    flow = {"source": {"type": "long_source:LongSource", "serviceName": "s"}}
    (tmp_path / "flow.json").write_text(json.dumps(flow), "utf-8")
    job = request.job("flow.json", sink="catalog:x.db", redact=Redactor())
    report = launch.launch(job)
    status = report.source_status
    for note in (*status.warnings, *status.failures, *status.filtered, *report.tally.failures):
        assert len(note.key) <= REASON_CHARS + len("database ")
        assert len(note.reason) <= REASON_CHARS
    assert len(report.errors) == 1
    assert len(report.errors[0]) <= MESSAGE_CHARS
    lines = Path(str(report.dead_letters)).read_text("utf-8").splitlines()
    assert len(lines) == 61
    assert max(map(len, lines)) < 3 * REASON_CHARS
