"""What a target holds of what a journal says it has taken: where they disagree, the target wins."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Protocol, runtime_checkable

from om_ingest.errors import RecordError, described
from om_ingest.kinds import KINDS, Identity, Parcel
from om_ingest.kinds.identity import (
    DEPENDENT_LEVEL,
    identity_at,
    scope_of,
    target_identity_of,
    type_of_scope,
)
from om_ingest.model.entity import CreateRequest, Entity
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.scratch_file import ScratchFile
from om_ingest.store import MetadataStore, Outcome

logger = logging.getLogger(__name__)

_CHUNK_COUNT = 500
_SINGLE_COUNT = 50
"""Entities of one kind that are asked for by name before all of the kind are listed."""

_KEY = "(entity_type TEXT, fqn TEXT, hash TEXT, PRIMARY KEY (entity_type, fqn)) WITHOUT ROWID"

_TABLES = ("live", "listed", "absent", "unknown")
"""What is there; scopes that were listed; what is not there; scopes and entities without answer."""


@runtime_checkable
class ShowsContent(Protocol):
    """A store that shows cheaply what the content of an entity was made from."""

    def list_hashes(
        self, entity: type[Entity], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[tuple[str, str | None]]:
        """FQNs of live entities, each with a hash of what was written last; None if unknown.

        With `include_deleted` those that are marked as deleted, too, whose hash is None.
        """

    def hash_of(self, parcel: Parcel) -> str | None:
        """The hash that is listed once the record has been written; None if unknown."""


class Presence:
    """Tells what is live in a store, by one listing for each place; it lives in a temporary file.

    What cannot be found out counts as not there. One thread uses it at a time.
    """

    def __init__(self, store: MetadataStore, *, with_deleted: bool = False) -> None:
        """`with_deleted` counts as there what is marked as deleted, with unknown content."""
        self._store = store
        self._with_deleted = with_deleted
        self._shows = store if isinstance(store, ShowsContent) else None
        self._asked: Counter[str] = Counter()
        self._lost: set[str] = set()
        """Entity types of which something was not there."""
        self._has_doubt = False
        tables = (f"CREATE TABLE {table} {_KEY}" for table in _TABLES)
        self._file = ScratchFile("what the target holds", tables)

    def is_there(self, parcels: Sequence[Parcel]) -> list[bool]:
        """Of each record, whether what it wrote is there still; one answer per record.

        It is not where the store shows that it has other content by now, or again: a backup.
        A record that refers to something of a kind that was missing counts as missing itself:
        it has to be linked to it again. So does an edge or an attachment as soon as anything was
        missing.
        """
        needed = [list(_needed(parcel)) for parcel in parcels]
        live = self._live({identity for some in needed for identity in some})
        answers = [bool(some) and live.issuperset(some) for some in needed]
        for parcel, is_live in zip(parcels, answers, strict=True):
            if not is_live and parcel.identity and isinstance(parcel.record, CreateRequest):
                self._lost.add(parcel.identity[0])
        return [
            is_live
            and not (self._lost and self._may_refer(parcel))
            and not self._has_other_content(parcel)
            for parcel, is_live in zip(parcels, answers, strict=True)
        ]

    def expect(self, parcels: Iterable[Parcel]) -> None:
        """Count records that are about to be sent as there.

        If one comes again, the target is not asked: the journal knows whether it was delivered.
        """
        self._file.insert(
            "INSERT OR REPLACE INTO live VALUES (?, ?, NULL)",
            (parcel.identity for parcel in parcels if parcel.identity is not None),
        )

    def foreseen(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """What writing each record would do: `WRITTEN` where the store does not show it.

        Records come parents first, each once.
        """
        needed = [list(_needed(parcel)) for parcel in parcels]
        live = self._live({identity for some in needed for identity in some})
        return [
            self._foreseen(parcel, [identity for identity in some if identity not in live])
            for parcel, some in zip(parcels, needed, strict=True)
        ]

    def may_have(self, identity: Identity) -> bool:
        """Whether the store has an entity, or does not tell."""
        return identity in self._live({identity}) or self._is_unknown(identity)

    def _foreseen(self, parcel: Parcel, missing: list[Identity]) -> Outcome:
        is_entity = isinstance(parcel.record, CreateRequest)
        if missing:
            if any(map(self._is_unknown, missing)):
                return Outcome.WRITTEN
            if is_entity:
                self._file.insert("INSERT OR IGNORE INTO absent VALUES (?, ?, NULL)", missing)
            return Outcome.CREATED
        is_same = None
        if is_entity:
            with contextlib.suppress(RecordError):
                is_same = self._is_same(parcel)
        if is_same is None:
            return Outcome.WRITTEN
        return Outcome.UNCHANGED if is_same else Outcome.UPDATED

    def close(self) -> None:
        """Throw everything away."""
        self._file.close()

    def _may_refer(self, parcel: Parcel) -> bool:
        """Whether a record may refer to something that was missing."""
        if parcel.level == DEPENDENT_LEVEL or parcel.identity is None:
            return True
        kind = KINDS[parcel.identity[0]]
        if not self._lost.isdisjoint({*kind.links.values(), *kind.id_links.values()}):
            return True
        content = parcel.encoded.partition(b'"record":')[2]
        if b'"tagFQN"' in content and not self._lost.isdisjoint(("tag", "glossaryTerm")):
            return True
        return any(f'"type":"{name}"'.encode() in content for name in self._lost)

    def _has_other_content(self, parcel: Parcel) -> bool:
        """Whether the store shows that what it has was not made from this record."""
        try:
            return isinstance(parcel.record, CreateRequest) and self._is_same(parcel) is False
        except RecordError:
            return True  # the store says what is wrong with it

    def _is_same(self, parcel: Parcel) -> bool | None:
        """Whether what the store has was made from a request; None if it does not show it."""
        sql = "SELECT hash FROM live WHERE entity_type = ? AND fqn = ? AND hash IS NOT NULL"
        rows = self._file.query(sql, parcel.identity or ("", ""))
        if self._shows is None or not rows:
            return None
        made = self._shows.hash_of(parcel)
        return None if made is None else bool(made == rows[0][0])

    def _live(self, identities: set[Identity]) -> set[Identity]:
        """Those of some entities that are live."""
        unknown = (identity for identity in identities if not self._is_in("live", identity))
        places = sorted((identity[0], scope_of(identity) or "", identity) for identity in unknown)
        for (entity_type, scope), group in groupby(places, key=lambda place: place[:2]):
            above = type_of_scope(entity_type, scope)
            is_known = above and self._is_in("absent", (above, scope))
            if not is_known and not self._is_in("listed", (entity_type, scope)):
                fqns = [identity[1] for _, _, identity in group]
                self._asked[entity_type] += 0 if scope else len(fqns)
                if scope or self._asked[entity_type] > _SINGLE_COUNT:
                    self._list(entity_type, scope)
                else:
                    self._add(entity_type, list(self._found(entity_type, fqns)))
        return {identity for identity in identities if self._is_in("live", identity)}

    def _found(self, entity_type: str, fqns: Iterable[str]) -> Iterator[tuple[str, str | None]]:
        """Those of some entities that a look-up by name finds."""
        for fqn in fqns:
            try:
                entity = KINDS[entity_type].entity
                found = self._store.get_by_name(entity, fqn, include_deleted=self._with_deleted)
            except Exception as error:  # noqa: BLE001  # a store of a plugin may raise anything
                self._doubt(f"the {entity_type} {fqn}", error, (entity_type, fqn))
                continue
            is_deleted = getattr(found, "deleted", False)
            if found is not None and (self._with_deleted or not is_deleted):
                shown = None if is_deleted else getattr(found, "sourceHash", None)
                yield found.fullyQualifiedName, shown

    def _list(self, entity_type: str, scope: str) -> None:
        """Note all of a kind in a scope; nothing of it if the listing fails."""
        self._file.query("INSERT OR IGNORE INTO listed VALUES (?, ?, NULL)", (entity_type, scope))
        self._file.query("SAVEPOINT listing")
        listed = self._listed(KINDS[entity_type].entity, scope or None)
        while True:
            try:
                some = list(islice(listed, _CHUNK_COUNT))
            except Exception as error:  # noqa: BLE001  # a store of a plugin may raise anything
                self._file.query("ROLLBACK TO listing")
                where = scope or "the target"
                self._doubt(f"every {entity_type} in {where}", error, (entity_type, scope))
                break
            if not some:
                break
            self._add(entity_type, some)
        self._file.query("RELEASE listing")

    def _listed(self, entity: type[Entity], scope: str | None) -> Iterator[tuple[str, str | None]]:
        if self._shows is not None:
            with_deleted = {"include_deleted": True} if self._with_deleted else {}
            yield from self._shows.list_hashes(entity, scope=scope, **with_deleted)
        elif self._with_deleted:
            found = self._store.list_entities(entity, scope=scope, include_deleted=True)
            yield from ((each.fullyQualifiedName, None) for each in found)
        else:
            yield from ((fqn, None) for fqn in self._store.list_fqns(entity, scope=scope))

    def _doubt(self, what: str, error: Exception, place: Identity) -> None:
        """Note that what is in a place, an entity or a scope, is not known."""
        self._file.insert("INSERT OR IGNORE INTO unknown VALUES (?, ?, NULL)", [place])
        level = logging.DEBUG if self._has_doubt else logging.WARNING
        self._has_doubt = True
        logger.log(
            level,
            "Whether the target has it cannot be found out, so it %s: %s (%s)",
            "counts as written" if self._with_deleted else "is sent again",
            *(what, described(error)),
        )

    def _is_unknown(self, identity: Identity) -> bool:
        """Whether the target did not tell if it has an entity."""
        place = (identity[0], scope_of(identity) or "")
        return self._is_in("unknown", identity) or self._is_in("unknown", place)

    def _is_in(self, table: str, key: Identity) -> bool:
        sql = f"SELECT 1 FROM {table} WHERE entity_type = ? AND fqn = ?"
        return bool(self._file.query(sql, key))

    def _add(self, entity_type: str, found: Iterable[tuple[str, str | None]]) -> None:
        self._file.insert(
            "INSERT OR IGNORE INTO live VALUES (?, ?, ?)",
            ((*identity_at(entity_type, fqn), shown) for fqn, shown in found),
        )


def _needed(parcel: Parcel) -> Iterator[Identity]:
    """The entities that have to be there if what a record wrote is; none if they are unknown."""
    record = parcel.record
    if isinstance(record, CreateRequest):
        if parcel.identity is not None:
            yield parcel.identity
    elif isinstance(record, AddLineageRequest):
        ends = (record.edge.fromEntity, record.edge.toEntity)
        if all(end.fullyQualifiedName and end.type in KINDS for end in ends):
            yield from (identity_at(end.type, str(end.fullyQualifiedName)) for end in ends)
    elif (target := target_identity_of(record)) is not None and target[0] in KINDS:
        yield target
