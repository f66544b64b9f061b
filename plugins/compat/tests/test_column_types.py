"""Types of columns from the names that sources have for them."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.model import DataType
from om_ingest_compat.models import model
from om_ingest_compat.shims.column_types import ColumnTypeParser

Column: Any = model("Column")
parsed = ColumnTypeParser._parse_datatype_string  # noqa: SLF001  # connectors call it so


def test_types_of_names() -> None:
    """A name in any case, with or without arguments, has a type of OpenMetadata, or is UNKNOWN."""
    named = {
        "varchar(20)": "VARCHAR",
        "Double precision": "DOUBLE",
        "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
        "jsonb": "JSON",
        "array<int>": "ARRAY",
        "Nothing": "UNKNOWN",
        **{member.value: member.value for member in DataType if member.value not in OTHERS},
        **OTHERS,
    }
    assert {name: ColumnTypeParser.get_column_type(name) for name in named} == named
    assert set(named.values()) <= {member.value for member in DataType}
    assert ColumnTypeParser.get_source_type_mapping("INTEGER") == "INT"
    assert ColumnTypeParser.get_source_type_mapping("integer(4)") is None
    assert ColumnTypeParser.check_col_precision("decimal", "decimal(10, 2)") == ("10", "2")
    assert ColumnTypeParser.check_col_precision("varchar", "varchar(10)") is None
    assert not ColumnTypeParser.is_primitive_om_type("map<string,int>")


OTHERS = {
    "POINT": "GEOMETRY",
    "POLYGON": "GEOMETRY",
    "RECORD": "STRUCT",
    "ROWID": "VARCHAR",
    "UINT": "INT",
    "VARIANT": "JSON",
}
"""What is a type of OpenMetadata, and is read as another one."""


def test_columns_of_types() -> None:
    """Types with parts, as Hive writes them, become the fields of a column."""
    fields = parsed("array<struct<id: int, price: decimal(10,2), tags: array<varchar(8)>>>")
    column = Column(name="lines", **fields)
    assert (column.dataType, column.arrayDataType) == (DataType.ARRAY, DataType.STRUCT)
    number, price, tags = column.children
    assert (number.name, number.dataType, number.dataTypeDisplay) == ("id", DataType.INT, "int")
    assert (price.dataType, price.precision, price.scale) == (DataType.DECIMAL, 10, 2)
    assert (tags.arrayDataType, tags.dataTypeDisplay) == (DataType.VARCHAR, "array<varchar(8)>")
    assert parsed("char(3)") == {
        "dataType": "CHAR",
        "dataTypeDisplay": "CHAR",
        "dataLength": 3,
    }
    assert parsed("map<string,int>") == {"dataType": "MAP", "dataTypeDisplay": "map<string,int>"}
    assert [part["dataType"] for part in parsed("uniontype<int,string>")] == ["INT", "STRING"]
    for wrong in ("array<int", "map<int>", "struct<a>", "map<a>>,b>"):
        with pytest.raises(ValueError, match=r"expected|has not|is not|do not match"):
            parsed(wrong)
