"""A source that yields what its config describes, and runs of it in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
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
    fqn,
)
from om_ingest.cli import build
from om_ingest.model import (
    AddLineageRequest,
    Column,
    CreateQueryRequest,
    CreateStoredProcedureRequest,
    DatabaseServiceType,
    DataType,
    EntitiesEdge,
    LineageDetails,
    LineageSource,
    StoredProcedureCode,
    Table,
    TableType,
)
from typer.testing import CliRunner


class DescribedConfig(ConnectorConfig):
    """What to yield: names of tables and routines are `schema.name`, or `database.schema.name`."""

    serviceType: str = "Postgres"
    steps: list[dict[str, Any]] = []
    """Each with one key: `table`, `view`, `procedure`, `query`, `edge`, `complete`, `dies`."""


class DescribedSource(ConfiguredSource[DescribedConfig]):
    """Yields the steps in their order, each schema before its first table."""

    def next_record(self) -> Iterator[Record]:
        service = self.ctx.service_name
        yield CreateDatabaseServiceRequest(
            name=service, serviceType=DatabaseServiceType(self.config.serviceType)
        )
        seen: set[str] = set()
        for step in self.config.steps:
            ((sort, value),) = step.items()
            if sort in ("table", "view", "procedure"):
                name, *rest = value
                *above, leaf = fqn.split(name)
                database, schema = ["db", *above][-2:]
                for record, key in (
                    (CreateDatabaseRequest(name=database, service=service), database),
                    (
                        CreateDatabaseSchemaRequest(
                            name=schema, database=fqn.join(service, database)
                        ),
                        f"{database}.{schema}",
                    ),
                ):
                    if key not in seen:
                        seen.add(key)
                        yield record
                parent = fqn.join(service, database, schema)
                yield self._entity(sort, leaf, parent, *rest)
            elif sort == "query":
                yield CreateQueryRequest(query=value, service=service)
            elif sort == "edge":
                yield self._edge(*value)
            elif sort == "complete":
                yield ScopeComplete(f"{service}{value}", Table)
            elif sort == "dies":
                raise OSError("the database is gone")

    def _entity(self, sort: str, name: str, parent: str, *rest: Any) -> Record:
        if sort == "procedure":
            code = StoredProcedureCode(code=rest[0])
            return CreateStoredProcedureRequest(
                name=name, databaseSchema=parent, storedProcedureCode=code
            )
        columns = [Column(name=column, dataType=DataType.INT) for column in rest[0]]
        is_view = sort == "view"
        return CreateTableRequest(
            name=name,
            databaseSchema=parent,
            columns=columns,
            tableType=TableType.View if is_view else TableType.Regular,
            schemaDefinition=rest[1] if is_view else None,
        )

    def _edge(self, start: str, target: str, origin: str) -> Record:
        ends = [
            EntityReference(type="table", fullyQualifiedName=f"{self.ctx.service_name}.{end}")
            for end in (start, target)
        ]
        details = LineageDetails(source=LineageSource(origin), sqlQuery="of the source")
        edge = EntitiesEdge(fromEntity=ends[0], toEntity=ends[1], lineageDetails=details)
        return AddLineageRequest(edge=edge)


class Ran:
    """How a run in this process ended, and what it wrote into a jsonl file."""

    def __init__(self, folder: Path, flow: dict[str, Any], *options: str) -> None:
        path = folder / "flow.json"
        path.write_text(json.dumps(flow), "utf-8")
        words = ["run", str(path), "--report", str(folder / "report.json"), *options]
        words += ["--state", str(folder)]
        ran = CliRunner().invoke(build(words), words)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        self.code: int = ran.exit_code
        self.output: str = ran.output
        self.report: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
        self.records: list[dict[str, Any]] = []
        out = flow.get("sink", {}).get("config", {}).get("path", "")
        if out.endswith(".jsonl"):
            lines = Path(out).read_text("utf-8").splitlines()
            self.records = [json.loads(line) for line in lines[1:]]

    @property
    def told(self) -> dict[str, Any]:
        """The entry of `sql-lineage` in the report."""
        (entry,) = (one for one in self.report["processors"] if one["name"] == "sql-lineage")
        return entry  # type: ignore[no-any-return]  # it is JSON of a report

    @property
    def doubts(self) -> dict[str, str]:
        """What could not be told, by FQN."""
        return {note["key"]: note["reason"] for note in self.told["warnings"]["samples"]}

    @property
    def edges(self) -> dict[tuple[str, str], dict[str, list[str]]]:
        """Columns of each edge: of the target -> of the source, without the names of tables."""
        return {ends: columns_of(details) for ends, details in self.details.items()}

    @property
    def details(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Details of each edge by its ends."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for line in self.records:
            if line["type"] != "lineage":
                continue
            edge = line["record"]["edge"]
            ends = tuple(edge[end]["fullyQualifiedName"] for end in ("fromEntity", "toEntity"))
            assert ends not in found, f"drawn twice: {ends}"
            found[ends] = edge.get("lineageDetails") or {}  # type: ignore[index]  # two ends
        return found


def columns_of(details: dict[str, Any]) -> dict[str, list[str]]:
    """The last names of the columns of an edge."""
    return {
        fqn.split(item["toColumn"])[-1]: [fqn.split(name)[-1] for name in item["fromColumns"]]
        for item in details.get("columnsLineage") or ()
    }


def flow_of(
    folder: Path, steps: list[dict[str, Any]], *, sink: str = "", **config: Any
) -> dict[str, Any]:
    """A workflow that yields the steps through `sql-lineage` with this config into jsonl."""
    service_type = config.pop("serviceType", "Postgres")
    config.setdefault("cache", False)
    target = {"type": "jsonl", "config": {"path": str(folder / "out.jsonl")}}
    if sink:
        target = {"type": "catalog", "config": {"path": sink}}
    return {
        "source": {
            "type": "described_source:DescribedSource",
            "serviceName": "svc",
            "config": {"serviceType": service_type, "steps": steps},
        },
        "processors": [{"type": "sql-lineage", "config": config}],
        "sink": target,
    }
