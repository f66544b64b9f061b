"""What a server holds of the entities that a run writes: read before they are (contract §3.0, §7).

The entities of a place are listed once, as soon as that takes fewer requests than to ask for
each; a place that this run has created is empty.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind, Identity, Policy, policies, scope_of, type_of_scope
from om_ingest.kinds.references import named_in
from om_ingest.model import fqn as names
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.evidence import MissingError, is_absent
from om_ingest.openmetadata.held import Held, HeldFile, Place
from om_ingest.openmetadata.listing import Fields, document_of, pages
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.server import Server

_LOGGER = logging.getLogger("om_ingest.openmetadata")

_SINGLE_COUNT = 2
"""Entities of a place that are asked for by name before the place is listed."""

_TRUSTED_S = 60.0
_SHARE = 20
"""A list tells what is absent for so many times the time that it took, and at least a minute."""

CERTIFICATION = "certification"
"""A field that requests lack."""

_RECHECK_S = 0.02
"""How often a worker looks for its rows in a list that another one is reading."""

_NEVER = 2**62
_SHOWN = frozenset({"name", "displayName", "description", "fullyQualifiedName"})


class Existing:
    """Knows what the server holds. Thread-safe; lives in a temporary file."""

    def __init__(
        self, server: Server, bare_fields: Fields, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`bare_fields` are those of lists with little more than names; `clock` has seconds."""
        self._clock = clock
        self._server = server
        self._fields = Fields(server, _requested)
        self._bare_fields = bare_fields
        self._file = HeldFile()
        server.ids.listed = self
        self._lock = threading.Lock()
        self._listing: dict[Place, threading.Lock] = {}

    def find(self, rows: Sequence[Row], *, whole: bool) -> dict[Row, Held | None]:
        """What is known of rows of one kind: None for one that the server does not have.

        A row that is missing in the answer has to be read. With `whole`, what is found has its
        content.
        """
        found: dict[Row, Held | None] = {}
        unknown: list[Row] = []
        for row, held in self._file.of(rows):
            if held is None:
                unknown.append(row)
            elif not (whole and _is_bare(held)):
                found[row] = held
        for scope, some in _by_scope(unknown).items():
            if self._is_created_place(some[0].kind, scope):
                found.update(dict.fromkeys(some))
            elif self._is_listed(Place(some[0].kind.entity_type, scope, whole), some, len(some)):
                listed = self._file.of(some)
                found.update(item for item in listed if not (whole and _is_bare(item[1])))
        return found

    def shown(self, row: Row) -> Held | None:
        """A row of which the fingerprint does not tell enough, as a list with all fields shows it.

        None if it has to be read. Its place is listed once as many were read for nothing.
        """
        (scope,) = _by_scope([row])
        place = Place(row.kind.entity_type, scope, whole=True)
        self._is_listed(place, [row], 0)
        ((_, held),) = self._file.of([row])
        return None if _is_bare(held) else held

    def read_for_nothing(self, row: Row) -> None:
        """Note that a row was read, and is there as it says: a list would have shown that, too."""
        (scope,) = _by_scope([row])
        self._file.note_asked(Place(row.kind.entity_type, scope, whole=True), _SINGLE_COUNT + 1)

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
            document = document_of(answer, row.fqn)
        except RecordError as error:
            raise RecordError(
                f"it is not known whether the {kind.entity_type} {row.fqn} is there: {error.what}",
                error.remedy,
            ) from None
        if not document.get("deleted"):
            fqn = kind.spelled(str(document["fullyQualifiedName"]))
            self._server.ids.note(kind.entity_type, fqn, str(document["id"]))
        return document

    def wrote(self, rows: Iterable[Row], *, created: bool) -> None:
        """Note rows that were written; `created` if the server had none of them before."""
        self._file.wrote(rows, created=created)

    def id_of(self, identity: Identity) -> str | None:
        """The id of a live entity, if a list has shown it."""
        return self._file.id_of(identity)

    def forget_id(self, identity: Identity) -> str | None:
        """Forget an id; returns it."""
        entity_id = self._file.id_of(identity)
        if entity_id is not None:
            self._file.forget_id(identity)
        return entity_id

    def has_created(self, entity_type: str, fqn: str) -> bool:
        """Whether this run has created an entity, as far as is known."""
        return self._file.has_created(entity_type, fqn)

    def fields_named_anew(self, row: Row) -> frozenset[str]:
        """Fields of a row that name what this run has created.

        An entity that was there before has lost its link to it, if it had one.
        """
        types = self._file.created_types
        if not types:
            return frozenset()
        named: dict[Identity, set[str]] = {}
        for field, identity in named_in(row.kind, row.body):
            if identity[0] in types:
                named.setdefault(identity, set()).add(field)
        return frozenset().union(
            *(fields for identity, fields in named.items() if self._is_created(*identity))
        )

    def forget(self, identity: Identity) -> None:
        """Drop what is known of an entity: it is read when it comes again."""
        self._file.forget(identity)

    def forget_all(self) -> None:
        """Drop everything: an entity was deleted or restored, maybe with what lies below it."""
        self._file.forget_all()

    def close(self) -> None:
        """Throw everything away."""
        self._file.close()

    def _is_created(self, entity_type: str, name: str) -> bool:
        """Whether this run has created the entity with this FQN or id."""
        fqn = self._server.ids.known_fqn(entity_type, name) or name
        return self._file.is_created(entity_type, fqn)

    def _is_created_place(self, kind: EntityKind, scope: str) -> bool:
        """Whether this run has created what entities lie in: others are not there."""
        above = type_of_scope(kind.entity_type, scope)
        return above is not None and self._file.is_created(above, scope)

    def _is_listed(self, place: Place, rows: list[Row], count: int) -> bool:
        """Whether all that a list has of some rows is in the file; `count` requests depend on it.

        While another worker lists the place, rows that have come up in the list need not wait for
        its end.
        """
        with self._lock:
            lock = self._listing.setdefault(place, threading.Lock())
        while not lock.acquire(timeout=_RECHECK_S):
            known = self._file.of(rows)
            if all(held and not (place.whole and _is_bare(held)) for _, held in known):
                return True
        try:
            page_count = self._pages_left(rows[0].kind, place, count)
        finally:
            lock.release()
        with self._lock:
            self._listing.pop(place, None)
        return page_count == 0

    def _pages_left(self, kind: EntityKind, place: Place, count: int) -> int:
        """The pages of a list that is not in the file as a whole; list it if that is cheaper."""
        begun_s = self._clock()
        asked, page_count = self._file.place(place, begun_s)
        if page_count == 0:
            return 0
        asked += count
        if page_count is None:
            page_count = _SINGLE_COUNT + 1
        if asked >= page_count:
            page_count = self._listed(kind, place, asked)
        self._file.note_place(place, asked, page_count, self._until(kind, begun_s))
        return page_count

    def _until(self, kind: EntityKind, begun_s: float) -> float:
        """Until when a list that was begun then tells what is not there.

        What others create meanwhile would be written as if it were not there, but for kinds
        without batches: a POST creates those, and finds out. To list again takes a small part
        of the time of a run.
        """
        if not kind.bulk:
            return math.inf
        now_s = self._clock()
        return now_s + max(_TRUSTED_S, _SHARE * (now_s - begun_s))

    def _listed(self, kind: EntityKind, place: Place, asked: int) -> int:
        """List a place; 0, or its number of pages if there are more of them than were `asked`."""
        query: dict[str, Any] = {"include": "all"}
        if place.scope:
            query[kind.scope_filters[len(names.split(place.scope))]] = place.scope
        fields, count = (self._fields if place.whole else self._bare_fields), 0
        total: Any = None
        try:
            for page in pages(self._server, kind, query, fields):
                count += len(page["data"])
                self._file.add(kind, page["data"], whole=place.whole)
                if page.get("errors"):  # entities that are there, and cannot be shown (§7)
                    return _NEVER
                total = page["paging"].get("total")
                page_count = -(-total // fields.page_count) if isinstance(total, int) else 0
                if page_count > asked:
                    return page_count
        except RecordError as error:
            if isinstance(error, MissingError) and not count:
                return 0  # there is no such scope
            _LOGGER.warning("Each %s is looked up by its name: %s", kind.entity_type, error.what)
            return _NEVER
        if isinstance(total, int) and total > count:
            _LOGGER.warning(
                "The server's list of %s ends after %d of %d: each one that it does not show is"
                " looked up by its name.",
                *(kind.collection, count, total),
            )
            return _NEVER
        if not place.whole:
            self._file.note_size(place._replace(whole=True), -(-count // self._fields.page_count))
        return 0


def _requested(kind: EntityKind) -> Iterator[str]:
    """Fields that a request may say, and a server may leave out of what it shows."""
    told = (name for name, policy in policies(kind) if policy is not Policy.PLACE)
    yield from (name for name in told if name not in _SHOWN)
    yield CERTIFICATION


def _is_bare(held: Held | None) -> bool:
    return held is not None and held.stored is None


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
