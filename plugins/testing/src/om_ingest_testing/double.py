"""A store for tests: behaves as the embedded catalog does, and fails on request."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from om_ingest.config.settings import SourceConfig
from om_ingest.context import as_read
from om_ingest.errors import OmIngestError, RecordError, ServerError
from om_ingest.host import loading
from om_ingest.kinds.lines import label
from om_ingest.model.entity import CreateRequest
from om_ingest.model.records import Record
from om_ingest.source import Source, WorkflowContext
from om_ingest.store import ForwardingStore, MetadataStore, Outcome, WriteResult
from om_ingest.workflow.loaded import load
from om_ingest.workflow.reading import Document

_UNAVAILABLE = ServerError("The server answered 503", "Try again later.")


class StoreCall(NamedTuple):
    """One call of a store's method."""

    method: str
    """Name of the method, e.g. `get_by_name`."""

    arguments: dict[str, Any]
    """What was passed, by parameter name."""


class OpenMetadataDouble(ForwardingStore):
    """A complete `MetadataStore` that stands in for an OpenMetadata server.

        double = OpenMetadataDouble()
        source = AcmeSource.create(config, {}, double.context("acme"))
        double.deliver(source)
        assert double.get_by_name(Table, "acme.db.public.orders")

    It keeps entities by OpenMetadata's own rules in a scratch store, and records every
    call in `calls`. `refuse`, `fail` and `slow_down` make it behave as servers sometimes do.
    """

    def __init__(self) -> None:
        self.calls: list[StoreCall] = []
        """Every call so far, in order; `calls_of` selects."""
        self.store: MetadataStore = loading.scratch_store()
        """Holds the entities; calls of this store are not recorded."""
        self._refused: set[str] | None = set()
        self._failure_count = 0
        self._failure: OmIngestError = _UNAVAILABLE
        self._sleep_s = 0.0

    def context(
        self, service_name: str = "service", source_config: Mapping[str, Any] | None = None
    ) -> WorkflowContext:
        """The context for a source under test; this double is its `metadata`.

        `source_config` is what a workflow file has below `sourceConfig.config`. Raises
        `WorkflowError` if that is wrong.
        """
        return WorkflowContext(
            metadata=self,
            service_name=service_name,
            run_id="test",
            source_config=source_settings(source_config),
        )

    def deliver(self, source: Source) -> list[WriteResult]:
        """A whole run: prepare, write each record as soon as it comes, close the source.

        One result per record, in order. What the source raises is raised.
        """
        results = []
        with source:
            source.prepare()
            for record in source.next_record():
                results += self.write([record])
                if isinstance(record, CreateRequest) and hasattr(source, "ctx"):
                    source.ctx.latest[record.entity_type] = record
        return results

    def refuse(self, *fqns: str) -> None:
        """Refuse every record with one of these FQNs from now on; without any, every record."""
        if not fqns:
            self._refused = None
        elif self._refused is not None:
            self._refused.update(fqns)

    def fail(self, count: int = 1, error: OmIngestError | None = None) -> None:
        """Raise `error`, by default a `ServerError`, at the next `count` calls."""
        self._failure_count, self._failure = count, error or _UNAVAILABLE

    def slow_down(self, delay_s: float) -> None:
        """Let every call take this much longer."""
        self._sleep_s = delay_s

    def calls_of(self, method: str) -> list[dict[str, Any]]:
        """The arguments of each call of one method, in order."""
        return [call.arguments for call in self.calls if call.method == method]

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Create or update each record, except those to refuse."""
        self._called("write", records=list(records))
        return [self._written(record) for record in records]

    def _target(self) -> MetadataStore:
        return self.store

    def _forward(self, method: str, **arguments: Any) -> Any:
        self._called(method, **arguments)
        found = super()._forward(method, **arguments)
        return found if found is None or method != "get_by_name" else as_read(found)

    def close(self) -> None:
        """Delete everything."""
        self.store.close()

    def _called(self, method: str, **arguments: Any) -> None:
        self.calls.append(StoreCall(method, arguments))
        if self._sleep_s:
            time.sleep(self._sleep_s)
        if self._failure_count:
            self._failure_count -= 1
            raise self._failure

    def _written(self, record: Record) -> WriteResult:
        if self._is_refused(record):
            return WriteResult(record, Outcome.FAILED, f"{label(record)} is refused on request")
        (result,) = self.store.write([record])
        return result

    def _is_refused(self, record: Record) -> bool:
        if not self._refused:
            return self._refused is None
        try:
            return isinstance(record, CreateRequest) and self.store.fqn_of(record) in self._refused
        except RecordError:
            return False


def source_settings(values: Mapping[str, Any] | None) -> SourceConfig:
    """`sourceConfig.config`, typed; raises `WorkflowError` with every problem at once."""
    source = {"type": "test", "sourceConfig": {"config": dict(values or {})}}
    _, settings, _ = load(
        Document("source_config", {"source": source}, remedy="Correct these keys.")
    )
    return settings
