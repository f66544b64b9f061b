"""Sample rows of tables, in a connection of their own: an error costs one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.reader.selection import readable

if TYPE_CHECKING:
    import psycopg
    from psycopg import pq

_LONGEST = 1000
"""Characters of one value."""

_WHOLE = {20, 21, 23, 26}
_FRACTIONAL = {700, 701}
_BOOLEAN = 16
_BYTES = 17
_SHORT = {_BOOLEAN, *_WHOLE, *_FRACTIONAL, 1042, 1082, 1083, 1114, 1184, 1266, 1700, 2950}
"""Oids of types: pg_type.dat of PostgreSQL. Short are numbers, times, UUIDs and `character(n)`,
which loses its blanks when it is cast."""

_UNDO = b"ROLLBACK TO om_ingest; RELEASE om_ingest"


class Samples:
    """Reads some rows of a table, as PostgreSQL prints them; whole numbers stay numbers."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def of(
        self, schema: bytes, relation: bytes, count: int
    ) -> tuple[list[str], list[list[object]]] | None:
        """Names of columns, and rows; None if the user may not read them.

        Raises what psycopg raises.
        """
        from psycopg.errors import InsufficientPrivilege  # the driver is an extra

        place = b"%s.%s AS om_ingest_sample" % (_quoted(schema), _quoted(relation))
        try:
            cursor = self._connection.execute(
                b"SAVEPOINT om_ingest; SELECT * FROM %s LIMIT 0" % place
            )
            cursor.nextset()
            columns = _columns(cursor.pgresult)
            cursor = self._connection.execute(
                b"SELECT %s FROM %s LIMIT %d" % (columns, place, count)
            )
        except InsufficientPrivilege:
            return None
        finally:
            if not self._connection.broken:
                self._connection.execute(_UNDO)  # this gives the lock back
        result = cursor.pgresult
        if result is None:
            return [], []
        numbers = range(result.nfields)
        names = [_text(result.fname(number) or b"") for number in numbers]
        types = [result.ftype(number) for number in numbers]
        rows = [
            [_value(result.get_value(row, number), types[number]) for number in numbers]
            for row in range(result.ntuples)
        ]
        return names, rows

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _columns(shape: pq.abc.PGresult | None) -> bytes:
    """The columns of a table, of which the server sends no more than is shown."""
    columns: list[bytes] = []
    if shape is None:
        return b""
    for number in range(shape.nfields):
        name, kind = _quoted(shape.fname(number) or b""), shape.ftype(number)
        if kind == _BYTES:
            columns.append(b"pg_catalog.substring(%s, 1, %d) AS %s" % (name, _LONGEST, name))
        elif kind in _SHORT:
            columns.append(name)
        else:
            columns.append(b'pg_catalog."left"(%s::text, %d) AS %s' % (name, _LONGEST + 1, name))
    return b", ".join(columns)


def _value(raw: bytes | None, oid: int) -> object:
    if raw is None:
        return None
    text = _text(raw)
    if oid == _BOOLEAN:
        return text == "t"
    if oid in _WHOLE:
        return int(text)
    if oid in _FRACTIONAL and text.lstrip("-")[:1].isdigit():  # neither NaN nor Infinity
        return float(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(raw: bytes) -> str:
    return readable(raw.decode(errors="surrogateescape"))


def _quoted(name: bytes) -> bytes:
    return b'"' + name.replace(b'"', b'""') + b'"'
