"""Records that no sink can keep, and records that are changed later, in every kind of sink.

What is wrong with a record is decided in one place, before any sink: each poison fails alone, for
the same reason everywhere, and its neighbours arrive.
"""

from __future__ import annotations

import datetime
import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    MetadataStore,
    Outcome,
    Record,
    Sink,
    SinkContext,
    Source,
    SourceStatus,
    WorkflowContext,
    WriteResult,
)
from om_ingest.masking import Redactor
from om_ingest.model import (
    AddLineageRequest,
    AddSampleDataRequest,
    Column,
    EntitiesEdge,
    EntityReference,
    Table,
)
from om_ingest.model.entity import Model
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest.sinks import StoreSink
from om_ingest.sinks.console import ConsoleSink
from om_ingest.sinks.jsonl import JsonlSink
from om_ingest.workflow.deadletter import DeadLetters, read
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.pipeline import Pipeline
from om_ingest_catalog import Catalog
from om_ingest_catalog.sink import CatalogSink
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores
from pydantic import BaseModel, model_serializer

from in_process import Client, InProcess
from tests.selection import few

SCHEMA = "s.d.x"


def table(name: str = "bad", **fields: Any) -> CreateTableRequest:
    """A table with one column."""
    columns = [Column(name="a", dataType="INT")]
    return CreateTableRequest(
        **{"name": name, "databaseSchema": SCHEMA, "columns": columns, **fields}
    )


def nested(count: int) -> Column:
    """A column with so many others inside."""
    column = Column(name="a", dataType="INT")
    for _ in range(count):
        column = Column(name="a", dataType="STRUCT", children=[column])
    return column


def deep(count: int) -> Any:
    """So many objects inside each other."""
    value: Any = 1
    for _ in range(count):
        value = {"a": value}
    return value


def circle() -> Any:
    """A list that holds itself."""
    value: list[Any] = []
    value.append(value)
    return value


