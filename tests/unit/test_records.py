"""Records on a line: what is written can be read, and what cannot says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from om_ingest import (
    CreateDatabaseSchemaRequest,
    CreateTableRequest,
    EntityReference,
    Record,
    RecordError,
    ScopeComplete,
)
from om_ingest.kinds import decode, encode, label
from om_ingest.model import (
    AddLineageRequest,
    AddPipelineStatusRequest,
    AddSampleDataRequest,
    AddTableProfileRequest,
    AddUsageRequest,
    AttachmentRequest,
    Column,
    CreateQueryRequest,
    CreateTableProfileRequest,
    DataType,
    EntitiesEdge,
    LineageDetails,
    LoggedQueryRequest,
    Pipeline,
    PipelineStatus,
    StatusType,
    Table,
    TableData,
    TableProfile,
    TopicSampleData,
    UsageRequest,
)
from om_ingest.model.entity import CreateRequest
from om_ingest.store import Outcome
from om_ingest.workflow.references import References, UnresolvedError
from om_ingest.workflow.tally import Tally, entity_type_of
from om_ingest_catalog import Attachments, Catalog
from om_ingest_testing import OpenMetadataDouble

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
ORDERS = EntityReference(type="table", fullyQualifiedName="s.d.c.t")
TIME = 1_700_000_000_000
ATTACHMENTS: list[AttachmentRequest] = [
    AddSampleDataRequest(entity=ORDERS, sampleData=TableData(columns=["x"], rows=[[1], [None]])),
    AddSampleDataRequest(
        entity=EntityReference(type="topic", fullyQualifiedName="m.t"),
        sampleData=TopicSampleData(messages=["é"]),
    ),
    AddPipelineStatusRequest(
        pipeline="p.load",
        pipelineStatus=PipelineStatus(timestamp=TIME, executionStatus=StatusType.Failed),
    ),
    AddTableProfileRequest(
        table="s.d.c.t",
        profile=CreateTableProfileRequest(tableProfile=TableProfile(timestamp=TIME, rowCount=7)),
    ),
    AddUsageRequest(entity=ORDERS, usage=UsageRequest(date="2024-01-01", count=3)),
]
RECORDS: list[Record] = [TABLE, EDGE, CreateDatabaseSchemaRequest(name="c", database="s.d")]
RECORDS.append(ScopeComplete("s.d.c", Table))
RECORDS += ATTACHMENTS


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
        (
            b'{"type": "table", "record": {"nme": "t"}}',
            "Not a valid table: name: this key is required",
        ),
        (b'{"type": "scopeComplete", "record": {"entity": "x"}}', "Not an entity type: 'x'"),
        (b"\xff", "Not a line of JSON"),
        (b"[" * 100_000, "Not a line of JSON"),
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


def test_a_query_of_a_log_is_stored_as_a_query() -> None:
    """What only processors get to know is in no line; files and stores have the query."""
    logged = LoggedQueryRequest(
        query="select 1",
        service="s",
        executions={"2026-01-31": 3},
        database="d",
        databaseSchema="x",
    )
    plain = CreateQueryRequest(query="select 1", service="s")
    assert encode(logged) == encode(plain)
    assert decode(encode(logged)) == plain


def test_labels() -> None:
    """A label names a record in a few words, whatever it is."""
    labels = [label(record) for record in RECORDS]
    assert labels == [
        "table s.d.c.t",
        "lineage s.d.c.t -> s.d.c.u",
        "databaseSchema s.d.c",
        "end of table in s.d.c",
        "sampleData of table s.d.c.t",
        "sampleData of topic m.t",
        "pipelineStatus of pipeline p.load",
        "tableProfile of table s.d.c.t",
        "usage of table s.d.c.t",
    ]
    assert label("x" * 500) == f"str {'x' * 500!r}"  # masked before it is cut: Redactor.label


def test_scope_of_no_entity() -> None:
    """What is complete is a class of entities: its name alone is refused, with the remedy."""
    with pytest.raises(RecordError, match="names 'table', which is no entity"):
        ScopeComplete("s.d.x", "table")  # type: ignore[arg-type]  # on purpose


def test_what_lies_beside_an_entity_has_an_identity() -> None:
    """Two records that replace each other have one identity; other times and days have another."""
    identities = [record.identity for record in ATTACHMENTS]
    assert identities == [
        "table:s.d.c.t",
        "topic:m.t",
        f"pipeline:p.load {TIME}",
        f"table:s.d.c.t {TIME}",
        "table:s.d.c.t 2024-01-01",
    ]


def test_samples_have_one_of_two_shapes() -> None:
    """Rows and messages are told apart, also when they are read from a file."""
    shapes = [
        type(decode(encode(record)).sampleData)  # type: ignore[union-attr]  # these two have some
        for record in ATTACHMENTS[:2]
    ]
    assert shapes == [TableData, TopicSampleData]


@pytest.fixture
def shop(make: Callable[..., CreateRequest]) -> list[Record]:
    """What the records above are put beside: table, topic and pipeline."""
    return [
        make("databaseService", name="s"),
        make("database", name="d", service="s"),
        make("databaseSchema", name="c", database="s.d"),
        TABLE,
        make("messagingService", name="m"),
        make("topic", name="t", service="m"),
        make("pipelineService", name="p"),
        make("pipeline", name="load", service="p", tasks=None),
    ]


def test_records_beside_entities_are_written_once(shop: list[Record]) -> None:
    """Each is created, unchanged when it comes again, and a failure when its entity is missing."""
    with Catalog.temporary() as catalog:
        missing = catalog.write(ATTACHMENTS)
        assert {result.outcome for result in missing} == {Outcome.FAILED}
        assert missing[2].reason == (
            "the pipeline p.load does not exist; yield it before its status"
        )
        catalog.write(shop)
        names = ("sampleData", "pipelineStatus", "tableProfile", "usage")
        for outcome in (Outcome.CREATED, Outcome.UNCHANGED):
            tally = Tally()
            for result in catalog.write(ATTACHMENTS):
                tally.settle(result)
            assert tally.by_type == dict(
                zip(((name, outcome) for name in names), (2, 1, 1, 1), strict=True)
            )
        assert [entity_type_of(record) for record in ATTACHMENTS[1:]] == list(names)


def test_entities_given_by_id_become_fqns(shop: list[Record]) -> None:
    """Before sinks see a record, the id of what it is put beside is replaced by its FQN."""
    with Catalog.temporary() as catalog:
        catalog.write(shop)
        table = catalog.get_by_name(Table, "s.d.c.t")
        assert table is not None
        references = References(lambda: catalog, lambda: None)
        for record, field in ((ATTACHMENTS[0], "entity"), (ATTACHMENTS[-1], "entity")):
            for given in (table.reference(), EntityReference(type="table", id=table.id)):
                by_id = record.model_copy(update={field: given})
                assert references.resolved(by_id) == record
        assert references.resolved(ATTACHMENTS[2]) is ATTACHMENTS[2]
        unknown = EntityReference(type="table", id=UUID(int=1))
        with pytest.raises(RecordError, match="There is no table with id"):
            references.resolved(ATTACHMENTS[0].model_copy(update={"entity": unknown}))


def test_a_pipeline_of_an_edge_becomes_portable(shop: list[Record]) -> None:
    """The pipeline that made an edge goes by its FQN too, where the store knows its id.

    An edge with an end that is not there is told with the FQN of the other end.
    """
    with Catalog.temporary() as catalog:
        catalog.write(shop)
        references = References(lambda: catalog, lambda: None)
        pipeline_id = catalog.get_by_name(Pipeline, "p.load").id  # type: ignore[union-attr]  # it is there
        details = LineageDetails(pipeline=EntityReference(type="pipeline", id=pipeline_id))
        edge = EDGE.edge.model_copy(update={"lineageDetails": details})
        resolved = references.resolved(AddLineageRequest(edge=edge))
        assert isinstance(resolved, AddLineageRequest)
        assert resolved.edge.lineageDetails is not None
        assert resolved.edge.lineageDetails.pipeline == EntityReference(
            type="pipeline", fullyQualifiedName="p.load"
        )
        known = EntityReference(type="pipeline", id=pipeline_id)
        for end in ("fromEntity", "toEntity"):
            ends = {"fromEntity": known, "toEntity": known}
            ends[end] = EntityReference(type="table", id=UUID(int=1))
            with pytest.raises(UnresolvedError, match="There is no table with id") as raised:
                references.resolved(AddLineageRequest(edge=EntitiesEdge(**ends)))
            assert "p.load" in label(raised.value.record)


def test_writing_samples_and_runs_at_once(shop: list[Record]) -> None:
    """A store writes a sample or a run when it is told to, and raises if it is refused."""
    samples, status = ATTACHMENTS[0], ATTACHMENTS[2]
    assert isinstance(samples, AddSampleDataRequest)
    assert isinstance(status, AddPipelineStatusRequest)
    with OpenMetadataDouble() as double:
        with pytest.raises(RecordError, match="does not exist"):
            double.add_sample_data(samples)
        with pytest.raises(RecordError, match="does not exist"):
            double.add_pipeline_status(status)
        double.write(shop)
        double.add_sample_data(samples)
        double.add_pipeline_status(status)
        beside = Attachments(double.store)
        assert beside.sample_data("table", "s.d.c.t")["sampleData"]["rows"] == [[1], [None]]
        assert len(beside.pipeline_statuses("p.load")) == 1
