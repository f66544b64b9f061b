"""Records that failed only because something that they refer to is still on its way.

They wait on disk until everything else is delivered, and are then tried again: a record as soon
as what it misses is there, or is not among those that wait. Where records wait for each other,
as terms that are related to each other do, they are first written without these references.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from om_ingest.errors import DeliveryError, RecordError
from om_ingest.kinds import Identity, Parcel
from om_ingest.kinds.lines import decode
from om_ingest.kinds.references import without
from om_ingest.model.records import Record
from om_ingest.reasons import counted
from om_ingest.store import Outcome, WriteResult
from om_ingest.workflow.late_file import LateFile, State
from om_ingest.workflow.tally import entity_type_of

_WAITING = "SELECT 1 FROM late WHERE name = ? AND NOT is_there LIMIT 1"
_IS_READY = f"state = {State.READY:d}"
_FIRST = f"place IN (SELECT min(place) FROM late WHERE {_IS_READY} GROUP BY missing)"
"""One of those that miss the same: if that is not there, nobody else is tried."""

logger = logging.getLogger(__name__)


class _Try(NamedTuple):
    """A record of the file that the sink has at the moment."""

    place: int
    name: bytes | None
    missing: bytes
    is_part: bool
    """Whether it is the record without some of its references."""
    made: Outcome = Outcome.UNCHANGED
    """What a part of it, which was written before, has done to the entity."""


class Late:
    """Keeps late records in temporary files, and delivers them at the end of a run.

    `settle` is called once for each record, with its final result, also where the files fail.
    Raises `DeliveryError` when they cannot be made.
    """

    def __init__(self, settle: Callable[[WriteResult], None]) -> None:
        self._settle = settle
        self._tried: dict[int, _Try] = {}
        """What the sink has, by `id`: no more than it takes at a time."""
        self._moved_count = 0
        self._is_stuck = False
        """Whether records were found to wait for each other."""
        self._waiting: Counter[str] = Counter()
        """How many records wait, by entity type."""
        self._has_ended = False
        """Whether everything was tried that could be."""
        self._file = LateFile()

    def keep(self, result: WriteResult, parcel: Parcel) -> None:
        """Keep a failed record for another try.

        Raises `RecordError` if it cannot be kept, and `DeliveryError` if there is no room.
        """
        record = decode(parcel.encoded)  # raises now what could not be tried later
        names = _key(parcel.identity), _key(result.missing)
        self._file.add(parcel.encoded, _coded(result.reason), parcel.level, *names)
        self._waiting[entity_type_of(record)] += 1

    def delivered(self, parcel: Parcel) -> None:
        """Learn that a record was delivered: earlier versions of it that wait are outdated.

        They count as unchanged: writing them now would put old content over new.
        """
        if self._waiting[entity_type_of(parcel.record)]:  # else nothing is asked: it takes time
            with suppress(DeliveryError):  # nothing is tried again then
                self._outdate(_key(parcel.identity))

    def concludes(self, result: WriteResult) -> bool:
        """Take the result of a record that was tried again; False for any other record."""
        tried = self._tried.pop(id(result.record), None)
        if tried is None:
            return False
        with suppress(DeliveryError):  # `deliver` raises it; what is not settled stays
            self._learn(tried, result)
        return True

    def _learn(self, tried: _Try, result: WriteResult) -> None:
        has_failed = result.outcome is Outcome.FAILED
        missing = _key(result.missing)
        if tried.is_part:
            if not has_failed:
                self._arrive(tried.name, made=result.outcome)
        elif has_failed and missing is not None and missing != tried.missing:
            state = State.BLOCKED if self._file.query(_WAITING, missing) else State.READY
            reason = _coded(result.reason)
            sql = "UPDATE late SET missing = ?, reason = ?, state = ? WHERE place = ?"
            self._file.query(sql, missing, reason, state, tried.place)
        else:
            is_told = result.outcome is Outcome.UNCHANGED or tried.made is Outcome.CREATED
            if not has_failed and is_told:  # the part of it does not count
                result = result._replace(outcome=tried.made)
            self._end(tried.place, result)
            self._leave(tried.name, is_there=not has_failed, before=tried.place)
            if missing is not None:
                self._lose("missing = ?", missing)  # others would fail for the same reason

    def _end(self, place: int, result: WriteResult) -> None:
        """Settle a record for good, whatever becomes of its row."""
        self._file.settle(place)
        self._waiting[entity_type_of(result.record)] -= 1
        self._settle(result)
        self._file.query("DELETE FROM late WHERE place = ?", place)

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
        self._file.check()
        count = self._file.query("SELECT count(*) FROM late")[0][0]
        refer = "refers" if count == 1 else "refer"
        said = "%s %s to something that was missing: tried again at the end"
        logger.info(said, counted(count), refer)
        self._file.query(
            "UPDATE late SET state = ? WHERE EXISTS"
            " (SELECT 1 FROM late AS other WHERE other.name = late.missing)",
            State.BLOCKED,
        )
        while self._file.query("SELECT 1 FROM late LIMIT 1"):
            self._moved_count = 0
            for condition in (_FIRST, "1"):
                sql = f"UPDATE late SET state = ? WHERE {_IS_READY} AND {condition}"
                self._file.query(sql, State.TRIED)
                for place, name, missing, _, made in self._file.rows(State.TRIED):
                    if is_over():
                        break
                    tried = _Try(place, name, missing, is_part=False)
                    tried = tried._replace(made=Outcome(made)) if made else tried
                    self._try(self._file.record(place), tried, hand_over)
                flush()
                self._file.check()
                self._fail_lost()
                if is_over():
                    return
            if not self._moved_count:
                self._lose("1")  # what they miss is not on its way
                self._fail_lost()
            if not self._moved_count:
                self._write_parts(hand_over, flush, exists, is_over)
            if is_over():
                return
            if not self._moved_count:
                break
        self._has_ended = True

    def give_up(self, cause: str = "") -> Counter[str]:
        """Settle everything that is left as failed, each record with its own reason.

        That may be outdated by now unless `deliver` has come to its end: `cause`, why it has not,
        comes first then. What cannot be read back is counted by entity type, and not settled;
        never raises `DeliveryError`.
        """
        self._tried.clear()
        is_told = bool(cause) and not self._has_ended
        try:
            for line, reason in self._file.unsettled():
                record = decode(line)
                self._waiting[entity_type_of(record)] -= 1
                text = _text(reason)
                text = f"not tried again: {cause} ({text})" if is_told else text
                self._settle(WriteResult(record, Outcome.FAILED, text))
        except (DeliveryError, RecordError) as error:
            logger.debug("Late records cannot be read back: %s", error)
        finally:
            self._file.close()
        return +self._waiting

    def _try(self, record: Record, tried: _Try, hand_over: Callable[[Record], None]) -> None:
        self._tried[id(record)] = tried
        hand_over(record)

    def _write_parts(
        self,
        hand_over: Callable[[Record], None],
        flush: Callable[[], None],
        exists: Callable[[str, str], bool],
        is_over: Callable[[], bool],
    ) -> None:
        """Write records without the references to others that wait: those that others wait for.

        If that does not suffice, all of them. Only what the target does not have: a record with
        fewer references could take some away.
        """
        condition = "NOT is_there AND name IS NOT NULL"
        if not self._is_stuck:
            condition += " AND name IN (SELECT missing FROM late)"
        self._is_stuck = True
        for place, name, missing, *_ in self._file.rows(State.BLOCKED, condition):
            if is_over():
                break
            entity_type, fqn = _text(name).split(" ", 1)
            part = without(self._file.line(place), self._is_waiting)
            if part is None:
                continue
            if exists(entity_type, fqn):
                self._arrive(name)
            else:
                self._try(part, _Try(place, name, missing, is_part=True), hand_over)
        flush()
        self._file.check()

    def _is_waiting(self, identity: Identity) -> bool:
        return bool(self._file.query(_WAITING, _key(identity)))

    def _lose(self, condition: str, *parameters: object) -> None:
        """Give up records that are ready, and no others that this makes ready."""
        sql = f"UPDATE late SET state = {State.LOST:d} WHERE {_IS_READY} AND {condition}"
        self._file.query(sql, *parameters)

    def _fail_lost(self) -> None:
        for place, name, _, reason, _ in self._file.rows(State.LOST):
            record = self._file.record(place)
            self._end(place, WriteResult(record, Outcome.FAILED, _text(reason)))
            self._leave(name, is_there=False)

    def _leave(self, name: bytes | None, *, is_there: bool, before: int = 2**62) -> None:
        """A record waits no more; `is_there` if it was delivered."""
        self._moved_count += 1
        if name is None:
            return
        if is_there:
            self._outdate(name, before)
            self._arrive(name)
        elif not self._file.query(_WAITING, name):
            self._wake(name)

    def _outdate(self, name: bytes | None, before: int = 2**62) -> None:
        """Settle earlier versions of a record that was delivered."""
        sql = "SELECT place FROM late WHERE name = ? AND state != ? AND place < ?"
        for (place,) in self._file.query(sql, name, State.TRIED, before):
            record = self._file.record(place)
            self._end(place, WriteResult(record, Outcome.UNCHANGED))

    def _arrive(self, name: bytes | None, *, made: Outcome | None = None) -> None:
        """The target has an entity that others may wait for; `made` is what a part has done."""
        self._moved_count += 1
        self._file.query("UPDATE late SET is_there = 1, made = ? WHERE name = ?", made, name)
        self._wake(name)

    def _wake(self, name: bytes | None) -> None:
        sql = "UPDATE late SET state = ? WHERE missing = ? AND state = ?"
        self._file.query(sql, State.READY, name, State.BLOCKED)


def _key(identity: Identity | None) -> bytes | None:
    return None if identity is None else _coded(" ".join(identity))


def _coded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(coded: bytes) -> str:
    return coded.decode("utf-8", "surrogatepass")