class Raises:
    """An object of which nothing can be told."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")


def with_extension(value: Any) -> CreateTableRequest:
    """A table with custom properties that were put in behind its back."""
    request = table()
    request.__dict__["extension"] = value
    return request


def changed(change: Callable[[CreateTableRequest], Any]) -> CreateTableRequest:
    """A table that was valid when it was made."""
    request = table()
    change(request)
    return request


# What makes the record -> a part of the reason, which names the place.
POISONS: dict[str, tuple[Callable[[], Any], str]] = {
    "dict in a list": (
        lambda: changed(lambda t: t.columns.append({"name": "b", "dataType": "NOPE"})),  # type: ignore[arg-type]  # the point
        "columns.1.dataType: 'NOPE' is no DataType; list(om",
    ),
    "text in a list": (lambda: changed(lambda t: t.columns.append("b")), "columns.1: "),  # type: ignore[arg-type]  # the point
    "reference in a list": (
        lambda: changed(lambda t: t.__dict__.update(owners=[{"id": 7}])),
        "owners.0.",
    ),
    "wrong type": (lambda: changed(lambda t: t.__dict__.update(columns="none")), "columns: "),
    "number as name": (lambda: changed(lambda t: t.__dict__.update(name=7)), "name: "),
    "field deleted": (
        lambda: changed(lambda t: delattr(t, "columns")),
        "columns: this key is",
    ),
    "name deleted": (lambda: changed(lambda t: delattr(t, "name")), "name: this key is required"),
    "constructed": (lambda: CreateTableRequest.model_construct(name="bad"), "columns: this key"),
    "copy": (lambda: table().model_copy(update={"name": "a\nb"}), "name: a name has 1 to 256"),
    "no name": (lambda: table().model_copy(update={"name": ""}), "name: a name has 1 to 256"),
    "half name": (lambda: table().model_copy(update={"name": "a\udcff"}), "name: half of a"),
    "copy in a copy": (
        lambda: table().model_copy(
            update={"columns": [Column(name="a", dataType="INT").model_copy(update={"name": ""})]}
        ),
        "columns.0.name: ",
    ),
    "out of range": (
        lambda: table(lifeCycle={"created": {"timestamp": 1}}).model_copy(
            update={"sourceHash": "x" * 33}
        ),
        "sourceHash: ",
    ),
    "edge without ends": (
        lambda: AddLineageRequest.model_construct(),
        "edge: this key is",
    ),
    "sample without target": (
        lambda: AddSampleDataRequest.model_construct(sampleData={}),
        "entity: this key is required",
    ),
    "class of its own": (
        lambda: type("Mine", (CreateTableRequest,), {"__annotations__": {"mine": int}})(
            **{**dict(table()), "mine": 3}
        ),
        "mine: unknown key",
    ),
    "columns": (lambda: changed(lambda t: t.columns.append(nested(300))), "columns: it is nested"),
    "columns, less": (
        lambda: changed(lambda t: t.columns.append(nested(60))),
        "columns: it is nested more than 99",
    ),
    "deep": (lambda: with_extension(deep(2000)), "extension: it is nested more than 99"),
    "deep, less": (lambda: with_extension(deep(150)), "extension: it is nested more than 99"),
    "deepest": (lambda: with_extension(deep(100_000)), "extension: it is nested more than 99"),
    "circle": (lambda: with_extension(circle()), "extension: "),
    "NaN": (lambda: with_extension({"a": [math.nan]}), "extension.a[0]: nan is no number in JSON"),
    "infinity": (lambda: with_extension({"a": math.inf}), "extension.a: inf is no number"),
    "integer": (lambda: with_extension(10**5000), "extension is an integer of more than 1000"),
    "half": (lambda: with_extension({"a": "\udcff"}), "extension.a: half of a surrogate pair"),
    "half key": (lambda: with_extension({"\udcff": 1}), "half of a surrogate pair"),
    "NUL": (lambda: table(description="a\0b"), "description holds a NUL character"),
    "bytes": (lambda: with_extension({"a": b"\xff"}), "extension.a: invalid utf-8"),
    "object": (lambda: with_extension({"a": object()}), "extension.a: a value of the class object"),
    "object without text": (lambda: with_extension(Raises()), "extension: a value of the class"),
}

# Values that JSON takes in a form of its own, and how they arrive.
CONVERTED: dict[str, tuple[Any, Any]] = {
    "integer": (2**70, 2**70),
    "long": (10**900, 10**900),
    "bytes": (b"abc", "abc"),
    "time": (datetime.date(2026, 1, 2), "2026-01-02"),
    "set": ({1}, [1]),
    "tuple": ((1, 2), [1, 2]),
    "text like NaN": ("NaN, Infinity and \\u0000", "NaN, Infinity and \\u0000"),
    "brackets": ("[" * 500, "[" * 500),
    "digits": ("7" * 3000, "7" * 3000),
    "as deep as it may be": (deep(98), deep(98)),
}


class ListSource(Source):
    """Yields what it is given."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = items

    @classmethod
    def create(
        cls, config_dict: dict[str, Any], metadata_config_dict: dict[str, Any], ctx: WorkflowContext
    ) -> ListSource:
        """Not created by name."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Nothing to do."""

    def next_record(self) -> Iterator[Any]:
        """The items."""
        yield from self.items

    def get_status(self) -> SourceStatus:
        """Nothing was noted."""
        return SourceStatus()


class SimpleSink(Sink):
    """A sink of somebody else: it has `write` alone, and keeps what it is given."""

    def __init__(self) -> None:
        self.kept = Catalog.temporary()

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> SimpleSink:
        """Not created by name."""
        raise NotImplementedError

    @property
    def store(self) -> MetadataStore:
        """What was kept."""
        return self.kept

    @property
    def target(self) -> str:
        """Its name."""
        return "simple"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        """Keep the records."""
        return self.kept.write(records)


class ServerSink(StoreSink):
    """A sink into a server in this process."""

    worker_count = 2

    def __init__(self, folder: Path) -> None:
        super().__init__(SinkContext())
        self.stores = Stores(folder / "served.db")
        application = Application(ServerSettings(folder / "served.db"), self.stores)
        self.opened = OpenMetadata(
            {"hostPort": "http://localhost:8585/api"}, wire=InProcess(application)
        )

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> ServerSink:
        """Not created by name."""
        raise NotImplementedError

    def open_store(self) -> MetadataStore:
        """The client of the server."""
        return self.opened

    @property
    def target(self) -> str:
        """Its name."""
        return "server"

    def close(self) -> None:
        """Close the client, then the catalog."""
        super().close()
        self.stores.close()


