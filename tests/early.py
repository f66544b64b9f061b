"""Records in an order in which nothing that they refer to is there yet, and runs of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    EntityReference,
    MetadataStore,
    Outcome,
    Record,
    Sink,
    Source,
    SourceStatus,
    WorkflowContext,
)
from om_ingest.kinds import identity_of, kind_of, label
from om_ingest.masking import Redactor
from om_ingest.model import (
    AddLineageRequest,
    AddSampleDataRequest,
    Column,
    CreateChartRequest,
    CreateContainerRequest,
    CreateDashboardRequest,
    CreateDashboardServiceRequest,
    CreateDomainRequest,
    CreateGlossaryRequest,
    CreateGlossaryTermRequest,
    CreateStorageServiceRequest,
    CreateUserRequest,
    DashboardServiceType,
    DatabaseServiceType,
    DataType,
    EntitiesEdge,
    StorageServiceType,
    Table,
    TableData,
)
from om_ingest.workflow.deadletter import DeadLetters, read
from om_ingest.workflow.delivering import GRACE_S
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.pipeline import Pipeline


class ListSource(Source):
    """Yields what it is given; an exception is raised, and a function called."""

    def __init__(
        self, items: Iterable[Any], read: Callable[[], None] | None = None, reads_after: int = 1
    ) -> None:
        self.items = items
        self.read = read
        self.reads_after = reads_after
        self.status = SourceStatus()

    @classmethod
    def create(
        cls, config_dict: dict[str, Any], metadata_config_dict: dict[str, Any], ctx: WorkflowContext
    ) -> ListSource:
        return cls([])

    def prepare(self) -> None: ...

    def next_record(self) -> Iterator[Any]:
        for number, item in enumerate(self.items):
            if self.read is not None and number % self.reads_after == 0:
                self.read()
            if isinstance(item, BaseException):
                raise item
            if callable(item):
                item()
            else:
                yield item

    def get_status(self) -> SourceStatus:
        return self.status


class Ran:
    """A run of these records into an open sink, and its accounts, which add up.

    The source reads back after each `reads_after` records: all are delivered by then.
    """

    def __init__(
        self,
        folder: Path,
        items: Iterable[Any],
        sink: Sink,
        *,
        interrupt: Interrupt | None = None,
        limit: int | None = None,
        reads_after: int | None = None,
        grace_s: float = GRACE_S,
    ) -> None:
        letters = DeadLetters(folder / "letters.jsonl", {}, Redactor())
        source = ListSource(items, self._read if reads_after else None, reads_after or 1)
        interrupt = interrupt or Interrupt()
        self.pipeline = Pipeline(source, [], sink, letters, interrupt, limit=limit)
        self.pipeline.delivery.grace_s = grace_s
        self.was_ended = False
        """Whether a second signal ended it."""
        try:
            self.pipeline.run()
        except KeyboardInterrupt:
            self.was_ended = True
        letters.close()
        self.tally = self.pipeline.tally
        self.letters = list(read(letters.path)) if letters.count and letters.path else []
        assert (self.tally.unaccounted, self.tally.unexpected) == (0, 0)
        assert self.tally.total(Outcome.FAILED) == letters.count

    def _read(self) -> None:
        self.pipeline.delivery.flush()

    @property
    def set_aside(self) -> dict[str, str]:
        """The name of each record in the dead-letter file, and its reason."""
        return {label(each.record): each.reason for each in self.letters}


SERVICE = CreateDatabaseServiceRequest(name="s", serviceType=DatabaseServiceType.CustomDatabase)
BI = CreateDashboardServiceRequest(name="bi", serviceType=DashboardServiceType.CustomDashboard)
ANN = CreateUserRequest(name="ann", email="ann@example.com")
GLOSSARY = CreateGlossaryRequest(name="g", description="d")


def parents() -> list[Record]:
    return [
        SERVICE.model_copy(),
        CreateDatabaseRequest(name="d", service="s"),
        CreateDatabaseSchemaRequest(name="p", database="s.d"),
    ]


def table(name: str, **more: Any) -> CreateTableRequest:
    columns = [Column(name="id", dataType=DataType.INT)]
    return CreateTableRequest(name=name, databaseSchema="s.d.p", columns=columns, **more)


def term(name: str, *related: str, **more: Any) -> CreateGlossaryTermRequest:
    terms = [f"g.{other}" for other in related]
    return CreateGlossaryTermRequest(
        name=name, glossary="g", description="d", relatedTerms=terms or None, **more
    )


def reference(entity_type: str, fqn: str) -> EntityReference:
    return EntityReference(type=entity_type, fullyQualifiedName=fqn)


def edge(first: str, second: str) -> AddLineageRequest:
    ends = (reference("table", first), reference("table", second))
    return AddLineageRequest(edge=EntitiesEdge(fromEntity=ends[0], toEntity=ends[1]))


def sample(fqn: str) -> AddSampleDataRequest:
    data = TableData(columns=["id"], rows=[[1]])
    return AddSampleDataRequest(entity=reference("table", fqn), sampleData=data)


def ring(count: int) -> list[Record]:
    return [term(f"t{i}", f"t{(i + 1) % count}") for i in range(count)]


def crowd(count: int) -> list[Record]:
    every = [f"t{i}" for i in range(count)]
    return [term(one, *(other for other in every if other != one)) for one in every]


def chain(count: int) -> list[Record]:
    return [*(term(f"t{i}", f"t{i + 1}") for i in range(count - 1)), term(f"t{count - 1}")]


def containers() -> list[Record]:
    deep = [
        CreateContainerRequest(name=f"c{i}", service="st", parent=reference("container", above))
        for i, above in [(3, "st.c0.c1.c2"), (2, "st.c0.c1"), (1, "st.c0")]
    ]
    store = CreateStorageServiceRequest(name="st", serviceType=StorageServiceType.CustomStorage)
    return [*deep, CreateContainerRequest(name="c0", service="st"), store]


def boards() -> list[Record]:
    charts = [CreateChartRequest(name=f"c{i}", service="bi", dashboards=["bi.d"]) for i in range(3)]
    return [*charts, CreateDashboardRequest(name="d", service="bi", charts=["bi.c0", "bi.c2"]), BI]


def owned() -> list[Record]:
    domain = CreateDomainRequest(
        name="dom", domainType="Aggregate", description="d", experts=["ann"]
    )
    owners = [reference("user", "ann")]
    return [*(table(f"t{i}", owners=owners) for i in range(3)), *parents(), domain, ANN]


EARLY: dict[str, list[Record]] = {
    "100 tables": [*(table(f"t{i}") for i in range(100)), *parents()],
    "1,000 tables": [*(table(f"t{i}") for i in range(1000)), *parents()],
    "all upside down": [*(table(f"t{i}") for i in range(600)), *reversed(parents())],
    "containers": containers(),
    "chart before dashboard": [BI, *boards()[:-1]],
    "charts and dashboard before service": boards(),
    "lineage first": [edge("s.d.p.a", "s.d.p.b"), table("a"), table("b"), *parents()],
    "sample first": [sample("s.d.p.a"), table("a"), *parents()],
    "owners": owned(),
    "chain of terms": [*chain(60), GLOSSARY],
    "ring of terms": [GLOSSARY, *ring(50)],
    "term of its own": [GLOSSARY, term("t", "t")],
    "crowd of terms": [*crowd(12), GLOSSARY],
}


def assert_all_there(store: MetadataStore, records: Iterable[Record]) -> None:
    """Everything is in the store, with the relations that the records ask for."""
    for record in records:
        entity_type, fqn = identity_of(record) or ("", "")
        if isinstance(record, AddLineageRequest):
            graph = store.get_lineage(Table, "s.d.p.a")
            assert graph is not None
            assert len(graph.downstreamEdges) == 1
            continue
        if isinstance(record, AddSampleDataRequest):
            continue
        found = store.get_by_name(kind_of(entity_type).entity, fqn)
        assert found is not None, fqn
        for field in ("relatedTerms", "charts", "dashboards", "owners"):
            wanted = getattr(record, field, None) or []
            others = getattr(found, field, None) or []
            there = {getattr(other, "term", other).fullyQualifiedName for other in others}
            assert {getattr(one, "fullyQualifiedName", one) for one in wanted} <= there, fqn
