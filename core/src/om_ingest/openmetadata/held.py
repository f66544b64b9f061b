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
    f"CREATE TABLE {table}, PRIMARY KEY (entity_type, fqn)) WITHOUT ROWID"
    for table in (
        "held (entity_type, fqn, hash, deleted, stored, seen",
        # asked: rows not found here so far; pages: how many pages the list has, 0 once all of it
        # is in `held`
        # until: when a complete list is too old for that, on the clock of `Existing`
        "places (entity_type, fqn, asked, pages, until",
        "created (entity_type, fqn",
    )
]
_NAMED = frozenset(
    (
        *(above.entity_type for kind in KINDS.values() for above in kind.parents),
        *(name for kind in KINDS.values() for name in kind.links.values()),
        *(name for kind in KINDS.values() for name in kind.id_links.values()),
        *("user", "team", "domain", "dataProduct", "tag", "glossaryTerm"),
    )
)
"""Entity types that others lie below, or refer to so that the server forgets it with them."""


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
            fqn: Held(hashed, bool(deleted), json.loads(stored) if stored else None, bool(seen))
            for fqn, hashed, deleted, stored, seen in found
        }
        yield from ((row, held.get(key)) for row, key in zip(rows, keys, strict=True))

    def add(self, kind: EntityKind, documents: Iterable[dict[str, Any]], *, whole: bool) -> None:
        """Note what was listed; `whole` if that is all of it. What is known already stays."""
        self._file.insert(
            "INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?, ?, 0)",  # what this run wrote is newer
            (
                (
                    kind.entity_type,
                    _key(kind, str(document["fullyQualifiedName"])),
                    document.get("sourceHash"),
                    bool(document.get("deleted")),
                    json.dumps(as_request(kind, document)) if whole else None,
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
            self._file.insert("INSERT OR REPLACE INTO held VALUES (?, ?, ?, 0, NULL, 1)", held)
        if named:
            self._file.insert("INSERT OR IGNORE INTO created VALUES (?, ?)", named)
            self.created_types.update(entity_type for entity_type, _ in named)

    def forget(self, identity: Identity) -> None:
        """Drop what is known of an entity: it has to be read when it comes again."""
        if self._opened is None or identity[0] not in KINDS:
            return
        key = (identity[0], _key(KINDS[identity[0]], identity[1]))
        # Without its row it would count as absent in a place that is listed.
        self._file.insert("INSERT OR REPLACE INTO held VALUES (?, ?, NULL, 0, NULL, 0)", [key])
        self._file.query("DELETE FROM created WHERE entity_type = ? AND fqn = ?", key)

    def forget_all(self) -> None:
        """Drop everything: an entity was deleted or restored, maybe with what lies below it."""
        if self._opened is not None:
            for table in ("held", "places", "created"):
                self._file.query(f"DELETE FROM {table}")

    def is_created(self, entity_type: str, fqn: str) -> bool:
        """Whether this run has created the entity: what others put below it or linked to it, is
        not there any more.
        """
        sql = "SELECT 1 FROM created WHERE entity_type = ? AND fqn = ?"
        return bool(self._file.query(sql, (entity_type, _key(KINDS[entity_type], fqn))))

    def place(self, entity_type: str, scope: str, now_s: float) -> tuple[int, int | None]:
        """Of a place: rows not found so far, and the pages of its list; None if not known."""
        sql = "SELECT asked, pages, until FROM places WHERE entity_type = ? AND fqn = ?"
        for asked, page_count, until_s in self._file.query(sql, (entity_type, scope)):
            is_old = not page_count and now_s > until_s
            return (0, None) if is_old else (asked, page_count)
        return 0, None

    def note_place(
        self, entity_type: str, scope: str, asked: int, page_count: int, until_s: float
    ) -> None:
        """Note both; 0 pages while all that the place has is here, which is until then."""
        row = (entity_type, scope, asked, page_count, until_s)
        self._file.query("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?)", row)

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
