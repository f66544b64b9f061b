"""Types of columns as sources name them: `column_type_parser` of the framework's databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from om_ingest.model import DataType

_NAMES = """
    BIGINT BIGSERIAL INT8 INT16 INT32 INT64 INT128 INT256 UINT8 UINT16 UINT32 UINT64 UINT128 UINT256
    SMALLINT INT2 UINT2 SMALLSERIAL
    INT INTEGER INT1 INT4 UINT UINT4 MEDIUMINT SERIAL
    FLOAT REAL FLOAT4 FLOAT32 BINARY_FLOAT FLTP
    DOUBLE DOUBLE_PRECISION DOUBLE|PRECISION FLOAT8 FLOAT64 BINARY_DOUBLE
    DECIMAL DEC CURR QUAN
    NUMERIC BIGNUMERIC
    NUMBER SMALLMONEY ROWVERSION
    BOOLEAN BOOL
    CHAR NCHAR BPCHAR CHARACTER
    VARCHAR NVARCHAR VARCHAR2 NVARCHAR2 CHARACTER|VARYING LONG|VARCHAR ROWID UROWID
    STRING STR WSTR STRG
    TEXT LONGTEXT TINYTEXT
    CLOB NCLOB
    BINARY RAW LONG|RAW BFILE CURSOR GUID
    VARBINARY BINARY|VARYING SQL_VARIANT
    BLOB TINYBLOB
    DATE DATS DBDATE
    DATETIME DATETIME2 DATETIME64 DATETIMEOFFSET SMALLDATETIME
    TIME TIMS DBTIME TIME|WITH|TIME|ZONE TIME|WITHOUT|TIME|ZONE
    TIMESTAMP TIMESTAMPTZ TIMETZ TIMESTAMP_NTZ TIMESTAMP_LTZ TIMESTAMP_TZ DBTIMESTAMP
        TIMESTAMP|WITH|TIME|ZONE TIMESTAMP|WITHOUT|TIME|ZONE
    INTERVAL INTERVAL|DAY|TO|SECOND INTERVAL|YEAR|TO|MONTH
    JSON JSONB OBJECT VARIANT
    STRUCT RECORD ROW
    XML XMLTYPE
    GEOMETRY POINT POLYGON BOX CIRCLE LINE LSEG PATH
    MACADDR MACADDR8
    UNION UNIONTYPE
    NULL VOID
"""
"""One a line: a type of OpenMetadata, and what sources call it; `|` stands for a blank."""

_TYPES = {member.value: member.value for member in DataType}
for _line in _NAMES.replace("\n        ", " ").split("\n"):
    _type, *_others = _line.replace("|", "\0").split() or [""]
    _TYPES.update({_other.replace("\0", " "): _type for _other in _others})


class ColumnTypeParser:
    """Makes types of OpenMetadata from the names that sources have for types."""

    @staticmethod
    def get_column_type(column_type: Any) -> str:
        """The type of a name such as `varchar(20)`, or of a type of SQLAlchemy; else `UNKNOWN`."""
        return ColumnTypeParser.get_source_type_contains_brackets(column_type) or "UNKNOWN"

    @staticmethod
    def get_source_type_mapping(column_type: Any) -> str | None:
        """The type of a name without arguments, in capitals; None if it is not known."""
        return _TYPES.get(str(column_type))

    get_column_type_mapping = get_source_type_mapping

    @staticmethod
    def get_source_type_contains_brackets(column_type: Any) -> str | None:
        """The type of a name, whatever stands in its brackets; None if it is not known."""
        return _TYPES.get(re.split(r"[(<]", str(column_type), maxsplit=1)[0].strip().upper())

    @staticmethod
    def is_primitive_om_type(raw_type: str) -> bool:
        """Whether a type in small letters has no parts."""
        return not raw_type.startswith(("struct", "map", "array", "uniontype"))

    @staticmethod
    def check_col_precision(datatype: str | None, col_raw_type: Any) -> tuple[str, ...] | None:
        """What stands in the brackets of a number, e.g. `("10", "2")`; None if nothing does."""
        found = re.search(r"\((.+)\)", str(col_raw_type))
        if (datatype or "").upper() not in ("NUMERIC", "DECIMAL", "DOUBLE", "FLOAT", "NUMBER"):
            return None
        return tuple(re.split(r"\s*,\s*", found[1])) if found else None

    @staticmethod
    def _parse_datatype_string(data_type: str, **_: Any) -> Any:
        """The fields of a column of a type as Hive writes it: `array<struct<a:int>>`.

        A list of them for a union. Raises `ValueError` for brackets that do not match.
        """
        return _parsed(data_type)

    @staticmethod
    def _parse_primitive_datatype_string(dtype: str) -> dict[str, Any]:
        """The fields of a column of a type without parts."""
        return _primitive(dtype)


def _parsed(data_type: str) -> Any:
    text = data_type.lower().replace(" ", "")
    kind, bracket, rest = text.partition("<")
    if bracket and not text.endswith(">"):
        raise ValueError(f"'>' is expected at the end of {data_type}")
    inner = rest[:-1]
    if kind == "array" and bracket:
        return _array(inner, text)
    if kind == "map" and bracket:
        if len(list(_split(inner))) != 2:
            raise ValueError(f"a map has two types, and {data_type} has not")
        return {"dataType": "MAP", "dataTypeDisplay": text}
    if kind in ("union", "uniontype") and bracket:
        return [_parsed(part) for part in _split(inner)]
    if kind == "struct" and bracket:
        return _struct(inner)
    return _struct(text) if ":" in text else _primitive(text)


def _array(inner: str, text: str) -> dict[str, Any]:
    kind = ColumnTypeParser.get_column_type(inner)
    fields = {"dataType": "ARRAY", "arrayDataType": kind, "dataTypeDisplay": text}
    if kind == "STRUCT":
        fields["children"] = _parsed(inner)["children"]
    return fields


def _struct(inner: str) -> dict[str, Any]:
    children = []
    for part in _split(inner):
        name, colon, kind = part.partition(":")
        if not colon or not kind:
            raise ValueError(f"a field of a struct is 'name:type', and {part!r} is not")
        child = _parsed(kind)
        children.append({**child, "name": name.strip("`")})
    display = f"struct<{inner or 'unknown'}>"
    return {"children": children, "dataTypeDisplay": display, "dataType": "STRUCT"}


def _primitive(text: str) -> dict[str, Any]:
    kind = ColumnTypeParser.get_column_type(text)
    is_decimal = kind in ("DECIMAL", "NUMERIC")
    fields: dict[str, Any] = {"dataType": kind, "dataTypeDisplay": text if is_decimal else kind}
    numbers = [int(number) for number in re.findall(r"\d+", text.partition("(")[2])]
    if text.upper() in _TYPES:
        fields["dataTypeDisplay"] = text
    elif is_decimal and len(numbers) == 2:
        fields["precision"], fields["scale"] = numbers
    elif not is_decimal:
        fields["dataLength"] = numbers[0] if numbers else 1
    return fields


def _split(text: str) -> Iterator[str]:
    """The parts between the commas that are in no brackets."""
    part, depth = "", 0
    for letter in text:
        depth += (letter in "<(") - (letter in ">)")
        if depth < 0:
            raise ValueError(f"the brackets of {text} do not match")
        if letter == "," and not depth:
            yield part
            part = ""
        else:
            part += letter
    if part:
        yield part


def truncate_column_name(col_name: str) -> str:
    """The first 256 characters of a name: a column has no longer one (contract §5)."""
    return col_name[:256]
