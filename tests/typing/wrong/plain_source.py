"""Mistakes in the raw contract of sources, sinks and processors; each line says which."""

from __future__ import annotations

from typing import Any

from om_ingest import (
    Processor,
    Record,
    SinkContext,
    Source,
    SourceStatus,
    WorkflowError,
    WriteResult,
)


class HalfSource(Source):
    """Forgets `create`, `prepare` and `next_record`."""

    def get_status(self) -> SourceStatus:
        return SourceStatus()


class OldProcessor(Processor):
    """Takes no context, and answers with several records."""

    @classmethod
    def create(cls, config_dict: dict[str, Any]) -> OldProcessor:  # error: override
        return cls()

    def process(self, record: Record) -> list[Record]:  # error: override
        return [record]


half = HalfSource()  # error: abstract
error = WorkflowError("what happened")  # error: call-arg
result = WriteResult(None, "created")  # error: arg-type
context = SinkContext(server=None)  # error: arg-type
