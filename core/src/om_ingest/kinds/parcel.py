"""A record on its way into a store, with what is asked about it more than once."""

from __future__ import annotations

import re
from typing import Final

from om_ingest.kinds.identity import Identity, identities_of, level_of
from om_ingest.kinds.lines import encode
from om_ingest.model.records import Record

_REMEMBERED_COUNT = 10_000


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
        self._causes: dict[Identity, str] = {}

    def includes_parent(self, parcel: Parcel) -> bool:
        """Whether the parent of a record has failed."""
        return parcel.parent is not None and parcel.parent in self._causes

    def add(self, parcel: Parcel, reason: str = "") -> str:
        """Note that a record has failed; the reason to report.

        That is `its <parent> failed: <cause>` if the parent has failed and `reason` names the
        parent, or is empty; otherwise `reason` itself.
        """
        parent = parcel.parent
        cause = None if parent is None else self._causes.get(parent)
        if parent is None or cause is None or (reason and not _names(reason, parent[1])):
            self._note(parcel, reason)
            return reason
        self._note(parcel, cause)
        return f"its {parent[0]} {parent[1]} failed: {cause}"

    def discard(self, parcel: Parcel) -> None:
        """Note that a record has been written after all."""
        if self._causes and parcel.identity is not None:
            self._causes.pop(parcel.identity, None)

    def _note(self, parcel: Parcel, cause: str) -> None:
        if parcel.identity is not None and len(self._causes) < _REMEMBERED_COUNT:
            self._causes[parcel.identity] = cause


def _names(reason: str, fqn: str) -> bool:
    """Whether a reason names this entity itself, and not only something below it."""
    return re.search(re.escape(fqn) + r"(?![\w.])", reason) is not None
