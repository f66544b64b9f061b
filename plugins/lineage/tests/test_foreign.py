"""A connector of OpenMetadata 1.5 to 1.10 gets lineage by three lines in its workflow file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from om_ingest.model import Table
from om_ingest_catalog import Catalog

from described_source import Ran, columns_of
from tests.selection import few

CONNECTOR = """
from collections.abc import Iterable

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.table import Column, DataType, TableType
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source

RELATIONS = {
    "seeds": (["id", "name", "grams"], None),
    "by_name": (["name", "total"], "SELECT name, sum(grams) AS total FROM seeds GROUP BY name"),
    "heavy": (["name"], "CREATE VIEW heavy AS SELECT name FROM by_name WHERE total > 100"),
}


class SeedSource(Source):
    def __init__(self, config, metadata):
        super().__init__()
        self.config, self.metadata = config, metadata

    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self):
        pass

    def test_connection(self):
        pass

    def _iter(self) -> Iterable[Either]:
        service = self.config.serviceName
        yield Either(
            right=self.metadata.get_create_service_from_source(DatabaseService, self.config)
        )
        yield Either(right=CreateDatabaseRequest(name="bank", service=service))
        yield Either(right=CreateDatabaseSchemaRequest(name="s", database=f"{service}.bank"))
        for name, (columns, sql) in reversed(RELATIONS.items()):
            yield Either(
                right=CreateTableRequest(
                    name=name,
                    databaseSchema=f"{service}.bank.s",
                    tableType=TableType.View if sql else TableType.Regular,
                    columns=[Column(name=column, dataType=DataType.INT) for column in columns],
                    schemaDefinition=sql,
                )
            )

    def close(self):
        pass
"""
FLOW = """\
source:
  type: customDatabase
  serviceName: seeds
  serviceConnection:
    config: {type: CustomDatabase, sourcePythonClass: seed_bank.SeedSource, connectionOptions: {}}
  sourceConfig: {config: {type: DatabaseMetadata}}
sink: {type: metadata-rest, config: {}}
workflowConfig:
  openMetadataServerConfig:
    hostPort: "http://localhost:8585/api"
    authProvider: openmetadata
    securityConfig: {jwtToken: t}
"""
THREE_LINES = """\
processors:
- type: sql-lineage
  config: {dialect: postgres, cache: false}
"""
EDGES = {
    ("seeds.bank.s.seeds", "seeds.bank.s.by_name"): {"name": ["name"], "total": ["grams"]},
    ("seeds.bank.s.by_name", "seeds.bank.s.heavy"): {"name": ["name"]},
}


def in_catalog(path: Path) -> dict[tuple[str, str], dict[str, list[str]]]:
    """The edges that a catalog has between tables, with their columns."""
    found = {}
    with Catalog(path, read_only=True) as store:
        for table in store.list_entities(Table):
            graph = store.get_lineage(Table, table.fullyQualifiedName, downstream_depth=0)
            assert graph is not None
            names = {str(node.id): node.fullyQualifiedName for node in graph.nodes}
            for edge in graph.upstreamEdges:
                start = names[str(edge.fromEntity)] or ""
                details: Any = edge.model_dump(mode="json")["lineageDetails"]
                found[start, table.fullyQualifiedName] = columns_of(details)
    return found


def in_file(path: Path) -> dict[tuple[str, str], dict[str, list[str]]]:
    """The edges that a jsonl file has."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    edges = [line["record"]["edge"] for line in lines if line.get("type") == "lineage"]
    return {
        tuple(edge[end]["fullyQualifiedName"] for end in ("fromEntity", "toEntity")): columns_of(
            edge["lineageDetails"]
        )
        for edge in edges
    }  # type: ignore[return-value]  # two ends


@pytest.mark.parametrize("target", few(["catalog", "jsonl", "server"], 1))
def test_three_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, request: pytest.FixtureRequest
) -> None:
    """The file as it was, and three lines more: all edges, with their columns."""
    (tmp_path / "seed_bank.py").write_text(CONNECTOR, "utf-8")
    monkeypatch.setenv("OM_INGEST_TOKEN", "t")
    catalog, file = tmp_path / "c.db", tmp_path / "out.jsonl"
    sink = {"catalog": f"catalog:{catalog}", "jsonl": f"jsonl:{file}"}.get(target)
    if sink is None:
        server = request.getfixturevalue("catalog_server")
        sink, catalog = f"openmetadata:{server.url}", server.path
    flow = yaml.safe_load(FLOW + THREE_LINES)
    ran = Ran(tmp_path, flow, "--path", str(tmp_path), "--sink", sink)
    assert ran.code == 0, ran.output
    assert (in_file(file) if target == "jsonl" else in_catalog(catalog)) == EDGES
    assert ran.report["derived"] == 2
