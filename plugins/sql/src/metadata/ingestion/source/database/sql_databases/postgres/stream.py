"""Rows of statements, fetched from cursors of the server while records are made of earlier ones."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from metadata.ingestion.source.database.sql_databases.postgres import statements

if TYPE_CHECKING:
    import psycopg

Row = tuple[Any, ...]

_FETCHED_RELATIONS = (15, 60, 250)
"""How many relations have their rows in the first FETCH, the second, and all others, about: the
first records come early. While records are made of them, the server has time for the next,
wherever it is; and no stream is far ahead, while the server could do what another waits for."""

_SAVE = b"SAVEPOINT om_ingest; "
_RELEASE = b"; RELEASE om_ingest"
_UNDO = b"ROLLBACK TO om_ingest; RELEASE om_ingest"


class Texts(NamedTuple):
    """The texts in a stream that the server makes up: that fails if an object is locked or gone.

    The stream then gets them with a statement of its own, without those that cannot be had. This
    is also what happens where the server has no room for the locks of thousands of views.
    """

    statement: str
    """Gives oids and texts for `%(oids)s`."""

    place: int
    """Place of the text in each row. The last value of a row is the oid if it has a text."""


class Transaction:
    """One read-only transaction that sees the catalogue as it was at its beginning.

    A thread of its own talks to the server: it fetches the next rows of each statement before
    they are asked for. Only that thread uses the connection.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        from psycopg import Error  # the driver is an extra

        self._error = Error
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, "om-ingest-postgres")
        self._numbers = itertools.count(1)
        self._last: Future[Any] | None = None
        self._is_closing = False
        self.without_text: Counter[str] = Counter()
        """By the first value of their rows, the schema: how many texts could not be had."""

    def begin(self) -> tuple[int, str]:
        """Set the transaction up; the version of the server (150004), and its encoding."""
        setting_up: Future[tuple[int, str]] = self._thread.submit(self._set_up)
        self._last = setting_up
        return setting_up.result()

    def _set_up(self) -> tuple[int, str]:
        found = self._connection.execute(statements.SETUP.encode()).fetchone()
        encoding = found[0] if found else ""
        if isinstance(encoding, bytes):  # as is all text of an unknown encoding
            encoding = encoding.decode()
        return self._connection.info.server_version, encoding

    def rows(
        self,
        statement: str,
        parameters: Mapping[str, Any],
        texts: Texts | None = None,
        *,
        per_relation: int = 1,
    ) -> Iterator[Row]:
        """The rows of a statement; it is sent now, and its rows come when they are asked for.

        `per_relation` is how many rows a table or view has, about.
        A statement with `texts` has a parameter of this name: whether it gives them itself.
        Raises what psycopg raises.
        """
        cursor = _Cursor(f"om_ingest_{next(self._numbers)}", statement, parameters, texts)
        counts = [count * per_relation for count in _FETCHED_RELATIONS]
        return self._rows(cursor, self._ahead(cursor, counts[0]), counts)

    def _ahead(self, cursor: _Cursor, count: int) -> Future[Sequence[Row]]:
        fetching = self._last = self._thread.submit(self._fetched, cursor, count)
        return fetching

    def _rows(
        self, cursor: _Cursor, begun: Future[Sequence[Row]], counts: Sequence[int]
    ) -> Iterator[Row]:
        rows = begun.result()
        asked, *later = counts
        while len(rows) == asked:
            asked = later.pop(0) if later else asked
            following = self._ahead(cursor, asked)
            yield from rows
            rows = following.result()
        yield from rows

    def _fetched(self, cursor: _Cursor, count: int) -> Sequence[Row]:
        fetch = b"FETCH %d FROM %s" % (count, cursor.name.encode())
        if not cursor.is_open:
            self._open(cursor)
        if cursor.texts is None:
            return self._connection.execute(fetch).fetchall()
        if cursor.gives_texts:
            try:
                rows = self._safely(fetch)
            except self._error:
                if self._connection.broken or self._is_closing:
                    raise
                self._connection.execute(_UNDO)
                cursor.gives_texts = False
                cursor.name += "_again"
                self._open(cursor)
                return self._fetched(cursor, count)
        else:
            bare = self._connection.execute(fetch).fetchall()
            rows = self._with_texts(bare, cursor.texts)
        cursor.row_count += len(rows)
        self.without_text.update(
            row[0] for row in rows if row[-1] and row[cursor.texts.place] is None
        )
        return rows

    def _open(self, cursor: _Cursor) -> None:
        declare = f"DECLARE {cursor.name} NO SCROLL CURSOR FOR {cursor.statement}"
        parameters = {**cursor.parameters, "texts": cursor.gives_texts}
        self._connection.execute(declare.encode(), parameters)
        cursor.is_open = True
        if cursor.row_count:
            self._connection.execute(f"MOVE {cursor.row_count} IN {cursor.name}".encode())

    def _safely(self, statement: bytes) -> list[Row]:
        """The rows of a statement after which the transaction goes on, even if it fails."""
        cursor = self._connection.execute(_SAVE + statement + _RELEASE)
        cursor.nextset()
        return cursor.fetchall()

    def _with_texts(self, rows: Sequence[Row], texts: Texts) -> list[Row]:
        known: dict[Any, Any] = dict(
            self._texts([row[-1] for row in rows if row[-1]], texts.statement)
        )
        place = texts.place
        return [
            (*row[:place], known[row[-1]], *row[place + 1 :]) if known.get(row[-1]) else row
            for row in rows
        ]

    def _texts(self, oids: list[int], statement: str) -> Iterator[Row]:
        """Oids and texts, as far as they can be had: what fails is halved until it is one."""
        if not oids:
            return
        self._connection.execute(_SAVE + b"SET LOCAL lock_timeout = 200")  # once was enough
        found: list[Row] | None = None
        try:
            found = self._connection.execute(statement.encode(), {"oids": oids}).fetchall()
        except self._error:
            if self._connection.broken or self._is_closing:
                raise
        self._connection.execute(_UNDO)  # this gives all locks back
        if found is not None:
            yield from found
        elif len(oids) > 1:
            half = len(oids) // 2
            yield from self._texts(oids[:half], statement)
            yield from self._texts(oids[half:], statement)

    def close(self) -> None:
        """End the transaction and the connection; a statement that runs is ended."""
        self._is_closing = True
        is_busy = self._last is not None and not self._last.done()
        self._thread.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(self._error):  # else it ends when the server misses its client
            if is_busy and not self._connection.closed:
                self._connection.cancel_safe(timeout=5)
        self._thread.shutdown(wait=True)
        self._connection.close()


class _Cursor:
    """A cursor on the server, and how far it has been read."""

    def __init__(
        self, name: str, statement: str, parameters: Mapping[str, Any], texts: Texts | None
    ) -> None:
        self.name = name
        self.statement = statement
        self.parameters = parameters
        self.texts = texts
        self.gives_texts = texts is not None
        self.is_open = False
        self.row_count = 0
