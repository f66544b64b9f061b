"""Records on a line: what is written can be read, and what cannot says why."""

from __future__ import annotations

import json

import pytest
from om_ingest import (
    CreateDatabaseSchemaRequest,
    CreateTableRequest,
    EntityReference,
    Record,
    RecordError,
    ScopeComplete,
)
from om_ingest.model import AddLineageRequest, Column, DataType, EntitiesEdge, Table
from om_ingest.model.records import decode, encode, label

TABLE = CreateTableRequest(
    name="t",
    databaseSchema="s.d.c",
    columns=[
        Column(
            name="x",
            dataType=DataType.STRUCT,
            children=[Column(name="y", dataType=DataType.INT)],
        )
    ],
    description="ünïcødé\nand a line",
)
EDGE = AddLineageRequest(
    edge=EntitiesEdge(
        fromEntity=EntityReference(type="table", fullyQualifiedName="s.d.c.t"),
        toEntity=EntityReference(type="table", fullyQualifiedName="s.d.c.u"),
    )
)
RECORDS = [TABLE, EDGE, CreateDatabaseSchemaRequest(name="c", database="s.d")]
RECORDS.append(ScopeComplete("s.d.c", Table))  # type: ignore[arg-type]  # the list is of records


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_decode_reverses_encode(record: Record) -> None:
    """A record survives the line it is written on."""
    line = encode(record)
    assert b"\n" not in line
    assert decode(line) == record


def test_fields_without_value_are_left_out() -> None:
    """None is not written: a server would take it for a change."""
    assert json.loads(encode(CreateDatabaseSchemaRequest(name="c", database="s.d"))) == {
        "type": "databaseSchema",
        "record": {"name": "c", "database": "s.d"},
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "Not a line of JSON"),
        (b"[]", "Not a record"),
        (b"null", "Not a record"),
        (b'{"type": "table"}', "Not a record"),
        (b'{"type": "persona", "record": {}}', "Unknown record type 'persona'"),
        (b'{"type": ["table"], "record": {}}', "Unknown record type"),
        (b'{"type": "table", "record": {"nme": "t"}}', "Not a valid table: name: Field required"),
        (b'{"type": "scopeComplete", "record": {"entity": "x"}}', "Not an entity type: 'x'"),
        (b"\xff", "Not a line of JSON"),
    ],
)
def test_decode_says_what_is_wrong(line: bytes, said: str) -> None:
    """A line that holds no record is a `RecordError` that says why."""
    with pytest.raises(RecordError) as caught:
        decode(line)
    assert said in caught.value.what


def test_value_that_json_does_not_have() -> None:
    """A record that cannot be written is a `RecordError`, not a pydantic one."""
    record = TABLE.model_copy(update={"extension": {"handle": object()}})
    with pytest.raises(RecordError, match="Cannot be written as JSON"):
        encode(record)


def test_labels() -> None:
    """A label names a record in a few words, whatever it is."""
    labels = [label(record) for record in RECORDS]
    assert labels == [
        "table s.d.c.t",
        "lineage s.d.c.t -> s.d.c.u",
        "databaseSchema s.d.c",
        "end of table in s.d.c",
    ]
    assert label("x" * 500) == f"str {'x' * 80!r}"


def test_scope_of_no_entity() -> None:
    """What is complete is a class of entities: its name alone is refused, with the remedy."""
    with pytest.raises(RecordError, match="names 'table', which is no entity"):
        ScopeComplete("s.d.x", "table")  # type: ignore[arg-type]  # on purpose
