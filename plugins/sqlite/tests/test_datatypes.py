"""Declared types: known names keep their meaning, and no text is without a type."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, strategies as st
from metadata.ingestion.source.database.sqlite_file.datatypes import column_type
from om_ingest.model import Column, DataType


@pytest.mark.parametrize(
    ("declared", "data_type", "sizes"),
    [
        ("INTEGER", "INT", (None, None, None)),
        ("int(11)", "INT", (None, None, None)),
        ("integer unsigned", "INT", (None, None, None)),
        ("UNSIGNED BIG INT", "BIGINT", (None, None, None)),
        ("INT8", "BIGINT", (None, None, None)),
        ("MEDIUMINT", "INT", (None, None, None)),
        ("TINYINT(1)", "TINYINT", (None, None, None)),
        ("VARCHAR(80)", "VARCHAR", (80, None, None)),
        ("varchar", "TEXT", (None, None, None)),
        ("VARCHAR(0)", "TEXT", (None, None, None)),
        ("nvarchar(max)", "TEXT", (None, None, None)),
        ("VARCHAR(99999999999)", "TEXT", (None, None, None)),
        ("VARYING CHARACTER(255)", "VARCHAR", (255, None, None)),
        ("NATIVE CHARACTER(70)", "CHAR", (70, None, None)),
        ("CHARACTER(20)", "CHAR", (20, None, None)),
        ("VARBINARY ( 16 )", "VARBINARY", (16, None, None)),
        ("BINARY", "BLOB", (None, None, None)),
        ("DECIMAL(10,2)", "DECIMAL", (None, 10, 2)),
        ("NUMERIC(5)", "NUMERIC", (None, 5, None)),
        ("DECIMAL(2,10)", "DECIMAL", (None, None, None)),
        ("DECIMAL(10,-2)", "DECIMAL", (None, None, None)),
        ("NUMBER(38, 0)", "NUMBER", (None, 38, 0)),
        ("DOUBLE PRECISION", "DOUBLE", (None, None, None)),
        ("double  \n precision", "DOUBLE", (None, None, None)),
        ("REAL", "FLOAT", (None, None, None)),
        ("DATETIME", "DATETIME", (None, None, None)),
        ("datetime(6)", "DATETIME", (None, None, None)),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPZ", (None, None, None)),
        ("BOOLEAN", "BOOLEAN", (None, None, None)),
        ("bool", "BOOLEAN", (None, None, None)),
        ("JSON", "JSON", (None, None, None)),
        ("CLOB", "CLOB", (None, None, None)),
        ("LONGVARCHAR", "TEXT", (None, None, None)),
        ("ANY", "VARIANT", (None, None, None)),
        ("", "UNKNOWN", (None, None, None)),
        # The affinity rules, with SQLite's own examples: the first match decides.
        ("CHARINT", "INT", (None, None, None)),
        ("FLOATING POINT", "INT", (None, None, None)),
        ("MYTEXT", "TEXT", (None, None, None)),
        ("BLOBBY", "BLOB", (None, None, None)),
        ("REALISTIC", "DOUBLE", (None, None, None)),
        ("UNSIGNED", "NUMERIC", (None, None, None)),
        ("whatever", "NUMERIC", (None, None, None)),
    ],
)
def test_declared_types(declared: str, data_type: str, sizes: tuple[int | None, ...]) -> None:
    """Each declared type has the data type and the sizes that its words stand for."""
    kind = column_type(declared)
    assert (kind.data_type.value, (kind.length, kind.precision, kind.scale)) == (data_type, sizes)


TYPE_TEXTS = st.one_of(
    st.text(),
    st.builds(
        "{} ({},{})".format,
        st.sampled_from(["VARCHAR", "DECIMAL", "CHAR", "FLOAT", "x", "BLOB", "NUMBER"]),
        st.integers(-5, 10**12),
        st.integers(-5, 10**12),
    ),
    st.builds("{}({})".format, st.text("VARCHINTDEMBLO ", max_size=12), st.text(max_size=8)),
)


@given(TYPE_TEXTS)
def test_any_text_gives_a_column_that_a_server_takes(declared: str) -> None:
    """No declared type fails, and each gives a column within the server's rules (§3.0)."""
    kind = column_type(declared)
    column = Column(
        name="c",
        dataType=kind.data_type,
        dataLength=kind.length,
        precision=kind.precision,
        scale=kind.scale,
        dataTypeDisplay=declared,
    )
    sized = {DataType.CHAR, DataType.VARCHAR, DataType.BINARY, DataType.VARBINARY}
    assert column.dataType not in sized or 0 < (column.dataLength or 0) < 2**31
    assert column.dataType not in {DataType.ARRAY, DataType.STRUCT}
    assert column.scale is None or 0 <= column.scale <= (column.precision or -1) < 2**31


@given(st.text("ABCDEFGHILNOPRTUX", min_size=1, max_size=10))
def test_an_unknown_word_follows_sqlites_own_affinity(word: str) -> None:
    """A word that names no type gets the type of the affinity that SQLite itself gives it."""
    kind = column_type("Q" + word).data_type  # no known type starts with a Q
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE t (c Q{word})")
    connection.execute("INSERT INTO t VALUES ('1'), (1.5)")
    stored = [row[0] for row in connection.execute("SELECT typeof(c) FROM t")]
    connection.close()
    assert (
        stored
        == {
            DataType.INT: ["integer", "real"],
            DataType.NUMERIC: ["integer", "real"],
            DataType.DOUBLE: ["real", "real"],
            DataType.TEXT: ["text", "text"],
            DataType.BLOB: ["text", "real"],
        }[kind]
    )