def sink_of(name: str, folder: Path) -> Sink:
    """A sink of each kind."""
    ctx = SinkContext(scratch=Catalog.temporary)
    config = {"path": str(folder / "out")}
    if name == "catalog":
        return CatalogSink.create(config, ctx)
    if name == "jsonl":
        return JsonlSink.create(config, ctx)
    if name == "console":
        return ConsoleSink.create({}, ctx)
    return ServerSink(folder) if name == "server" else SimpleSink()


@pytest.fixture(params=["catalog", "server", "jsonl", "console", "simple"])
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sink]:
    """Each kind of sink, open."""
    with sink_of(request.param, tmp_path) as sink:
        sink.prepare()
        yield sink


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """As in a process that has not used `model_construct` so far."""
    Model.skipped_validation = False


def delivered(sink: Sink, items: Iterable[Any], folder: Path) -> Pipeline:
    """The pipeline after a run of a source that yields the parents of tables, then the items."""

    def every() -> Iterator[Any]:
        yield CreateDatabaseServiceRequest(name="s", serviceType="Mysql")
        yield CreateDatabaseRequest(name="d", service="s")
        yield CreateDatabaseSchemaRequest(name="x", database="s.d")
        yield from items

    letters = DeadLetters(folder / "letters.jsonl", {}, Redactor())
    pipeline = Pipeline(ListSource(every()), (), sink, letters, Interrupt())
    pipeline.run()
    letters.close()
    return pipeline


def tables_in(sink: Sink) -> dict[str, Table]:
    """The tables that have arrived, by name."""
    return {found.name: found for found in sink.store.list_entities(Table)}


def letters_in(folder: Path) -> list[Any]:
    """The lines of the dead-letter file."""
    lines = (folder / "letters.jsonl").read_text("utf-8").splitlines()[1:]
    return [json.loads(line) for line in lines]


def test_each_poison_fails_alone(sink: Sink, tmp_path: Path) -> None:
    """Each reason names the place; the neighbours arrive; the accounts add up; all is set aside."""

    def items() -> Iterator[Any]:
        for number, (make, _) in enumerate(POISONS.values()):
            yield table(f"t{number}")
            yield make()

    pipeline = delivered(sink, items(), tmp_path)
    assert pipeline.error is None
    tally, count = pipeline.tally, len(POISONS)
    assert (tally.yielded, tally.unaccounted, tally.unexpected) == (2 * count + 3, 0, 0)
    assert tally.total(Outcome.FAILED) == count
    assert set(tables_in(sink)) == {f"t{number}" for number in range(count)}
    letters = letters_in(tmp_path)
    for letter, (poison, (_, said)) in zip(letters, POISONS.items(), strict=True):
        assert said in letter["reason"], poison
        assert "\n" not in letter["reason"]
    read_back = list(read(tmp_path / "letters.jsonl"))
    assert [letter.record for letter in read_back] == [None] * count  # nothing to deliver in them


@pytest.mark.parametrize("poison", few(POISONS, 3))
def test_a_poison_behind_good_records(tmp_path: Path, poison: str) -> None:
    """In a process that has seen no other poison, each is found as well."""
    with sink_of("jsonl", tmp_path) as sink:
        sink.prepare()
        make, said = POISONS[poison]
        delivered(sink, (table("t1"), make(), table("t2")), tmp_path)
        (letter,) = letters_in(tmp_path)
        assert said in letter["reason"]


class Counts(BaseModel):
    """Counts how often it is written as JSON."""

    times: ClassVar[int] = 0

    @model_serializer
    def written(self) -> int:
        Counts.times += 1
        return 1


def test_records_are_validated_once(tmp_path: Path) -> None:
    """A process that has used `model_construct` validates each record once, not at each step."""
    EntityReference.model_construct(type="user")
    Counts.times = 0
    with sink_of("jsonl", tmp_path) as sink:
        sink.prepare()
        tally = delivered(sink, [with_extension(Counts())], tmp_path).tally
    assert tally.total(Outcome.FAILED) == 0
    assert Counts.times == 1


