"""Which names are legal, and how those of tables and columns are rewritten."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from om_ingest import CreateDatabaseRequest, CreateTableRequest
from om_ingest.model import Column, DataType
from om_ingest.model.naming import decode_reserved, encode_reserved
from pydantic import ValidationError


def database(name: str) -> str:
    return CreateDatabaseRequest(name=name, service="s").name


def table(name: str) -> CreateTableRequest:
    return CreateTableRequest(name=name, databaseSchema="s.d.c", columns=[])


@pytest.mark.parametrize(
    "name", ["a", "x" * 256, "a:b", ":a:", "ünïcødé 表", 'say "hi"', "a.b", " ", "a\tb", ">"]
)
def test_legal_names(name: str) -> None:
    """1 to 256 characters of any sort, as they stand."""
    assert database(name) == name


@pytest.mark.parametrize("name", ["", "x" * 257, "a::b", ":::", "a\nb", "a\rb", "a\u2028b"])
def test_illegal_names(name: str) -> None:
    """Empty, too long, `::` or a line break: one message that says the whole rule."""
    with pytest.raises(ValidationError) as caught:
        database(name)
    (finding,) = caught.value.errors()
    assert finding["msg"] == "a name has 1 to 256 characters, no '::' and no line break"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a::b", "a__reserved__colon__b"),
        ("a>b", "a__reserved__arrow__b"),
        ('"a"', "__reserved__quote__a__reserved__quote__"),
        ("a\nb", "a__reserved__newline__b"),
    ],
)
def test_reserved_sequences_of_tables_and_columns(name: str, written: str) -> None:
    """They are rewritten as on the way to a server, and shown as the owner wrote them (§8.2)."""
    request = table(name)
    assert (request.name, request.displayName) == (written, name)
    column = Column(name=name, dataType=DataType.INT)
    assert (column.name, column.displayName) == (written, name)


def test_rewritten_name_may_not_get_too_long() -> None:
    """A name that only becomes too long by rewriting is refused, too."""
    with pytest.raises(ValidationError, match="1 to 256 characters"):
        table('"' * 20)


def test_columns_may_be_long() -> None:
    """A column's name has no upper limit."""
    assert len(Column(name="x" * 1000, dataType=DataType.INT).name) == 1000


def test_assigned_names_are_checked() -> None:
    """A name that is assigned later is checked and rewritten like a given one."""
    request = table("a")
    request.name = 'b"'
    assert request.name == "b__reserved__quote__"
    with pytest.raises(ValidationError):
        request.name = ""


@given(st.text().filter(lambda name: "__reserved__" not in name))
def test_decoding_reverses_encoding(name: str) -> None:
    """`decode_reserved(encode_reserved(name)) == name`."""
    encoded = encode_reserved(name)
    assert decode_reserved(encoded) == name
    assert not any(sequence in encoded for sequence in ("::", ">", '"', "\n", "\r", "\t"))
