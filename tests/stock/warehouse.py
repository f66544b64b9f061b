"""A connector with something of everything that a run delivers; it reads back what it yields.

Everything it yields has the service's name in its own name: many runs with services of their
own can share a server.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    EntityReference,
    Record,
    ScopeComplete,
    Selection,
    fqn,
)
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import (
    AddLineageRequest,
    AddPipelineStatusRequest,
    AddSampleDataRequest,
    Column,
    CreateClassificationRequest,
    CreateContainerRequest,
    CreatePipelineRequest,
    CreatePipelineServiceRequest,
    CreateStorageServiceRequest,
    CreateTagRequest,
    CreateUserRequest,
    DatabaseSchema,
    DatabaseServiceType,
    DataType,
    EntitiesEdge,
    LineageDetails,
    PipelineServiceType,
    PipelineStatus,
    StatusType,
    StorageServiceType,
    Table,
    TableData,
    TagLabel,
    Task,
    User,
)

ODD_NAMES = ('orders.2024 "old"/é%', "a+b&c=d?#e", "x" * 200)
"""Names that a path must quote, or an FQN."""


class Config(ConnectorConfig):
    schemas: int = 2
    """Schemas, half of them in each of two databases."""

    tables: int = 20
    """Tables of each schema."""

    edges: int = 6
    """Edges of lineage from one table to the next."""

    beside: bool = True
    """Whether it yields what lies beside entities: lineage, samples, runs."""

    reads: int = 3
    """Every so many-th table is read back as soon as it is yielded."""

    gone: list[str] = []
    """Tables `<schema number>.<table number>` that are there no more."""

    unlisted: list[int] = []
    """Schemas whose tables cannot be listed."""

    unread: list[str] = []
    """Tables `<schema number>.<table number>` that cannot be read."""

    scopes: bool = False
    """Whether it says what it has listed completely."""

    whole: bool = True
    """Whether it says so of the service, besides each schema."""

    orphan: bool = False
    """Whether it ends with a table in a schema that does not exist, which every server refuses."""

    more: bool = False
    """Whether each table has one column more."""

    pause_s: float = 0.0
    """Waits after each table."""

    raises_after: int = 0
    """Raises after so many tables; 0: never."""


class WarehouseSource(ConfiguredSource[Config]):
    """Yields databases, tables, labels, owners, lineage, containers and runs."""

    def next_record(self) -> Iterator[Record]:
        """Everything, parents before children."""
        self.yielded = 0
        self.selection = Selection(DatabaseSourceConfig, self.ctx.source_config, self.status)
        yield from self._governance()
        yield CreateDatabaseServiceRequest(
            name=self.ctx.service_name, serviceType=DatabaseServiceType.CustomDatabase
        )
        for number in range(self.config.schemas):
            database = f"db{number % 2}"
            if number < 2:
                yield CreateDatabaseRequest(name=database, service=self.ctx.service_name)
            if not self.selection.keeps(DatabaseSchema, f"schema{number}", self._schema(number)):
                continue
            yield CreateDatabaseSchemaRequest(
                name=f"schema{number}", database=self._fqn(database), description="Of a warehouse"
            )
            yield from self._tables(number)
        if self.config.scopes and self.config.whole:
            yield ScopeComplete(self.ctx.service_name, DatabaseSchema)
            yield ScopeComplete(self.ctx.service_name, Table)
        yield from self._lineage()
        yield from self._containers()
        yield from self._pipelines()
        if self.config.orphan:
            yield self._table(self._name("nowhere.nowhere.nowhere"), "orphan", 1)

    def _governance(self) -> Iterator[Record]:
        label = self._name("Labels")
        yield CreateClassificationRequest(name=label, description="Labels")
        for name in ("Public", "Private"):
            yield CreateTagRequest(name=name, classification=label, description=name)
        name = self._name("keeper").lower()
        yield CreateUserRequest(name=name, email=f"{name}@example.com")
        keeper = self._read(User, name)
        self.keeper = EntityReference(id=keeper.id, type="user")

    def _tables(self, number: int) -> Iterator[Record]:
        schema = self._schema(number)
        if number in self.config.unlisted:
            self.status.failure(schema, "permission denied")
            return
        names = [f"t{table}" for table in range(self.config.tables)] + list(ODD_NAMES)
        for index, name in enumerate(names):
            if f"{number}.{index}" in self.config.gone:
                continue
            fqn = self._table_fqn(number, name)
            if f"{number}.{index}" in self.config.unread:
                self.status.failure(fqn, "locked")
                continue
            if not self.selection.keeps(Table, name, fqn):
                continue
            yield self._table(schema, name, index)
            self.yielded += 1
            if self.yielded == self.config.raises_after:
                raise ConnectionError("the warehouse is closed")
            if self.config.pause_s:
                time.sleep(self.config.pause_s)
            if self.config.reads and index % self.config.reads == 0:
                self._read(Table, self._table_fqn(number, name))
        if self.config.scopes:
            yield ScopeComplete(schema, Table)

    def _table(self, schema: str, name: str, index: int) -> CreateTableRequest:
        label = TagLabel(tagFQN=f"{self._name('Labels')}.Public")
        return CreateTableRequest(
            name=name,
            databaseSchema=schema,
            description=f"Table {index} with ünïcode, \"quotes\" and 'more'",
            columns=[
                Column(name="id", dataType=DataType.BIGINT, description="Its number"),
                Column(name="na.me", dataType=DataType.VARCHAR, dataLength=20, tags=[label]),
                Column(name="at", dataType=DataType.TIMESTAMP),
                *([Column(name="more", dataType=DataType.INT)] if self.config.more else []),
            ],
            tags=[label] if index % 3 == 0 else None,
            owners=[self.keeper] if index % 4 == 0 else None,
        )

    def _lineage(self) -> Iterator[Record]:
        names = [f"t{index}" for index in range(min(self.config.edges, self.config.tables - 1) + 1)]
        schema = self._schema(0)
        if 0 in self.config.unlisted or self.config.gone or not self.config.beside:
            return
        ends = [self._read(Table, f"{schema}.{name}") for name in names]
        for source, target in pairwise(ends):
            edge = EntitiesEdge(
                fromEntity=EntityReference(id=source.id, type="table"),
                toEntity=EntityReference(id=target.id, type="table"),
                lineageDetails=LineageDetails(sqlQuery=f"INSERT INTO {target.name}"),
            )
            yield AddLineageRequest(edge=edge)
        yield AddSampleDataRequest(
            entity=EntityReference(type="table", fullyQualifiedName=f"{schema}.t0"),
            sampleData=TableData(columns=["id", "na.me"], rows=[[1, "a"], [2, "é"]]),
        )

    def _containers(self) -> Iterator[Record]:
        """Containers lie in containers, and are sent one by one."""
        service = self._name("files")
        yield CreateStorageServiceRequest(name=service, serviceType=StorageServiceType.S3)
        above: EntityReference | None = None
        path = service
        for name in ("bucket", "folder", "deep"):
            yield CreateContainerRequest(name=name, service=service, parent=above)
            path = f"{path}.{name}"
            above = EntityReference(type="container", fullyQualifiedName=path)

    def _pipelines(self) -> Iterator[Record]:
        service = self._name("flows")
        yield CreatePipelineServiceRequest(
            name=service, serviceType=PipelineServiceType.CustomPipeline
        )
        yield CreatePipelineRequest(
            name="nightly", service=service, tasks=[Task(name="load"), Task(name="check")]
        )
        for day in range(3 if self.config.beside else 0):
            yield AddPipelineStatusRequest(
                pipeline=f"{service}.nightly",
                pipelineStatus=PipelineStatus(
                    timestamp=1_700_000_000_000 + day * 86_400_000,
                    executionStatus=StatusType.Successful,
                ),
            )

    def _read(self, entity: type[Any], name: str) -> Any:
        found = self.ctx.metadata.get_by_name(entity=entity, fqn=name)
        if found is None:
            raise LookupError(f"yielded and not there: {name}")
        return found

    def _table_fqn(self, number: int, name: str) -> str:
        return fqn.build(  # type: ignore[no-any-return]  # one name: not looked up
            None,
            entity_type=Table,
            service_name=self.ctx.service_name,
            database_name=f"db{number % 2}",
            schema_name=f"schema{number}",
            table_name=name,
        )

    def _schema(self, number: int) -> str:
        return self._fqn(f"db{number % 2}", f"schema{number}")

    def _fqn(self, *names: str) -> str:
        return fqn.join(self.ctx.service_name, *names)

    def _name(self, text: str) -> str:
        return f"{self.ctx.service_name}-{text}"