@pytest.mark.parametrize("reference", [{"type": 7, "id": "no"}, {"type": "user", "id": "no"}, {}])
def test_a_broken_reference_fails_alone(
    tmp_path: Path, reference: dict[str, Any], sink: Sink
) -> None:
    """A reference that was made without validation does not end the run."""
    broken = EntityReference.model_construct(**reference, fullyQualifiedName=SCHEMA)
    poisons = [
        table().model_copy(update={"databaseSchema": broken}),
        table().model_copy(update={"owners": [broken]}),
        AddLineageRequest.model_construct(
            edge=EntitiesEdge.model_construct(fromEntity=broken, toEntity=broken)
        ),
    ]
    pipeline = delivered(sink, [table("t1"), *poisons, table("t2")], tmp_path)
    assert pipeline.error is None
    assert {"t1", "t2"} <= set(tables_in(sink))


def test_what_json_takes_arrives_whole(sink: Sink, tmp_path: Path) -> None:
    """Values that have a form in JSON arrive in that form; a server takes integers of 64 bits."""
    items = []
    for number, (given, _) in enumerate(CONVERTED.values()):
        items.append(with_extension(given))
        items[-1].name = f"t{number}"
    pipeline = delivered(sink, items, tmp_path)
    reasons = [note.reason for note in pipeline.tally.failures]
    found = tables_in(sink)
    for number, (name, (_, arrives)) in enumerate(CONVERTED.items()):
        if isinstance(sink, ServerSink) and name in ("integer", "long"):
            assert "does not fit into 64 bits" in reasons.pop()
        else:
            assert found[f"t{number}"].extension == arrives
    assert reasons == []


def test_objects_that_are_changed_later(sink: Sink, tmp_path: Path) -> None:
    """A Column that many tables share is in each as it was then, or the table is refused."""

    def items() -> Iterator[Any]:
        shared = Column(name="first", dataType="INT")
        for number in range(300):
            shared.name = f"c{number}"
            yield table(f"t{number}", columns=[shared])

    pipeline = delivered(sink, items(), tmp_path)
    found = tables_in(sink)
    assert all(one.columns[0].name == one.name.replace("t", "c") for one in found.values())
    assert pipeline.tally.unaccounted == 0
    if isinstance(sink, SimpleSink):
        assert "it was changed after it was yielded" in pipeline.tally.failures[0].reason
        letters = list(read(tmp_path / "letters.jsonl"))
        assert len(found) + len(letters) == 300
        for letter in letters:
            assert isinstance(letter.record, CreateTableRequest)
            assert letter.record.columns[0].name == letter.record.name.replace("t", "c")
    else:
        assert len(found) == 300


def test_a_record_that_is_changed_later(sink: Sink, tmp_path: Path) -> None:
    """Name and place of a record are those that it had when it was yielded."""

    def items() -> Iterator[Any]:
        request = table("first")
        yield request
        request.name = "second"
        request.databaseSchema = "nowhere.d.x"
        target = EntityReference(type="table", fullyQualifiedName=f"{SCHEMA}.first")
        sample = AddSampleDataRequest(entity=target, sampleData={"columns": ["a"], "rows": [[1]]})
        yield sample
        sample.entity = EntityReference(type="table", fullyQualifiedName="nowhere.d.x.t")

    pipeline = delivered(sink, items(), tmp_path)
    if isinstance(sink, SimpleSink):
        assert pipeline.tally.total(Outcome.FAILED) == 2
    else:
        assert pipeline.tally.failures == []
        assert set(tables_in(sink)) == {"first"}


def test_lists_of_a_server_go_on(tmp_path: Path) -> None:
    """A list of the server leaves out what cannot be read, and names it under `errors`; a client
    gets the others.
    """
    with sink_of("server", tmp_path) as sink:
        sink.prepare()
        delivered(sink, [table("t1"), table("t2"), table("t3")], tmp_path)
        connection = sqlite3.connect(tmp_path / "served.db")
        with connection:
            connection.execute("UPDATE entity SET body = '{' WHERE fqn = 's.d.x.t2'")
        connection.close()
        assert set(tables_in(sink)) == {"t1", "t3"}
        assert isinstance(sink, ServerSink)
        with Client(ServerSettings(tmp_path / "served.db"), sink.stores) as client:
            answer = client.get("tables").json()
            assert [found["name"] for found in answer["data"]] == ["t1", "t3"]
            (error,) = answer["errors"]
            assert "The table s.d.x.t2 cannot be read" in error["message"]
            assert client.get("tables/name/s.d.x.t2").status_code == 500
            hits = client.get("search/query", params={"q": "t*"}).json()["hits"]["hits"]
            assert {hit["_source"]["name"] for hit in hits} >= {"t1", "t3"}
