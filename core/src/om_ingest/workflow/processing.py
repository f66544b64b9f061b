"""A record's way from the source to the sink: its references, then the processors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from om_ingest.errors import RecordError
from om_ingest.model.records import RECORD_TYPES, Record
from om_ingest.sink import Processor
from om_ingest.workflow.failure import reason_of
from om_ingest.workflow.references import References

logger = logging.getLogger(__name__)


class RejectedError(Exception):
    """A record goes no further: `record` as it was by then, and `reason`."""

    def __init__(self, record: Record, reason: str) -> None:
        super().__init__(reason)
        self.record = record
        self.reason = reason


class Processing:
    """Applies the processors, each to what the one before it has left.

    `note` is told what the source yielded, and what it became: both are known to be there.
    """

    def __init__(
        self,
        references: References,
        processors: Sequence[Processor],
        note: Callable[[object], None],
    ) -> None:
        self._references = references
        self._processors = processors
        self._note = note

    def apply(self, record: Record) -> Record | None:
        """The record as it is delivered; None if a processor filters it out.

        Raises `RejectedError` for a record that cannot be delivered, and whatever stops the
        sink while an id is looked up in its store.
        """
        try:
            record = self._references.resolved(record)
        except RecordError as error:
            self._note(record)
            raise RejectedError(record, error.what) from None
        self._note(record)
        yielded = record
        for processor in self._processors:
            name = type(processor).__name__
            try:
                processed = processor.process(record)
            except (Exception, SystemExit) as error:  # a plugin may raise anything
                logger.debug("A processor failed", exc_info=error)
                raise RejectedError(record, f"{name}: {reason_of(error)}") from None
            if processed is None:
                return None
            if not isinstance(processed, RECORD_TYPES):
                raise RejectedError(record, f"{name} made {type(processed).__name__} of it")
            record = processed
        if record is not yielded:
            self._note(record)
        return record
