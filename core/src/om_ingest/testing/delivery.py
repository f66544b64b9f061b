"""A run through the host's own pipeline, into a double."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from om_ingest.delivery import SinkContext
from om_ingest.model.records import Record
from om_ingest.sink import Processor, Sink
from om_ingest.source import Source
from om_ingest.store import MetadataStore, WriteResult
from om_ingest.testing.double import OpenMetadataDouble
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.readback import ReadYourWrites
from om_ingest.workflow.report import Tally
from om_ingest.workflow.secrets import Redactor

PAUSE_AFTER = 2
"""The record after which the pipeline pauses."""


def deliver(
    source: Source, double: OpenMetadataDouble, readback: ReadYourWrites, pause_s: float
) -> tuple[Tally, BaseException | None]:
    """Read a prepared source to its end; what was counted, and what ended the run early."""
    sink = _DoubleSink(double)
    pipeline = Pipeline(
        source, [_Pause(pause_s)], sink, DeadLetters(None, {}, Redactor()), Interrupt()
    )
    readback.bind(double, pipeline.flush)
    pipeline.run()
    return pipeline.tally, pipeline.error


class _DoubleSink(Sink):
    """Writes into the double."""

    def __init__(self, double: OpenMetadataDouble) -> None:
        self._double = double

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Sink:
        raise TypeError("it is not created by name")

    @property
    def store(self) -> MetadataStore:
        return self._double

    @property
    def target(self) -> str:
        return "a double"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        return self._double.write(records)


class _Pause(Processor):
    """Holds the source up once, as a slow sink does."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._count = 0

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Processor:
        raise TypeError("it is not created by name")

    def process(self, record: Record) -> Record:
        self._count += 1
        if self._count == PAUSE_AFTER:
            time.sleep(self._pause_s)
        return record
