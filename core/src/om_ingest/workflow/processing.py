"""A record's way from the source to the sink: its references, then the processors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence

from pydantic import ValidationError

from om_ingest.errors import OmIngestError, PluginFaultError, RecordError
from om_ingest.failure_place import defined_at, located
from om_ingest.kinds.door import fault_of
from om_ingest.model.records import RECORD_TYPES, Record, ScopeComplete
from om_ingest.reasons import REASON_COUNT
from om_ingest.sink import Processor
from om_ingest.source import Source
from om_ingest.workflow.interrupt import is_fault
from om_ingest.workflow.references import References, UnresolvedError

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
    return located(error)


class Processing:
    """Applies the processors, each to what the one before it has left.

    `note` is called with each record as it was yielded, and again if the processors changed it:
    neither entity is stale. `dropped` is called with what a processor leaves out.
    """

    def __init__(
        self,
        references: References,
        processors: Sequence[Processor],
        note: Callable[[object], None],
        dropped: Callable[[object], None] = lambda record: None,
    ) -> None:
        self._references = references
        self._processors = processors
        self._note = note
        self._dropped = dropped
        self._logged: set[str] = set()
        self.faults: dict[str, BaseException] = {}
        """What processors raised apart from single records: where, and the first error there."""

    def apply(self, record: Record, first: int = 0) -> Record | None:
        """The record as the processors from number `first` on leave it; None if one filters it out.

        Raises `RejectedError` for a record that cannot be delivered, and whatever stops the
        sink while something is looked up in its store.
        """
        try:
            record = self._references.resolved(record)
        except RecordError as error:
            self._note(record)
            told = error.record if isinstance(error, UnresolvedError) else record
            raise RejectedError(told, error.what) from None
        except (AttributeError, LookupError, TypeError, ValidationError) as error:  # not valid
            self._note(record)
            raise RejectedError(record, fault_of(record) or reason_of(error)) from None
        self._note(record)
        yielded = record
        for processor in self._processors[first:] if first else self._processors:
            name = type(processor).__name__
            try:
                processed = processor.process(record)
            except BaseException as error:  # a plugin may raise anything
                if isinstance(error, SinkStoppedError) or not is_fault(error):
                    raise
                reason = fault_of(record) or f"{name}: {reason_of(error)}"
                if reason not in self._logged and len(self._logged) < REASON_COUNT:
                    self._logged.add(reason)
                    logger.debug("A processor failed", exc_info=error)
                raise RejectedError(record, reason) from None
            if processed is None:
                self._dropped(yielded)
                return None
            if not isinstance(processed, RECORD_TYPES):
                raise RejectedError(record, f"{name} made {type(processed).__name__} of it")
            record = processed
        if record is not yielded:
            self._note(record)
        return record

    def marked(self, processor: Processor, scope: ScopeComplete) -> ScopeComplete | None:
        """The marker as one processor leaves it; None if that filters it out, or fails."""
        try:
            processed = processor.process(scope)
            if not isinstance(processed, ScopeComplete | None):
                raise TypeError(f"it made {type(processed).__name__} of a ScopeComplete")
        except SinkStoppedError:
            raise
        except BaseException as error:  # a plugin may raise anything
            if not is_fault(error):
                raise
            self._fail(processor, "process", error)
            return None
        return processed

    def own(self, processor: Processor, step: str, *arguments: object) -> Iterator[object]:
        """The records that a processor yields of its own; an error ends them, and is kept."""
        try:
            yield from getattr(processor, step)(*arguments) or ()
        except SinkStoppedError:
            raise
        except BaseException as error:  # as above; GeneratorExit comes from those who read this
            if isinstance(error, GeneratorExit) or not is_fault(error):
                raise
            self._fail(processor, step, error)

    def _fail(self, processor: Processor, step: str, error: BaseException) -> None:
        self.faults.setdefault(f"The processor {type(processor).__name__} failed in {step}", error)


def records_of(source: Source) -> Iterator[object]:
    """The source's records; raises `PluginFaultError` for what cannot be iterated, such as None.

    None is what a method returns in which a `yield` was forgotten: that is no source without
    records.
    """
    records: Iterable[object] | None = source.next_record()
    where, at = f"{type(source).__name__}.next_record", defined_at(source.next_record)
    if records is None:
        raise PluginFaultError(
            f"{where} returned None: it yields no records{at}",
            "Write it as a generator: `yield` each record, or `yield from` the method that does.",
        )
    try:
        return iter(records)
    except TypeError:
        raise PluginFaultError(
            f"{where} returned {type(records).__name__}, which cannot be iterated{at}",
            "Write it as a generator that yields records.",
        ) from None
