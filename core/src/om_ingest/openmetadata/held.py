"""The file of what is known of the entities of a server during a run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from om_ingest.kinds import KINDS, EntityKind, Identity, as_request
from om_ingest.openmetadata.bodies import Row
from om_ingest.scratch_file import ScratchFile

_TABLES = [
    f"CREATE TABLE {table}) WITHOUT ROWID"
    for table in (
        "held (entity_type, fqn, hash, deleted, stored, seen, id, PRIMARY KEY (entity_type, fqn)",
        # whole: of the list with all fields, or of that with little more than names
        # asked: requests that the list would have spared so far; pages: how many pages it has,
        # 0 once all of it is in `held`
        # until: when a complete list is too old for that, on the clock of `Existing`
        (
            "places (entity_type, fqn, whole, asked, pages, until,"
            " PRIMARY KEY (entity_type, fqn, whole)"
        ),
        "created (entity_type, fqn, PRIMARY KEY (entity_type, fqn)",
    )
]
_FORGOTTEN, _LISTED, _SEEN, _CREATED = -1, 0, 1, 2
"""Values of `held.seen`: of what has to be read, was listed, or was compared or written."""

_NAMED = frozenset(
    (
        *(above.entity_type for kind in KINDS.values() for above in kind.parents),
        *(name for kind in KINDS.values() for name in kind.links.values()),
        *(name for kind in KINDS.values() for name in kind.id_links.values()),
        *("user", "team", "domain", "dataProduct", "tag", "glossaryTerm"),
    )
)
"""Entity types that others lie below, or refer to so that the server forgets it with them."""


class Place(NamedTuple):
    """Where entities of one kind lie: what one list shows."""

    entity_type: str
    scope: str
    """FQN of the innermost ancestor by which they are listed; "" for one without."""

    whole: bool
    """Whether it is the list with all fields."""


class Held(NamedTuple):
    """What the server has of one entity."""

    fingerprint: str | None
    """`sourceHash` of the request that was written last; None if it is not shown."""

    is_deleted: bool
    stored: dict[str, Any] | None
    """The entity in the form of requests; None where only names were listed."""

    is_seen: bool = False
    """Whether a record of this run has been compared with it, or has written it."""


class HeldFile:
    """A temporary file, opened when it is used. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: ScratchFile | None = None
        self.created_types: set[str] = set()
        """Entity types of which this run has created something that others may name."""

    def of(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Held | None]]:
        """What is known of rows of one kind; None for one of which nothing is."""
        if not rows:
            return
        kind = rows[0].kind
        keys = [_key(kind, row.fqn) for row in rows]
        found = self._file.query(
            "SELECT fqn, hash, deleted, stored, seen FROM held WHERE entity_type = ?"
            f" AND fqn IN ({', '.join('?' * len(keys))})",
            (kind.entity_type, *keys),
        )
        held = {
            fqn: Held(hashed, bool(deleted), json.loads(stored) if stored else None, seen > _LISTED)
            for fqn, hashed, deleted, stored, seen in found
        }
        yield from ((row, held.get(key)) for row, key in zip(rows, keys, strict=True))

    def add(self, kind: EntityKind, documents: Iterable[dict[str, Any]], *, whole: bool) -> None:
        """Note what was listed; `whole` if that is all of it. What is known already stays."""
        # What this run wrote is newer; what was listed with its name alone becomes whole.
        known = (
            "DO UPDATE SET hash = excluded.hash, deleted = excluded.deleted,"
            f" stored = excluded.stored WHERE seen = {_LISTED} AND stored IS NULL"
        )
        self._file.insert(
            f"INSERT INTO held VALUES (?, ?, ?, ?, ?, {_LISTED}, ?) ON CONFLICT"
            f" {known if whole else 'DO NOTHING'}",
            (
                (
                    kind.entity_type,
                    _key(kind, str(document["fullyQualifiedName"])),
                    document.get("sourceHash"),
                    bool(document.get("deleted")),
                    json.dumps(as_request(kind, document)) if whole else None,
                    document["id"],
                )
                for document in documents
            ),
        )

    def wrote(self, rows: Iterable[Row], *, created: bool) -> None:
        """Note rows that were written; `created` if the server had none of them before."""
        held, named = [], []
        for row in rows:
            entity_type = row.kind.entity_type
            key = _key(row.kind, row.fqn)
            held.append((entity_type, key, row.body.get("sourceHash")))
            if created and entity_type in _NAMED:
                named.append((entity_type, key))
        if held:
            seen = _CREATED if created else _SEEN
            self._file.insert(
                f"INSERT INTO held VALUES (?, ?, ?, 0, NULL, {seen}, NULL) ON CONFLICT DO UPDATE"
                " SET hash = excluded.hash, deleted = 0, stored = NULL,"
                " seen = max(seen, excluded.seen)",
                held,
            )
        if named:
            self._file.insert("INSERT OR IGNORE INTO created VALUES (?, ?)", named)
            self.created_types.update(entity_type for entity_type, _ in named)

    def forget(self, identity: Identity) -> None:
        """Drop what is known of an entity: it has to be read when it comes again."""
        if self._opened is None or identity[0] not in KINDS:
            return
        key = (identity[0], _key(KINDS[identity[0]], identity[1]))
        # Without its row it would count as absent in a place that is listed.
        sql = f"INSERT OR REPLACE INTO held VALUES (?, ?, NULL, 0, NULL, {_FORGOTTEN}, NULL)"
        self._file.insert(sql, [key])
        self._file.query("DELETE FROM created WHERE entity_type = ? AND fqn = ?", key)

    def forget_all(self) -> None:
        """Drop everything: an entity was deleted or restored, maybe with what lies below it."""
        if self._opened is not None:
            for table in ("held", "places", "created"):
                self._file.query(f"DELETE FROM {table}")

    def id_of(self, identity: Identity) -> str | None:
        """The id of a live entity that was listed; None if it is not known."""
        if self._opened is None:
            return None
        sql = "SELECT id FROM held WHERE entity_type = ? AND fqn = ? AND NOT deleted"
        found = self._file.query(sql, (identity[0], _key(KINDS[identity[0]], identity[1])))
        return found[0][0] if found else None

    def forget_id(self, identity: Identity) -> None:
        """Drop the id of an entity: there is another one."""
        if self._opened is not None:
            sql = "UPDATE held SET id = NULL WHERE entity_type = ? AND fqn = ?"
            self._file.query(sql, (identity[0], _key(KINDS[identity[0]], identity[1])))

    def has_created(self, entity_type: str, fqn: str) -> bool:
        """Whether this run has created an entity of any kind, as far as is known."""
        if self._opened is None or entity_type not in KINDS:
            return False
        sql = "SELECT 1 FROM held WHERE entity_type = ? AND fqn = ? AND seen = ?"
        return bool(self._file.query(sql, (entity_type, _key(KINDS[entity_type], fqn), _CREATED)))

    def is_created(self, entity_type: str, fqn: str) -> bool:
        """Whether this run has created the entity: what others put below it or linked to it, is
        not there any more.
        """
        sql = "SELECT 1 FROM created WHERE entity_type = ? AND fqn = ?"
        return bool(self._file.query(sql, (entity_type, _key(KINDS[entity_type], fqn))))

    def place(self, place: Place, now_s: float) -> tuple[int, int | None]:
        """Requests that a list would have spared so far; its pages, or None if not known."""
        sql = "SELECT asked, pages, until FROM places WHERE (entity_type, fqn, whole) = (?, ?, ?)"
        for asked, page_count, until_s in self._file.query(sql, place):
            is_old = not page_count and now_s > until_s
            return (0, None) if is_old else (asked, page_count)
        return 0, None

    def note_place(self, place: Place, asked: int, page_count: int, until_s: float) -> None:
        """Note both; 0 pages while all that the list has is here, which is until then."""
        row = (*place, asked, page_count, until_s)
        self._file.query("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?, ?)", row)

    def note_asked(self, place: Place, page_count: int) -> None:
        """Note one more request that a list would have spared, which has so many pages."""
        self._file.query(
            "INSERT INTO places VALUES (?, ?, ?, 1, ?, 0)"
            " ON CONFLICT DO UPDATE SET asked = asked + 1",
            (*place, page_count),
        )

    def note_size(self, place: Place, page_count: int) -> None:
        """Note the pages of a list of which nothing was known."""
        sql = "INSERT OR IGNORE INTO places VALUES (?, ?, ?, 0, ?, 0)"
        self._file.query(sql, (*place, max(page_count, 1)))

    def close(self) -> None:
        """Throw everything away."""
        if self._opened is not None:
            self._opened.close()

    @property
    def _file(self) -> ScratchFile:
        with self._lock:
            if self._opened is None:
                self._opened = ScratchFile("what the server holds", _TABLES)
            return self._opened


def _key(kind: EntityKind, fqn: str) -> str:
    """An FQN in one spelling; those of roots, such as logins, may lack their quotes."""
    if kind.depth == 1 and kind.nested_field is None:
        return kind.as_stored(fqn).replace('"', "")
    return kind.spelled(fqn) if '"' in fqn else fqn
