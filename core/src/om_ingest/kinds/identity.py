"""The identity of what a record writes, and the record with its identity on its way into a store.

Records of one identity write the same thing.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias, cast

from pydantic_core import from_json, to_json

from om_ingest.errors import RecordError
from om_ingest.kinds.door import content_of, encode
from om_ingest.kinds.kind import EntityKind
from om_ingest.kinds.lines import decode
from om_ingest.kinds.requests import place_of, spell
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


def scope_of(identity: Identity) -> str | None:
    """The innermost ancestor by which entities like this one are listed; None without one."""
    try:
        parts = names.split(identity[1])
    except RecordError:
        return None
    depths = [depth for depth in KINDS[identity[0]].scope_filters if depth < len(parts)]
    return names.join(*parts[: max(depths)]) if depths else None


def type_of_scope(entity_type: str, scope: str) -> str | None:
    """The entity type of such a scope; None for an empty one, and where only requests tell it."""
    if not scope:
        return None
    depth, above = len(names.split(scope)), KINDS[entity_type].parent
    while above is not None and above.depth > depth:
        above = above.parent
    return None if above is None else above.entity_type


def identities_of(record: Record) -> tuple[Identity | None, Identity | None]:
    """`identity_of` and `parent_identity_of` in one pass; None for both of an invalid record."""
    try:
        if isinstance(record, CreateRequest):
            kind = KINDS[record.entity_type]
            return _placed(kind, kind.as_stored(record.name), place_of(record)[1])
        if isinstance(record, AddLineageRequest):
            edge = record.edge
            ends = (_name(end) for end in (edge.fromEntity, edge.toEntity))
            return (record.entity_type, " -> ".join(ends)), None
        if isinstance(record, AttachmentRequest):
            return (record.entity_type, record.identity), None
    except (AttributeError, TypeError):
        pass  # parts are missing, or have another type: no sink takes the record
    return None, None


def _placed(
    kind: EntityKind, name: str, parent: str | EntityReference | None
) -> tuple[Identity | None, Identity | None]:
    """Identities of a request with this name and parent, and of the parent."""
    if not name:  # an invalid record
        return None, None
    if parent is None and kind.parent_field is None:
        return (kind.entity_type, names.quote(name)), None
    fqn = parent.fullyQualifiedName if isinstance(parent, EntityReference) else parent
    if not fqn:
        return None, None
    normal = names.normalised(fqn)
    if normal is None:
        return None, None
    identity = (kind.entity_type, kind.fqn_below(normal, name))
    try:
        above = kind.type_above(normal)
    except RecordError:
        return identity, None
    if above is None and isinstance(parent, EntityReference):
        above = parent.type
    return identity, None if above is None else (above, normal)


def identity_at(entity_type: str, fqn: str) -> Identity:
    """The identity of the entity with an FQN, with or without needless quotes."""
    return entity_type, KINDS[entity_type].spelled(fqn)


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
    return f"{reference.type}:{names.spelled(fqn) if fqn else reference.id}"


class Parcel:
    """One record with its content, and what follows from it; made once, when the record comes.

    The content is kept as it was then, whatever the source does with its object later.
    """

    __slots__ = ("_identities", "_kind", "_line", "name", "place", "record")

    def __init__(self, record: Record, content: tuple[bytes | None, Record]) -> None:
        # Not a frozen dataclass, and its identity is found when it is needed: one is made per
        # record, also for sinks that only write lines.
        self._line, told = content
        self.record: Final = record
        """The very object that was handed over; it may have been changed since."""
        self.name = ""
        """The name of a request, as it is stored; empty for other records."""
        self.place: str | EntityReference | None = None
        """The parent of a request as it was given: an FQN or a reference; None for a root."""
        self._kind: Final = KINDS.get(getattr(told, "entity_type", ""))
        self._identities: tuple[Identity | None, Identity | None] | None = None
        if self._kind is None:
            self._identities = identities_of(told)
            return
        request = cast(CreateRequest, told)
        try:
            self.place = place_of(request)[1]
            self.name = self._kind.as_stored(request.name)
        except (AttributeError, TypeError):  # as in identities_of
            self._identities = None, None

    @property
    def identity(self) -> Identity | None:
        """What it writes; None if it writes nothing, or if only a store can find that out."""
        return self._placed()[0]

    @property
    def parent(self) -> Identity | None:
        """The identity of the direct parent; None if it is not known."""
        return self._placed()[1]

    @property
    def level(self) -> int:
        """The delivery level: lower levels are delivered first."""
        return DEPENDENT_LEVEL if self._kind is None else self._kind.level

    def _placed(self) -> tuple[Identity | None, Identity | None]:
        if self._identities is None:
            assert self._kind is not None, "all others are found at once"
            self._identities = _placed(self._kind, self.name, self.place)
        return self._identities

    @classmethod
    def of(cls, record: Record) -> Parcel:
        """The parcel of a record, which keeps the content that it has when it is first used."""
        return cls(record, (None, record))

    @classmethod
    def sealed(cls, record: Record) -> Parcel:
        """The parcel of a record, which keeps the content that it has now.

        Raises `RecordError` if that is not valid, or cannot be written as JSON.
        """
        return cls(record, content_of(record))

    @property
    def encoded(self) -> bytes:
        """The content as one line of JSON, without its line break.

        Raises `RecordError` as `sealed` does, if `of` made the parcel.
        """
        if self._line is None:
            self._line = encode(self.record)
        return self._line

    @property
    def body(self) -> bytes:
        """The content as the JSON object of the record's fields; raises as `encoded` does."""
        line = self.encoded
        return line[line.index(b"{", 1) : -1]

    @property
    def spelled(self) -> bytes:
        """As `body`, with the FQNs of a request as stores spell them, without needless quotes."""
        body = self.body
        if self._kind is None or b'\\"' not in body:  # only what is quoted can be so needlessly
            return body
        fields = from_json(body)
        spell(self._kind.request, fields)
        return to_json(fields)

    @property
    def content(self) -> Record:
        """The content as an object: the record itself, or a copy if it was changed since.

        Raises `RecordError` as `encoded` does.
        """
        line = self.encoded
        try:
            if encode(self.record) == line:
                return self.record
        except RecordError:
            pass
        return decode(line)


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
