"""Ids in references → FQNs.

An id in a reference is valid in one store only; an FQN is valid everywhere: in a file, in a dead
letter, on another server. Sources may use either; processors and sinks see FQNs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from uuid import UUID

from om_ingest.errors import RecordError
from om_ingest.kinds import kind_of
from om_ingest.masking import Redactor
from om_ingest.model.entity import (
    AttachmentRequest,
    CreateRequest,
    Entity,
    EntityReference,
)
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record
from om_ingest.store import MetadataStore
from om_ingest.workflow.secrets import without_secrets

_CACHE_COUNT = 1000


class UnresolvedError(RecordError):
    """Something that a record refers to is not there; `record` has the FQNs of all else."""

    def __init__(self, record: Record, error: RecordError) -> None:
        super().__init__(error.what, error.remedy)
        self.record = record


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
        self.redact = redact
        """Knows the secrets that are masked; None where the target keeps them."""
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
        unknown: RecordError | None = None
        for name, end in (("fromEntity", edge.fromEntity), ("toEntity", edge.toEntity)):
            if end.id is not None or not end.fullyQualifiedName:
                try:
                    changed[name] = self._pointer(end)
                except RecordError as error:
                    unknown = unknown or error
        if unknown is not None:
            known = AddLineageRequest(edge=edge.with_valid(**changed)) if changed else record
            raise UnresolvedError(known, unknown)
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
        if self.redact is not None and values.get("connection") is not None:  # of a service
            given = values["connection"]
            masked = without_secrets(config := given.config, self.redact)
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
