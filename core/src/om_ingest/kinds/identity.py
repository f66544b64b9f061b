"""The identity of what a record writes, and the record with its identity on its way into a store.

Records of one identity write the same thing.
"""

from __future__ import annotations

import contextlib
import re
from typing import Final, TypeAlias

from om_ingest.errors import RecordError
from om_ingest.kinds.lines import encode
from om_ingest.kinds.requests import place_of
from om_ingest.kinds.table import KINDS
from om_ingest.model import fqn as names
from om_ingest.model.entity import AttachmentRequest, CreateRequest, EntityReference
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record

Identity: TypeAlias = tuple[str, str]
"""Type, and name within the type: an FQN, or `<type>:<FQN> -> <type>:<FQN>` of an edge."""

DEPENDENT_LEVEL = 1000
"""Delivery level of edges and attachments: always last."""

_REMEMBERED_COUNT = 10_000


def identity_of(record: Record) -> Identity | None:
    """The identity of a record; None for markers, and if the parent is known by its id only."""
    return identities_of(record)[0]


def parent_identity_of(record: Record) -> Identity | None:
    """The identity of a request's direct parent; None if it is not known."""
    return identities_of(record)[1]


def identities_of(record: Record) -> tuple[Identity | None, Identity | None]:
    """`identity_of` and `parent_identity_of` in one pass."""
    if isinstance(record, CreateRequest):
        return _identities_of_request(record)
    if isinstance(record, AddLineageRequest):
        edge = record.edge
        ends = (_name(end) for end in (edge.fromEntity, edge.toEntity))
        return (record.entity_type, " -> ".join(ends)), None
    if isinstance(record, AttachmentRequest):
        return (record.entity_type, record.identity), None
    return None, None


def _identities_of_request(
    request: CreateRequest,
) -> tuple[Identity | None, Identity | None]:
    entity_type = request.entity_type
    kind = KINDS[entity_type]
    name = kind.as_stored(request.name)
    field, parent = place_of(request)
    if field is None:
        return (entity_type, names.quote(name)), None
    fqn = parent.fullyQualifiedName if isinstance(parent, EntityReference) else parent
    if not fqn:
        return None, None
    try:
        fqn = _spelled(fqn)
    except RecordError:
        return None, None
    identity = (entity_type, kind.fqn_below(fqn, name))
    try:
        above = kind.type_above(fqn)
    except RecordError:
        return identity, None
    if above is None and isinstance(parent, EntityReference):
        above = parent.type
    return identity, None if above is None else (above, fqn)


def identity_at(entity_type: str, fqn: str) -> Identity:
    """The identity of the entity with an FQN, with or without needless quotes."""
    try:
        return entity_type, _spelled(KINDS[entity_type].as_stored(fqn))
    except RecordError:
        return entity_type, fqn


def target_identity_of(record: Record) -> Identity | None:
    """The identity of the entity that a sample, a status or the like is attached to."""
    if not isinstance(record, AttachmentRequest):
        return None
    target = record.target
    fqn = target.fullyQualifiedName
    return identity_at(target.type, fqn) if fqn else None


def level_of(record: Record) -> int:
    """The delivery level of a record: lower levels are delivered first."""
    kind = KINDS.get(getattr(record, "entity_type", ""))
    return DEPENDENT_LEVEL if kind is None else kind.level


def _name(reference: EntityReference) -> str:
    fqn = reference.fullyQualifiedName
    if not fqn:
        return f"{reference.type}:{reference.id}"
    with contextlib.suppress(RecordError):  # a malformed FQN is for the store to refuse
        fqn = _spelled(fqn)
    return f"{reference.type}:{fqn}"


def _spelled(fqn: str) -> str:
    """The FQN without needless quotes; raises `RecordError` for a malformed one."""
    return names.join(*names.split(fqn)) if '"' in fqn else fqn


class Parcel:
    """One record, and what follows from it; made once, where a sink takes the record."""

    __slots__ = ("_encoded", "identity", "level", "parent", "record")

    def __init__(
        self, record: Record, identity: Identity | None, parent: Identity | None, level: int
    ) -> None:
        # Not a frozen dataclass: one is made per record, and that costs three times as much.
        self.record: Final = record
        """The very object that was handed over."""
        self.identity: Final = identity
        """What it writes; None if it writes nothing, or if only a store can find that out."""
        self.parent: Final = parent
        """The identity of the direct parent; None if it is not known."""
        self.level: Final = level
        """The delivery level: lower levels are delivered first."""
        self._encoded: bytes | None = None

    @classmethod
    def of(cls, record: Record) -> Parcel:
        """The parcel of a record."""
        identity, parent = identities_of(record)
        return cls(record, identity, parent, level_of(record))

    @property
    def encoded(self) -> bytes:
        """The record as one line of JSON, without its line break; computed at the first use.

        Raises `RecordError` for a value that JSON does not have.
        """
        if self._encoded is None:
            self._encoded = encode(self.record)
        return self._encoded


class Refusals:
    """Why records failed: the reason of those below them. Remembers the first 10,000."""

    def __init__(self) -> None:
        self._causes: dict[Identity, tuple[str, bool]] = {}
        """Of failed records: why, and whether something that they refer to was missing."""

    def includes_parent(self, parcel: Parcel) -> bool:
        """Whether the parent of a record has failed."""
        return parcel.parent is not None and parcel.parent in self._causes

    def add(
        self, parcel: Parcel, reason: str = "", missing: Identity | None = None
    ) -> tuple[str, Identity | None]:
        """Note that a record has failed; `reason` and `missing` of the result to report.

        The reason is `its <parent> failed: <cause>` if the parent has failed and `reason` names
        the parent, or is empty. What is missing is then the parent, if the parent itself only
        missed something: both may arrive later. Otherwise both are returned as they are.
        """
        parent = parcel.parent
        known = None if parent is None else self._causes.get(parent)
        if parent is None or known is None or (reason and not _names(reason, parent[1])):
            self._note(parcel, reason, is_early=missing is not None)
            return reason, missing
        cause, is_early = known
        self._note(parcel, cause, is_early=is_early)
        return f"its {parent[0]} {parent[1]} failed: {cause}", parent if is_early else None

    def discard(self, parcel: Parcel) -> None:
        """Note that a record has been written after all."""
        if self._causes and parcel.identity is not None:
            self._causes.pop(parcel.identity, None)

    def _note(self, parcel: Parcel, cause: str, *, is_early: bool) -> None:
        identity = parcel.identity
        if identity is None:
            return
        if len(self._causes) < _REMEMBERED_COUNT or identity in self._causes:
            self._causes[identity] = cause, is_early


def _names(reason: str, fqn: str) -> bool:
    """Whether a reason names this entity itself, and not only something below it."""
    return re.search(re.escape(fqn) + r"(?![\w.])", reason) is not None
