"""Declared SQLite types as OpenMetadata data types.

SQLite takes any text for a type and derives only an affinity from it
(https://sqlite.org/datatype3.html §3.1). Programs mean more by it than that, so well-known
names keep their meaning, and only the rest falls back to the affinity.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from om_ingest.model import DataType

_INT32_MAX = 2**31 - 1  # dataLength, precision and scale are 32-bit integers on the server

_NAMES: dict[DataType, str] = {
    DataType.TINYINT: "TINYINT",
    DataType.SMALLINT: "SMALLINT, INT2, INT16, SMALLSERIAL, SHORT",
    DataType.INT: "INT, INTEGER, INT4, INT32, MEDIUMINT, SERIAL",
    DataType.BIGINT: "BIGINT, BIG INT, INT8, INT64, BIGSERIAL, LONG",
    DataType.UINT: "UINT, UINT8, UINT16, UINT32, UINT64",
    DataType.BOOLEAN: "BOOLEAN, BOOL",
    DataType.BIT: "BIT",
    DataType.FLOAT: "FLOAT, FLOAT4, REAL",
    DataType.DOUBLE: "DOUBLE, DOUBLE PRECISION, FLOAT8",
    DataType.DECIMAL: "DECIMAL, DEC",
    DataType.NUMERIC: "NUMERIC, NUM",
    DataType.NUMBER: "NUMBER",
    DataType.MONEY: "MONEY, SMALLMONEY, CURRENCY",
    DataType.CHAR: "CHAR, CHARACTER, NCHAR, NATIVE CHARACTER, NATIONAL CHARACTER, BPCHAR",
    DataType.VARCHAR: "VARCHAR, VARCHAR2, NVARCHAR, NVARCHAR2, VARYING CHARACTER,"
    " CHARACTER VARYING, CHAR VARYING, NATIONAL CHARACTER VARYING, NATIONAL VARCHAR",
    DataType.STRING: "STRING",
    DataType.TEXT: "TEXT, TINYTEXT, LONGTEXT, LONGVARCHAR, LONG VARCHAR, CITEXT",
    DataType.MEDIUMTEXT: "MEDIUMTEXT",
    DataType.NTEXT: "NTEXT",
    DataType.CLOB: "CLOB, NCLOB",
    DataType.BLOB: "BLOB, TINYBLOB",
    DataType.MEDIUMBLOB: "MEDIUMBLOB",
    DataType.LONGBLOB: "LONGBLOB",
    DataType.BINARY: "BINARY",
    DataType.VARBINARY: "VARBINARY, BINARY VARYING",
    DataType.BYTEA: "BYTEA",
    DataType.IMAGE: "IMAGE",
    DataType.DATE: "DATE",
    DataType.TIME: "TIME, TIMETZ, TIME WITHOUT TIME ZONE, TIME WITH TIME ZONE",
    DataType.DATETIME: "DATETIME, DATETIME2, SMALLDATETIME",
    DataType.TIMESTAMP: "TIMESTAMP, TIMESTAMP WITHOUT TIME ZONE",
    DataType.TIMESTAMPZ: "TIMESTAMPTZ, TIMESTAMP WITH TIME ZONE, DATETIMEOFFSET",
    DataType.INTERVAL: "INTERVAL",
    DataType.YEAR: "YEAR",
    DataType.JSON: "JSON, JSONB",
    DataType.XML: "XML",
    DataType.UUID: "UUID, GUID, UNIQUEIDENTIFIER",
    DataType.INET: "INET",
    DataType.CIDR: "CIDR",
    DataType.MACADDR: "MACADDR",
    DataType.GEOMETRY: "GEOMETRY, LINESTRING, MULTIPOINT, MULTILINESTRING, MULTIPOLYGON,"
    " GEOMETRYCOLLECTION",
    DataType.GEOGRAPHY: "GEOGRAPHY",
    DataType.POINT: "POINT",
    DataType.POLYGON: "POLYGON",
    DataType.VARIANT: "ANY",
    DataType.UNKNOWN: "",
}
_TYPES = {name: kind for kind, names in _NAMES.items() for name in names.split(", ")}

# The first of these that occurs anywhere in the type decides: section 3.1 of the page above.
_AFFINITIES = (
    ("INT", DataType.INT),
    ("CHAR", DataType.TEXT),
    ("CLOB", DataType.TEXT),
    ("TEXT", DataType.TEXT),
    ("BLOB", DataType.BLOB),
    ("REAL", DataType.DOUBLE),
    ("FLOA", DataType.DOUBLE),
    ("DOUB", DataType.DOUBLE),
)
_ARGUMENTS = re.compile(r"\(([^)]*)\)?")
_NUMBERS = re.compile(r"\s*(\d{1,10})\s*(?:,\s*(\d{1,10})\s*)?", re.ASCII)
_QUALIFIERS = re.compile(r"\b(?:UN)?SIGNED\b|\bZEROFILL\b")

# The server wants a length for these; SQLite allows them without, and means any length.
_WITHOUT_LENGTH = {
    DataType.CHAR: DataType.TEXT,
    DataType.VARCHAR: DataType.TEXT,
    DataType.BINARY: DataType.BLOB,
    DataType.VARBINARY: DataType.BLOB,
}
_WITH_PRECISION = frozenset(
    {DataType.DECIMAL, DataType.NUMERIC, DataType.NUMBER, DataType.FLOAT, DataType.DOUBLE}
)


class ColumnType(NamedTuple):
    """A data type with its sizes, as the fields of a `Column` want them."""

    data_type: DataType
    length: int | None = None
    """Characters or bytes."""
    precision: int | None = None
    """Digits in all."""
    scale: int | None = None
    """Digits after the point; never without a precision, never larger than it."""


def column_type(declared: str) -> ColumnType:
    """The data type that a column's declared type stands for; any text has one."""
    kind = _data_type(declared)
    first, second = _numbers(declared)
    if kind in _WITHOUT_LENGTH:
        return ColumnType(kind, first) if first else ColumnType(_WITHOUT_LENGTH[kind])
    if kind in _WITH_PRECISION and first and (second is None or second <= first):
        return ColumnType(kind, None, first, second)
    return ColumnType(kind)


def _data_type(declared: str) -> DataType:
    words = " ".join(_ARGUMENTS.sub(" ", declared).upper().split())
    plain = " ".join(_QUALIFIERS.sub(" ", words).split())
    for name in (words, plain or words):
        if name in _TYPES:
            return _TYPES[name]
    for fragment, kind in _AFFINITIES:
        if fragment in words:
            return kind
    return DataType.NUMERIC


def _numbers(declared: str) -> tuple[int | None, int | None]:
    arguments = _ARGUMENTS.search(declared)
    numbers = _NUMBERS.fullmatch(arguments[1]) if arguments else None
    if numbers is None:
        return None, None
    first, second = (int(digits) if digits else None for digits in numbers.groups())
    if max(first or 0, second or 0) > _INT32_MAX:
        return None, None
    return first, second
