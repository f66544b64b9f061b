"""Late records on disk: an index that SQLite keeps, and their lines in a file of their own.

SQLite throws away a temporary database when the disk is full; the lines stay.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import Any

from om_ingest.errors import DeliveryError
from om_ingest.kinds.lines import decode
from om_ingest.model.records import Record
from om_ingest.scratch_file import ScratchFile, no_room_told

_WHAT = "records that are tried again"
_PAGE_COUNT = 500
_HEAD = struct.Struct("<?II")
"""Before each record: whether it is settled; length of its reason, and of its line, in bytes."""


class State(IntEnum):
    """What happens next to a record that waits."""

    BLOCKED = 0
    """Nothing: what it misses is itself among those that wait."""

    READY = 1
    """It is tried: what it misses does not wait, or is there by now."""

    TRIED = 2
    """It was given to the sink, whose result comes."""

    LOST = 3
    """It is settled as failed: another try would fail as well."""


_STATEMENTS = (
    """
    CREATE TABLE late (
        place INTEGER PRIMARY KEY, level INTEGER, name BLOB, missing BLOB, reason BLOB,
        state INTEGER, is_there INTEGER DEFAULT 0, made TEXT
    )
    """,
    "CREATE INDEX late_name ON late (name)",
    "CREATE INDEX late_missing ON late (missing)",
    "CREATE INDEX late_state ON late (state, level, place)",
)


class LateLines:
    """Keeps records, each with the reason why it failed, until they are settled.

    The place of a record is its offset in the file. Methods raise `DeliveryError` when the file
    cannot be used; what it holds can still be read then.
    """

    def __init__(self) -> None:
        self._end = 0
        self._settled: set[int] = set()
        """Settled records that could not be marked in the file."""
        with no_room_told(_WHAT):
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # closed by close()

    def add(self, reason: bytes, line: bytes) -> int:
        """Keep a record; its place."""
        place = self._end
        data = _HEAD.pack(False, len(reason), len(line)) + reason + line
        with no_room_told(_WHAT):
            self._write(place, data)
        self._end += len(data)
        return place

    def line(self, place: int) -> bytes:
        """The line of the record at a place."""
        with no_room_told(_WHAT):
            return self._at(place)[2]

    def settle(self, place: int) -> None:
        """Note that a record is settled; never raises."""
        try:
            self._write(place, b"\1")  # over a byte that is there: needs no room
        except OSError:
            self._settled.add(place)

    def unsettled(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Place, first reason, and line of each record that is not settled."""
        place = 0
        while place < self._end:
            with no_room_told(_WHAT):
                is_settled, reason, line = self._at(place)
            if not is_settled and place not in self._settled:
                yield place, reason, line
            place += _HEAD.size + len(reason) + len(line)

    def close(self) -> None:
        """Throw everything away."""
        self._file.close()

    def _at(self, place: int) -> tuple[bool, bytes, bytes]:
        is_settled, reason_size, line_size = _HEAD.unpack(self._read(place, _HEAD.size))
        data = self._read(place + _HEAD.size, reason_size + line_size)
        return is_settled, data[:reason_size], data[reason_size:]

    def _read(self, place: int, size: int) -> bytes:
        self._file.seek(place)
        data = b""
        while len(data) < size:
            some = self._file.read(size - len(data))
            if not some:
                raise OSError("it was cut")
            data += some
        return data

    def _write(self, place: int, data: bytes) -> None:
        self._file.seek(place)
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]


class LateFile:
    """What is known of each late record; the place of a record is that of its line.

    Methods raise `DeliveryError` when a file fails, and `check` does from then on.
    """

    def __init__(self) -> None:
        self._fault: DeliveryError | None = None
        self._lines = LateLines()
        try:
            self._index = ScratchFile(_WHAT, _STATEMENTS)
        except DeliveryError:
            self._lines.close()
            raise

    def check(self) -> None:
        """Raise the first `DeliveryError` again: what the index tells may be wrong."""
        if self._fault is not None:
            raise self._fault

    def add(
        self, line: bytes, reason: bytes, level: int, name: bytes | None, missing: bytes | None
    ) -> None:
        """Keep a record that is ready."""
        self.check()
        place = self._lines.add(reason, line)
        columns = "place, level, name, missing, reason, state"
        sql = f"INSERT INTO late ({columns}) VALUES (?, ?, ?, ?, ?, ?)"
        try:
            self.query(sql, place, level, name, missing, reason, State.READY)
        except DeliveryError:
            self._lines.settle(place)  # the caller settles it
            raise

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Execute a statement on the index, the table `late`; the rows that it gives."""
        with self._noted():
            return self._index.query(sql, parameters)

    def rows(self, state: int, condition: str = "1") -> Iterator[tuple[Any, ...]]:
        """Place, name, missing name, reason and `made`, the outcome of a part, parents first."""
        after = (-1, -1)
        sql = (
            "SELECT place, name, missing, reason, made, level FROM late"
            f" WHERE state = ? AND (level, place) > (?, ?) AND {condition}"
            f" ORDER BY level, place LIMIT {_PAGE_COUNT}"
        )
        while page := self.query(sql, state, *after):
            for *row, _ in page:
                yield tuple(row)
            after = page[-1][5], page[-1][0]

    def line(self, place: int) -> bytes:
        """The line of a record."""
        with self._noted():
            return self._lines.line(place)

    def record(self, place: int) -> Record:
        """The record itself."""
        return decode(self.line(place))

    def settle(self, place: int) -> None:
        """Note that a record is settled, before its row is deleted; never raises."""
        self._lines.settle(place)

    def unsettled(self) -> Iterator[tuple[bytes, bytes]]:
        """Line, and latest known reason, of each record that is not settled."""
        for place, reason, line in self._lines.unsettled():
            rows: list[tuple[Any, ...]] = []
            with suppress(DeliveryError):
                rows = self.query("SELECT reason FROM late WHERE place = ?", place)
            yield line, rows[0][0] if rows else reason

    def close(self) -> None:
        """Throw everything away."""
        self._index.close()
        self._lines.close()

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except DeliveryError as error:
            self._fault = self._fault or error
            raise
