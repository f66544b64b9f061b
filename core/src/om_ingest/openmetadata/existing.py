"""What a server holds of the entities that a run writes: read before they are (contract §3.0, §7).

The entities of a place are listed once, as soon as that takes fewer requests than to ask for
each; a place that this run has created is empty.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, EntityKind, Identity, Policy, as_request, policies, scope_of
from om_ingest.model import fqn as names
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.evidence import MissingError, is_absent
from om_ingest.openmetadata.listing import (
    BARE_PAGE_COUNT,
    FINGERPRINT,
    PAGE_COUNT,
    Fields,
    document_of,
    pages,
)
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.server import Server
from om_ingest.scratch_file import ScratchFile

_LOGGER = logging.getLogger("om_ingest.openmetadata")

_SINGLE_COUNT = 2
"""Entities of a place that are asked for by name before the place is listed."""

CERTIFICATION = "certification"
"""A field that requests lack."""

_NEVER = 2**62
_TABLES = [
    f"CREATE TABLE {table}, PRIMARY KEY (entity_type, fqn)) WITHOUT ROWID"
    for table in (
        "held (entity_type, fqn, hash, deleted, stored",
        # asked: look-ups by name; pages: that a list has, 0 for one that is in `held`
        "places (entity_type, fqn, asked, pages",
        "created (entity_type, fqn",
    )
]
_ABOVE = frozenset(
    above.entity_type for kind in KINDS.values() for above in (kind.parent, *kind.parent_choice)
    if above is not None
)  # fmt: skip
_SHOWN = frozenset({"name", "displayName", "description", "fullyQualifiedName"})


class Held(NamedTuple):
    """What the server has of one entity."""

    fingerprint: str | None
    """`sourceHash` of the request that was written last; None if it is not shown."""

    is_deleted: bool
    stored: dict[str, Any] | None
    """The entity in the form of requests; None where only names were listed."""


class Existing:
    """Knows what the server holds. Thread-safe; lives in a temporary file."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._fields = Fields(_requested)
        self._bare_fields = Fields(lambda kind: FINGERPRINT)
        self._lock = threading.Lock()
        self._listing: dict[Identity, threading.Lock] = {}
        self._opened: ScratchFile | None = None

    def find(self, rows: Sequence[Row], *, whole: bool) -> dict[Row, Held | None]:
        """What is known of rows of one kind: None for one that the server does not have.

        A row that is missing in the answer has to be read. With `whole`, what is found has its
        content.
        """
        found: dict[Row, Held | None] = {}
        unknown: list[Row] = []
        for row, held in self._in_file(rows):
            if held is None:
                unknown.append(row)
            elif not (whole and _is_bare(held)):
                found[row] = held
        for scope, some in _by_scope(unknown).items():
            if self._is_known(some[0].kind, scope, len(some), whole=whole):
                listed = self._in_file(some)
                found.update(item for item in listed if not (whole and _is_bare(item[1])))
        return found

    def read(self, row: Row) -> dict[str, Any] | None:
        """The entity as the server shows it now, also a deleted one; None when there is none.

        Raises `RecordError` when that cannot be found out.
        """
        kind = row.kind

        def ask(fields: str) -> Answer:
            told = {"fields": fields} if fields else {}
            return self._server.by_name(kind.entity_type, row.fqn, include="all", **told)

        try:
            answer = self._fields.asked(kind, ask)
            if is_absent(answer, row.fqn):
                return None
            return _with_domains(document_of(answer, row.fqn))
        except RecordError as error:
            raise RecordError(
                f"it is not known whether the {kind.entity_type} {row.fqn} is there: {error.what}",
                error.remedy,
            ) from None

    def wrote(self, rows: Iterable[Row], *, created: bool) -> None:
        """Note rows that were written; `created` if the server had none of them before."""
        held, above = [], []
        for row in rows:
            entity_type = row.kind.entity_type
            held.append((entity_type, _key(row.kind, row.fqn), row.body.get("sourceHash")))
            if created and entity_type in _ABOVE:
                above.append((entity_type, row.fqn))
        if held:
            self._file.insert("INSERT OR REPLACE INTO held VALUES (?, ?, ?, 0, NULL)", held)
        if above:
            self._file.insert("INSERT OR IGNORE INTO created VALUES (?, ?)", above)

    def forget(self, identity: Identity) -> None:
        """Drop an entity that turned out to be missing; it is asked for when it comes again."""
        if self._opened is None or identity[0] not in KINDS:
            return
        key = (identity[0], _key(KINDS[identity[0]], identity[1]))
        self._file.query("DELETE FROM held WHERE entity_type = ? AND fqn = ?", key)
        self._file.query("DELETE FROM created WHERE entity_type = ? AND fqn = ?", identity)

    def forget_all(self) -> None:
        """Drop everything: an entity was deleted or restored, maybe with what lies below it."""
        if self._opened is not None:
            for table in ("held", "places", "created"):
                self._file.query(f"DELETE FROM {table}")

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

    def _in_file(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Held | None]]:
        if not rows:
            return
        kind = rows[0].kind
        keys = [_key(kind, row.fqn) for row in rows]
        found = self._file.query(
            "SELECT fqn, hash, deleted, stored FROM held WHERE entity_type = ?"
            f" AND fqn IN ({', '.join('?' * len(keys))})",
            (kind.entity_type, *keys),
        )
        held = {
            fqn: Held(fingerprint, bool(is_deleted), json.loads(stored) if stored else None)
            for fqn, fingerprint, is_deleted, stored in found
        }
        yield from ((row, held.get(key)) for row, key in zip(rows, keys, strict=True))

    def _is_known(self, kind: EntityKind, scope: str, count: int, *, whole: bool) -> bool:
        """Whether all of a kind in a scope are in the file; lists them if that is cheaper."""
        above = _type_above(kind, scope)
        sql = "SELECT 1 FROM created WHERE entity_type = ? AND fqn = ?"
        if above is not None and self._file.query(sql, (above, scope)):
            return True
        place = (kind.entity_type, scope)
        with self._lock:
            lock = self._listing.setdefault(place, threading.Lock())
        with lock:
            sql = "SELECT asked, pages FROM places WHERE entity_type = ? AND fqn = ?"
            asked, page_count = next(iter(self._file.query(sql, place)), (0, _SINGLE_COUNT + 1))
            if page_count:
                asked += count
                if asked >= page_count:
                    page_count = self._listed(kind, scope, asked, whole=whole)
                row = (*place, asked, page_count)
                self._file.query("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?)", row)
        with self._lock:
            self._listing.pop(place, None)
        return bool(page_count == 0)

    def _listed(self, kind: EntityKind, scope: str, asked: int, *, whole: bool) -> int:
        """List a scope; 0, or its number of pages if there are more of them than were `asked`."""
        query: dict[str, Any] = {"include": "all"}
        if scope:
            query[kind.scope_filters[len(names.split(scope))]] = scope
        fields = self._fields if whole else self._bare_fields
        limit = PAGE_COUNT if whole else BARE_PAGE_COUNT
        try:
            for page in pages(self._server, kind, query, fields, limit=limit):
                self._add(kind, page["data"], whole=whole)
                total = page["paging"].get("total")
                page_count = -(-total // limit) if isinstance(total, int) else 0
                if page_count > asked:
                    return page_count
        except MissingError:
            return 0
        except RecordError as error:
            _LOGGER.warning("Each %s is looked up by its name: %s", kind.entity_type, error.what)
            return _NEVER
        return 0

    def _add(self, kind: EntityKind, documents: Iterable[dict[str, Any]], *, whole: bool) -> None:
        self._file.insert(
            "INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?, ?)",  # what this run wrote is newer
            (
                (
                    kind.entity_type,
                    _key(kind, str(document["fullyQualifiedName"])),
                    document.get("sourceHash"),
                    bool(document.get("deleted")),
                    json.dumps(as_request(kind, _with_domains(document))) if whole else None,
                )
                for document in documents
            ),
        )


def _requested(kind: EntityKind) -> Iterator[str]:
    """Fields that a request may say, and a server may leave out of what it shows."""
    told = (name for name, policy in policies(kind) if policy is not Policy.PLACE)
    yield from (name for name in told if name not in _SHOWN)
    yield CERTIFICATION


def _is_bare(held: Held | None) -> bool:
    return held is not None and held.stored is None


def _with_domains(document: dict[str, Any]) -> dict[str, Any]:
    """A document in which the one `domain` of servers before 1.9 is a list of them."""
    return {"domains": [document["domain"]], **document} if "domain" in document else document


def _by_scope(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by the innermost ancestor by which they are listed; "" for one without."""
    places: dict[str, list[Row]] = {}
    for row in rows:  # rows of one parent have one scope
        parent = row.fqn if '"' in row.fqn else row.fqn.rpartition(".")[0]
        places.setdefault(parent, []).append(row)
    found: dict[str, list[Row]] = {}
    for some in places.values():
        scope = scope_of((some[0].kind.entity_type, some[0].fqn)) or ""
        found.setdefault(scope, []).extend(some)
    return found


def _type_above(kind: EntityKind, scope: str) -> str | None:
    """The entity type of a scope; None for all of a kind, and where only requests tell it."""
    if not scope:
        return None
    depth, above = len(names.split(scope)), kind.parent
    while above is not None and above.depth > depth:
        above = above.parent
    return None if above is None else above.entity_type


def _key(kind: EntityKind, fqn: str) -> str:
    """An FQN in one spelling; those of roots, such as logins, may lack their quotes."""
    if kind.depth == 1 and kind.nested_field is None:
        return kind.as_stored(fqn).replace('"', "")
    return kind.spelled(fqn) if '"' in fqn else fqn
