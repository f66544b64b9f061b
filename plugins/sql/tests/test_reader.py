"""The reader: texts of types, and the merging of streams."""

from __future__ import annotations

from typing import Any

import pytest
from metadata.ingestion.source.database.sql_databases.postgres.datatypes import TYPES
from metadata.ingestion.source.database.sql_databases.reader.merging import Groups
from metadata.ingestion.source.database.sql_databases.reader.rows import ColumnRow
from metadata.ingestion.source.database.sql_databases.reader.types import fields_of, parsed
from om_ingest import SourceError


def shown(fields: dict[str, Any]) -> str:
    """The fields of a column in one line."""
    text = str(fields["dataType"].value)
    if "arrayDataType" in fields:
        text += f" of {fields['arrayDataType'].value}"
    sizes = [str(fields[key]) for key in ("dataLength", "precision", "scale") if key in fields]
    text += f"({','.join(sizes)})" if sizes else ""
    if "children" in fields:
        members = ", ".join(f"{one['name']}: {shown(one)}" for one in fields["children"])
        text += f" {{{members}}}"
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numeric(10,2)[]", "ARRAY of NUMERIC"),
        ("integer[3][]", "ARRAY of ARRAY"),
        ("numeric(3,-2)", "NUMERIC(3)"),
        ("numeric(2,5)", "NUMERIC(2)"),
        ("timestamp(3) with time zone", "TIMESTAMPZ"),
        ("character varying", "TEXT"),
        ("character varying(0)", "TEXT"),
        ("interval day to second(3)", "INTERVAL"),
        ("bit varying(8)", "BIT(8)"),
        ("int unsigned zerofill", "INT"),
        ("public.geometry(Point,4326)", "GEOMETRY"),
        ('"My Types"."of (mine"', "UNKNOWN"),
        (
            'STRUCT(a INTEGER, "b ""c" VARCHAR(5)[], d STRUCT(e DOUBLE PRECISION))',
            'STRUCT {a: INT, b "c: ARRAY of VARCHAR, d: STRUCT {e: DOUBLE}}',
        ),
        ("MAP(VARCHAR(3), BIGINT[])", "MAP {key: VARCHAR(3), value: ARRAY of BIGINT}"),
        ("array<struct<a:int,b:array<text>>>", "ARRAY of STRUCT {a: INT, b: ARRAY of TEXT}"),
        ("row(bigint, timestamp with time zone)", "STRUCT {-: BIGINT, -2: TIMESTAMPZ}"),
        ("struct()", "RECORD"),
        ("enum('a','b) c', 'it''s')", "ENUM"),
        ("", "UNKNOWN"),
        ("numeric(", "UNKNOWN"),
        ("((('", "UNKNOWN"),
        ("a" * 100_000, "UNKNOWN"),
        ("struct(a " * 3_000, "UNKNOWN"),
    ],
    ids=lambda text: text[:30],
)
def test_a_text_of_a_type_is_taken_apart(text: str, expected: str) -> None:
    """Sizes, elements and members come from the text; what is no type is unknown, not an error."""
    assert shown(fields_of(parsed(text), TYPES)) == expected


def column(schema: str, relation: str, name: str) -> ColumnRow:
    return ColumnRow(schema, relation, name, "int", is_nullable=True)


def test_rows_find_their_relations() -> None:
    """Relations without rows get none, and rows of relations that nobody wants are passed over."""
    rows = [
        column("a", "t", "1"),
        column("a", "t", "2"),
        column("a", "unwanted", "3"),
        column("b", "T", "4"),
        column("b", "é", "5"),
    ]
    groups = Groups(iter(rows), str)
    wanted = [("a", "s"), ("a", "t"), ("b", "T"), ("b", "a"), ("b", "é"), ("c", "t")]
    found = [[row.name for row in groups.of(*place)] for place in wanted]
    assert found == [[], ["1", "2"], ["4"], [], ["5"], []]


def test_rows_out_of_order_are_an_error() -> None:
    """A database that orders its rows in another way loses no column in silence."""
    groups = Groups(iter([column("a", "b", "1"), column("a", "B", "2")]), str)
    with pytest.raises(SourceError, match=r"a\.B out of order"):
        [groups.of("a", name) for name in ("B", "b", "c")]
