"""Types of SQLAlchemy as texts, and what they are in OpenMetadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.mysql.datatypes import TYPES as MYSQL
from metadata.ingestion.source.database.sql_databases.postgres.datatypes import TYPES as POSTGRES
from metadata.ingestion.source.database.sql_databases.reader.types import parsed
from om_ingest.model import DataType

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

_COLLATION = re.compile(r"\s+(?:CHARACTER SET|COLLATE)\s+(?:\"[^\"]*\"|\S+)", re.IGNORECASE)

_NAMES = {
    "bool": DataType.BOOLEAN,
    "datetime2": DataType.DATETIME,
    "smalldatetime": DataType.DATETIME,
    "datetimeoffset": DataType.TIMESTAMPZ,
    "double precision": DataType.DOUBLE,
    "integer": DataType.INT,
    "hugeint": DataType.LARGEINT,
    "jsonb": DataType.JSON,
    "long raw": DataType.BLOB,
    "nclob": DataType.CLOB,
    "raw": DataType.VARBINARY,
    "real": DataType.FLOAT,
    "rowversion": DataType.BINARY,
    "smallmoney": DataType.MONEY,
    "timestamp_ntz": DataType.TIMESTAMP,
    "timestamp_ltz": DataType.TIMESTAMPZ,
    "timestamp_tz": DataType.TIMESTAMPZ,
    "timestamp with local time zone": DataType.TIMESTAMPZ,
    "tinyblob": DataType.BLOB,
    "tinytext": DataType.TEXT,
    "uniqueidentifier": DataType.UUID,
    "object": DataType.VARIANT,
}
_SAME = {
    kind.value.lower(): kind
    for kind in DataType
    if kind not in (DataType.NULL, DataType.ERROR, DataType.UNKNOWN, DataType.TABLE)
}
"""Types of databases that are called as OpenMetadata calls them."""

_CLASSES = (
    ("Enum", DataType.ENUM),
    ("Boolean", DataType.BOOLEAN),
    ("BigInteger", DataType.BIGINT),
    ("SmallInteger", DataType.SMALLINT),
    ("Integer", DataType.INT),
    ("Double", DataType.DOUBLE),
    ("Float", DataType.FLOAT),
    ("Numeric", DataType.NUMERIC),
    ("DateTime", DataType.TIMESTAMP),
    ("Date", DataType.DATE),
    ("Time", DataType.TIME),
    ("Interval", DataType.INTERVAL),
    ("VARBINARY", DataType.VARBINARY),
    ("BINARY", DataType.BINARY),
    ("LargeBinary", DataType.BLOB),
    ("JSON", DataType.JSON),
    ("Uuid", DataType.UUID),
    ("Text", DataType.TEXT),
    ("CHAR", DataType.CHAR),
    ("NCHAR", DataType.CHAR),
    ("String", DataType.VARCHAR),
)
"""Generic classes of SQLAlchemy, narrow ones first (SQLAlchemy, "The Type Hierarchy")."""


class Types(dict[str, DataType]):
    """Names of types in lower case; it learns those that no table has from their classes."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__({**POSTGRES, **MYSQL, **_SAME, **_NAMES})
        self._dialect = dialect

    def text(self, kind: Any, name: str = "") -> str:
        """A type as the dialect writes it; `name` is what the database calls an unknown one."""
        from sqlalchemy import exc, types  # the driver is an extra

        if isinstance(kind, types.NullType):
            return name or "unknown"
        try:
            text = kind.compile(dialect=self._dialect)
        except (exc.SQLAlchemyError, AttributeError, NotImplementedError, TypeError):
            text = repr(kind)  # some types of dialects are for reading only
        text = _COLLATION.sub("", str(text))
        self._learn(text, kind)
        return text

    def labels(self, kind: Any) -> tuple[str, ...]:
        """The values of an enum; none of other types."""
        found = getattr(kind, "enums", None) or getattr(kind, "values", None)
        return tuple(map(str, found)) if isinstance(found, (list, tuple)) else ()

    def base(self, kind: Any) -> str | None:
        """What the domain of a database stands for; None of other types."""
        inner = getattr(kind, "data_type", None)
        return self.text(inner) if inner is not None and hasattr(inner, "compile") else None

    def _learn(self, text: str, kind: Any) -> None:
        found = parsed(text)
        while (inner := getattr(kind, "item_type", getattr(kind, "data_type", None))) is not None:
            kind = inner  # the element of an array, what a domain stands for
        words = found.name.split(" ")
        if found.members or any(" ".join(words[:n]) in self for n in range(1, len(words) + 1)):
            return  # the reader knows it, without the words behind
        from sqlalchemy import types  # the driver is an extra

        for name, meaning in _CLASSES:
            if isinstance(kind, getattr(types, name, ())):
                if meaning is DataType.TIMESTAMP and getattr(kind, "timezone", False):
                    meaning = DataType.TIMESTAMPZ
                self[found.name] = meaning
                return


_UNKNOWN = re.compile(r"Did not recognize type '(.+?)' of column '(.+?)'$", re.DOTALL)


def unknown_types(messages: Iterator[str]) -> dict[str, str]:
    """Names of unknown types by column, from the warnings of SQLAlchemy, where they are clear."""
    names: dict[str, set[str]] = {}
    for message in messages:
        if found := _UNKNOWN.search(message):
            names.setdefault(found[2], set()).add(found[1])
    return {column: next(iter(found)) for column, found in names.items() if len(found) == 1}
