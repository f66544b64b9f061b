"""A record's way from the source to the sink: its references, then the processors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from om_ingest.errors import OmIngestError, PluginFaultError, RecordError
from om_ingest.model.records import RECORD_TYPES, Record, ScopeComplete
from om_ingest.sink import Processor
from om_ingest.source import Source
from om_ingest.workflow.references import References

logger = logging.getLogger(__name__)


class SinkStoppedError(Exception):
    """The sink takes no more; `__cause__` and `cause` say why."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


class RejectedError(Exception):
    """A record goes no further: `record` as it was by then, and `reason`."""

    def __init__(self, record: Record, reason: str) -> None:
        super().__init__(reason)
        self.record = record
        self.reason = reason


def reason_of(error: BaseException) -> str:
    """An error as one line: the reason why a record failed."""
    if isinstance(error, SinkStoppedError):
        error = error.cause
    if isinstance(error, OmIngestError):
        return error.what
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class Processing:
    """Applies the processors, each to what the one before it has left.

    `note` is told of each record as it was yielded, and as it left the processors: the run has
    seen both.
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
        self.faults: dict[str, BaseException] = {}
        """What processors raised apart from single records: where, and the first error there."""

    def apply(self, record: Record, first: int = 0) -> Record | None:
        """The record behind the processors from number `first` on; None if one filters it out.

        Raises `RejectedError` for a record that cannot be delivered, and whatever stops the
        sink while something is looked up in its store.
        """
        try:
            record = self._references.resolved(record)
        except RecordError as error:
            self._note(record)
            raise RejectedError(record, error.what) from None
        self._note(record)
        yielded = record
        for processor in self._processors[first:] if first else self._processors:
            name = type(processor).__name__
            try:
                processed = processor.process(record)
            except SinkStoppedError:
                raise
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

    def marked(self, processor: Processor, scope: ScopeComplete) -> ScopeComplete | None:
        """The marker behind one processor; None if that filters it out, or fails."""
        try:
            processed = processor.process(scope)
            if not isinstance(processed, ScopeComplete | None):
                raise TypeError(f"it made {type(processed).__name__} of a ScopeComplete")
        except SinkStoppedError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may raise anything
            self._fail(processor, "process", error)
            return None
        return processed

    def own(self, processor: Processor, step: str, *arguments: object) -> Iterator[object]:
        """The records that a processor yields of its own; an error ends them, and is kept."""
        try:
            yield from getattr(processor, step)(*arguments) or ()
        except SinkStoppedError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may raise anything
            self._fail(processor, step, error)

    def _fail(self, processor: Processor, step: str, error: BaseException) -> None:
        where = f"The processor {type(processor).__name__} failed in {step}"
        logger.debug("%s", where, exc_info=error)
        self.faults.setdefault(where, error)


def records_of(source: Source) -> Iterator[object]:
    """The source's records; None counts as none at all."""
    records = source.next_record()
    if records is None:
        return iter(())
    try:
        return iter(records)
    except TypeError:
        raise PluginFaultError(
            f"{type(source).__name__}.next_record returned {type(records).__name__}, "
            "which cannot be iterated",
            "Write it as a generator that yields records.",
        ) from None
