"""Sample rows of tables, in a connection of their own: an error costs one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

_LONGEST = 1000
"""Characters of one value."""

_WHOLE = {20, 21, 23, 26}
_FRACTIONAL = {700, 701}
_BOOLEAN = 16
"""Oids of types: pg_type.dat of PostgreSQL."""

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

        self._connection.execute(b"SAVEPOINT om_ingest")
        try:
            cursor = self._connection.execute(
                b"SELECT * FROM %s.%s AS om_ingest_sample LIMIT %d"
                % (_quoted(schema), _quoted(relation), count)
            )
        except InsufficientPrivilege:
            return None
        finally:
            if not self._connection.broken:
                self._connection.execute(_UNDO)  # this gives the lock back
        result = cursor.pgresult
        if result is None:
            return [], []
        columns = range(result.nfields)
        names = [_text(result.fname(column) or b"") for column in columns]
        types = [result.ftype(column) for column in columns]
        rows = [
            [_value(result.get_value(row, column), types[column]) for column in columns]
            for row in range(result.ntuples)
        ]
        return names, rows

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


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
    return raw.decode(errors="replace").replace("\0", "")


def _quoted(name: bytes) -> bytes:
    return b'"' + name.replace(b'"', b'""') + b'"'
