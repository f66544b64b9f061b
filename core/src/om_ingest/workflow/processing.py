"""A record's way from the source to the sink: its references, then the processors.

An id in a reference is valid in one store only; an FQN is valid everywhere: in a file, in a dead
letter, on another server. Sources may use either; processors and sinks see FQNs.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from pydantic import ValidationError

from om_ingest.errors import OmIngestError, PluginFaultError, RecordError
from om_ingest.failure_place import defined_at, located
from om_ingest.kinds import kind_of
from om_ingest.kinds.door import fault_of
from om_ingest.masking import Redactor
from om_ingest.model.entity import (
    AttachmentRequest,
    CreateRequest,
    Entity,
    EntityReference,
)
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import RECORD_TYPES, Record, ScopeComplete
from om_ingest.reasons import REASON_COUNT
from om_ingest.sink import Processor
from om_ingest.source import Source
from om_ingest.store import MetadataStore
from om_ingest.workflow.interrupt import is_fault
from om_ingest.workflow.secrets import without_secrets

_CACHE_COUNT = 1000

logger = logging.getLogger(__name__)


class References:
    """Looks ids up in the sink's store, with a cache.

    `redact` knows secrets that are masked in the connections of services.
    """

    def __init__(
        self,
        store: Callable[[], MetadataStore],
        deliver: Callable[[], None],
        redact: Redactor | None = None,
    ) -> None:
        self._store = store
        self._deliver = deliver
        self._redact = redact
        self._known: dict[tuple[str, UUID], str] = {}
        self._unknown: set[UUID] = set()

    def learn(self, found: Entity) -> None:
        """The source has read an entity: it is likely to point at it by its id."""
        self._remember((found.entity_type, found.id), found.fullyQualifiedName)

    def resolved(self, record: Record) -> Record:
        """The record with FQNs only, and without the secrets of the run in a connection.

        Raises `RecordError` for an unknown id.
        """
        if isinstance(record, CreateRequest):
            return self._placed(record)
        if isinstance(record, AddLineageRequest):
            return self._connected(record)
        if isinstance(record, AttachmentRequest):
            return self._attached(record)
        return record

    def _connected(self, record: AddLineageRequest) -> AddLineageRequest:
        """The edge with the FQNs of its ends, and of the pipeline that made it."""
        edge = record.edge
        changed: dict[str, object] = {}
        for name, end in (("fromEntity", edge.fromEntity), ("toEntity", edge.toEntity)):
            if end.id is not None or not end.fullyQualifiedName:
                changed[name] = self._pointer(end)
        details = edge.lineageDetails
        if details is not None and details.pipeline is not None:
            pipeline = self._portable(details.pipeline)
            if pipeline is not details.pipeline:
                changed["lineageDetails"] = details.with_valid(pipeline=pipeline)
        return AddLineageRequest(edge=edge.with_valid(**changed)) if changed else record

    def _attached(self, record: AttachmentRequest) -> AttachmentRequest:
        """The record with the FQN of the entity that it is attached to."""
        given = getattr(record, "entity", None)
        if not isinstance(given, EntityReference):
            return record
        if given.fullyQualifiedName and given.id is None:
            return record
        return record.with_valid(entity=self._pointer(given))

    def _pointer(self, given: EntityReference) -> EntityReference:
        return EntityReference(type=given.type, fullyQualifiedName=self._fqn(given))

    def _placed(self, record: CreateRequest) -> CreateRequest:
        """The request with the FQNs of its parents, and without known secrets."""
        changed: dict[str, object] = {}
        values = record.__dict__  # for each record: getattr and isinstance take longer
        for field in _place_fields(type(record)):
            given = values[field]
            if type(given) is not str and isinstance(given, EntityReference):
                fqn = self._fqn(given)
                by_reference = kind_of(record).goes_by_reference(field)
                changed[field] = (
                    EntityReference(type=given.type, fullyQualifiedName=fqn)
                    if by_reference
                    else fqn
                )
        for field in _reference_lists(type(record)):
            given = values[field]
            if given:
                changed[field] = [self._portable(reference) for reference in given]
        if self._redact is not None and values.get("connection") is not None:  # of a service
            given = values["connection"]
            masked = without_secrets(config := given.config, self._redact)
            if masked != config:
                changed["connection"] = given.with_valid(config=masked)
        return record.with_valid(**changed) if changed else record

    def _portable(self, reference: EntityReference) -> EntityReference:
        """An owner or reviewer by FQN; unchanged if its id is not found here."""
        if reference.id is None or reference.fullyQualifiedName or reference.id in self._unknown:
            return reference
        try:
            return EntityReference(type=reference.type, fullyQualifiedName=self._fqn(reference))
        except RecordError:
            if len(self._unknown) < _CACHE_COUNT:
                self._unknown.add(reference.id)  # another look-up would flush again
            return reference

    def _fqn(self, reference: EntityReference) -> str:
        if reference.fullyQualifiedName:
            return reference.fullyQualifiedName
        if reference.id is None:
            raise RecordError(
                f"A reference to a {reference.type} has neither id nor FQN",
                "Set id or fullyQualifiedName.",
            )
        key = (reference.type, reference.id)
        if key not in self._known:
            self._remember(key, self._look_up(reference))
        return self._known[key]

    def _remember(self, key: tuple[str, UUID], fqn: str) -> None:
        if len(self._known) >= _CACHE_COUNT:
            self._known.pop(next(iter(self._known)))
        self._known[key] = fqn

    def _look_up(self, reference: EntityReference) -> str:
        entity = kind_of(reference.type).entity
        found = self._store().get_by_id(entity, reference.id)
        if found is None:
            self._deliver()  # it may be among the records that wait
            found = self._store().get_by_id(entity, reference.id)
        if found is None:
            raise RecordError(
                f"There is no {reference.type} with id {reference.id}",
                "Yield the parent before its children.",
            )
        return found.fullyQualifiedName


@functools.cache
def _place_fields(request: type[CreateRequest]) -> tuple[str, ...]:
    """The fields that hold parents; asking a model for one that it lacks takes long."""
    return tuple(name for name in kind_of(request).place_fields if name in request.model_fields)


@functools.cache
def _reference_lists(request: type[CreateRequest]) -> tuple[str, ...]:
    """The fields that hold lists of references: owners, reviewers …"""
    wanted = list[EntityReference] | None
    fields = request.model_fields.items()
    return tuple(name for name, info in fields if info.annotation == wanted)


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
            raise RejectedError(record, error.what) from None
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
