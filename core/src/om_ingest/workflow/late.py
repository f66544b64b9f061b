"""Records that failed only because something that they refer to is still on its way.

They wait on disk until everything else is delivered, and are then tried again: a record as soon
as what it misses is there, or is not among those that wait. Where records wait for each other,
as terms that are related to each other do, they are first written without these references.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from om_ingest.errors import DeliveryError
from om_ingest.kinds import Identity, Parcel
from om_ingest.kinds.lines import decode
from om_ingest.kinds.references import without
from om_ingest.model.records import Record
from om_ingest.store import Outcome, WriteResult

_PAGE_COUNT = 500
_BLOCKED, _READY, _TRIED, _LOST = range(4)
"""State of a row: what it misses is among those that wait; is not; it is being tried; has failed.
"""

_STATEMENTS = (
    "PRAGMA synchronous = OFF",
    """
    CREATE TABLE late (
        place INTEGER PRIMARY KEY, level INTEGER, name BLOB, missing BLOB, line BLOB, reason BLOB,
        state INTEGER, is_there INTEGER DEFAULT 0, is_new INTEGER DEFAULT 0
    )
    """,
    "CREATE INDEX late_name ON late (name)",
    "CREATE INDEX late_missing ON late (missing)",
    "CREATE INDEX late_state ON late (state, level, place)",
    "BEGIN",  # never committed: the file is temporary
)
_WAITING = "SELECT 1 FROM late WHERE name = ? AND NOT is_there LIMIT 1"
_IS_READY = f"state = {_READY}"
_FIRST = f"place IN (SELECT min(place) FROM late WHERE {_IS_READY} GROUP BY missing)"
"""One of those that miss the same: if that is not there, nobody else is tried."""
_NEW = "SELECT 1 FROM late WHERE place = ? AND is_new"

logger = logging.getLogger(__name__)


class _Try(NamedTuple):
    """A record of the file that the sink has at the moment."""

    place: int
    name: bytes | None
    missing: bytes
    is_part: bool
    """Whether it is the record without some of its references."""


class Late:
    """Keeps late records in a temporary file, and delivers them at the end of a run.

    `settle` is called once for each record, with its final result. Raises `DeliveryError` when
    there is no room for the file.
    """

    def __init__(self, settle: Callable[[WriteResult], None]) -> None:
        self._settle = settle
        self._tried: dict[int, _Try] = {}
        """What the sink has, by `id`: no more than it takes at a time."""
        self._moved_count = 0
        self._is_stuck = False
        """Whether records were found to wait for each other."""
        with _translated():
            self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            for statement in _STATEMENTS:
                self._connection.execute(statement)

    def keep(self, result: WriteResult, parcel: Parcel) -> None:
        """Keep a failed record for another try; raises `RecordError` if it cannot be kept."""
        decode(parcel.encoded)  # raises now what could not be tried later
        values = (
            parcel.level,
            _key(parcel.identity),
            _key(result.missing),
            parcel.encoded,
            result.reason.encode("utf-8", "surrogatepass"),
            _READY,
        )
        columns = "level, name, missing, line, reason, state"
        self._query(f"INSERT INTO late ({columns}) VALUES (?, ?, ?, ?, ?, ?)", *values)

    def delivered(self, parcel: Parcel) -> None:
        """Learn that a record was delivered: earlier versions of it that wait are outdated.

        They count as unchanged: writing them now would put old content over new.
        """
        self._outdate(_key(parcel.identity))

    def concludes(self, result: WriteResult) -> bool:
        """Take the result of a record that was tried again; False for any other record."""
        tried = self._tried.pop(id(result.record), None)
        if tried is None:
            return False
        has_failed = result.outcome is Outcome.FAILED
        missing = _key(result.missing)
        if tried.is_part:
            if not has_failed:
                self._arrive(tried.name, is_new=result.outcome is Outcome.CREATED)
        elif has_failed and missing is not None and missing != tried.missing:
            state = _BLOCKED if self._query(_WAITING, missing) else _READY
            reason = result.reason.encode("utf-8", "surrogatepass")
            sql = "UPDATE late SET missing = ?, reason = ?, state = ? WHERE place = ?"
            self._query(sql, missing, reason, state, tried.place)
        else:
            if not has_failed and self._query(_NEW, tried.place):
                result = result._replace(outcome=Outcome.CREATED)  # the part of it does not count
            self._query("DELETE FROM late WHERE place = ?", tried.place)
            self._settle(result)
            self._leave(tried.name, is_there=not has_failed, before=tried.place)
            if missing is not None:
                self._lose("missing = ?", missing)  # others would fail for the same reason
        return True

    def deliver(
        self,
        hand_over: Callable[[Record], None],
        flush: Callable[[], None],
        exists: Callable[[str, str], bool],
        is_over: Callable[[], bool],
    ) -> None:
        """Try all records again until none is left, or nothing moves any more.

        `hand_over` takes a record to the sink, which `flush` empties; the results come by way of
        `concludes`. `exists` tells whether the target has an entity of a type and FQN. Ends
        early once `is_over()`.
        """
        count = self._query("SELECT count(*) FROM late")[0][0]
        logger.info("%d records refer to something that was missing: they are tried again", count)
        self._query(
            "UPDATE late SET state = ? WHERE EXISTS"
            " (SELECT 1 FROM late AS other WHERE other.name = late.missing)",
            _BLOCKED,
        )
        while self._query("SELECT 1 FROM late LIMIT 1"):
            self._moved_count = 0
            for condition in (_FIRST, "1"):
                self._query(f"UPDATE late SET state = {_TRIED} WHERE {_IS_READY} AND {condition}")
                for place, name, missing, line, _ in self._rows(_TRIED):
                    if is_over():
                        break
                    self._try(decode(line), _Try(place, name, missing, is_part=False), hand_over)
                flush()
                self._fail_lost()
                if is_over():
                    return
            if not self._moved_count:
                self._lose("1")  # what they miss is not on its way
                self._fail_lost()
            if not self._moved_count:
                self._write_parts(hand_over, flush, exists)
            if not self._moved_count:
                return

    def give_up(self) -> None:
        """Settle everything that is left as failed, each record with its own reason."""
        self._tried.clear()
        self._query(f"UPDATE late SET state = {_LOST}")
        self._fail_lost()
        self._connection.close()

    def _try(self, record: Record, tried: _Try, hand_over: Callable[[Record], None]) -> None:
        self._tried[id(record)] = tried
        hand_over(record)

    def _write_parts(
        self,
        hand_over: Callable[[Record], None],
        flush: Callable[[], None],
        exists: Callable[[str, str], bool],
    ) -> None:
        """Write records without the references to others that wait: those that others wait for.

        If that does not suffice, all of them. Only what the target does not have: a record with
        fewer references could take some away.
        """
        condition = "NOT is_there AND name IS NOT NULL"
        if not self._is_stuck:
            condition += " AND name IN (SELECT missing FROM late)"
        self._is_stuck = True
        for place, name, missing, line, _ in self._rows(_BLOCKED, condition):
            entity_type, fqn = name.decode("utf-8", "surrogatepass").split(" ", 1)
            part = without(line, self._is_waiting)
            if part is None:
                continue
            if exists(entity_type, fqn):
                self._arrive(name)
            else:
                self._try(part, _Try(place, name, missing, is_part=True), hand_over)
        flush()

    def _is_waiting(self, identity: Identity) -> bool:
        return bool(self._query(_WAITING, _key(identity)))

    def _lose(self, condition: str, *parameters: object) -> None:
        """Give up records that are ready, and no others that this makes ready."""
        sql = f"UPDATE late SET state = {_LOST} WHERE {_IS_READY} AND {condition}"
        self._query(sql, *parameters)

    def _fail_lost(self) -> None:
        for place, name, _, line, reason in self._rows(_LOST):
            self._query("DELETE FROM late WHERE place = ?", place)
            text = reason.decode("utf-8", "surrogatepass")
            self._settle(WriteResult(decode(line), Outcome.FAILED, text))
            self._leave(name, is_there=False)

    def _leave(self, name: bytes | None, *, is_there: bool, before: int = 2**62) -> None:
        """A record waits no more; `is_there` if it was delivered."""
        self._moved_count += 1
        if name is None:
            return
        if is_there:
            self._outdate(name, before)
            self._arrive(name)
        elif not self._query(_WAITING, name):
            self._wake(name)

    def _outdate(self, name: bytes | None, before: int = 2**62) -> None:
        """Settle earlier versions of a record that was delivered."""
        sql = "SELECT place, line FROM late WHERE name = ? AND state != ? AND place < ?"
        for place, line in self._query(sql, name, _TRIED, before):
            self._query("DELETE FROM late WHERE place = ?", place)
            self._settle(WriteResult(decode(line), Outcome.UNCHANGED))

    def _arrive(self, name: bytes | None, *, is_new: bool = False) -> None:
        """The target has an entity that others may wait for."""
        self._moved_count += 1
        self._query("UPDATE late SET is_there = 1, is_new = ? WHERE name = ?", is_new, name)
        self._wake(name)

    def _wake(self, name: bytes | None) -> None:
        sql = "UPDATE late SET state = ? WHERE missing = ? AND state = ?"
        self._query(sql, _READY, name, _BLOCKED)

    def _rows(self, state: int, condition: str = "1") -> Iterator[tuple[Any, ...]]:
        """Place, name, missing name, line and reason of the rows of a state, parents first."""
        after = (-1, -1)
        sql = (
            "SELECT place, name, missing, line, reason, level FROM late"
            f" WHERE state = ? AND (level, place) > (?, ?) AND {condition}"
            f" ORDER BY level, place LIMIT {_PAGE_COUNT}"
        )
        while page := self._query(sql, state, *after):
            for *row, _ in page:
                yield tuple(row)
            after = page[-1][5], page[-1][0]

    def _query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with _translated():
            return self._connection.execute(sql, parameters).fetchall()


def _key(identity: Identity | None) -> bytes | None:
    return None if identity is None else " ".join(identity).encode("utf-8", "surrogatepass")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DeliveryError(
            f"Cannot write the temporary file of records that are tried again: {error}",
            "Make room in the temporary folder (TMPDIR), and run again.",
        ) from None
