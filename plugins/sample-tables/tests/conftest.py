"""A real catalog as the store, and a folder to fill with files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from metadata.ingestion.source.database.sample_tables import SampleTablesSource
from om_ingest import Outcome, Record, ScopeComplete, SourceStatus, WorkflowContext
from om_ingest.config import SourceConfig
from om_ingest.model import Entity
from om_ingest_catalog import Catalog


class Run:
    """One run of the source into a catalog, each record written as soon as it is yielded."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.records: list[Record] = []
        self.refused: list[str] = []
        self.status = SourceStatus()

    def __call__(
        self,
        folder: Path | None = None,
        service_name: str = "",
        source_config: SourceConfig | None = None,
    ) -> Run:
        config = {} if folder is None else {"sample_schema_folder": str(folder)}
        context = WorkflowContext(
            self.catalog, service_name, source_config=source_config or SourceConfig()
        )
        with SampleTablesSource.create(config, {}, context) as source:
            self.status = source.get_status()
            source.prepare()
            for record in source.next_record():
                self.records.append(record)
                self.refused += [
                    result.reason
                    for result in self.catalog.write([record])
                    if result.outcome is Outcome.FAILED
                ]
        return self

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each entity type were yielded."""
        return Counter(
            "complete" if isinstance(record, ScopeComplete) else record.entity_type
            for record in self.records
        )

    @property
    def complete(self) -> list[str]:
        """FQNs of the schemas that were reported as complete."""
        return [r.scope_fqn for r in self.records if isinstance(r, ScopeComplete)]

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Key and reason of each failure."""
        return [(note.key, note.reason) for note in self.status.failures]

    def fqns(self, entity: type[Entity]) -> list[str]:
        """FQNs of one kind in the catalog, sorted."""
        return [str(found.fullyQualifiedName) for found in self.catalog.list_entities(entity)]


@pytest.fixture
def run() -> Iterator[Run]:
    """A run into a new catalog."""
    with Catalog.temporary() as catalog:
        yield Run(catalog)


Write = Callable[..., Path]
MakeTable = Callable[..., dict[str, Any]]


@pytest.fixture
def table() -> MakeTable:
    """Makes a small valid entry of tables.json: `table(schema, name, **fields)`."""

    def entry(schema: str | None, name: str, **fields: Any) -> dict[str, Any]:
        made = {"name": name, "columns": [{"name": "id", "dataType": "INT"}], **fields}
        return made if schema is None else {"schema": schema, **made}

    return entry


@pytest.fixture
def write(tmp_path: Path, table: MakeTable) -> Write:
    """Writes a small valid folder; keyword `tables={…}` stands for the content of tables.json.

    A string is written as it is, None leaves the file out, all else becomes JSON.
    """

    def write_folder(**contents: Any) -> Path:
        files = {
            "service": {"name": "file_service", "serviceType": "CustomDatabase"},
            "database": {"name": "db", "schemas": [{"name": "one"}, {"name": "two"}]},
            "tables": {"tables": [table("one", "a"), table("two", "b")]},
            **contents,
        }
        for name, content in files.items():
            if content is not None:
                text = content if isinstance(content, str) else json.dumps(content)
                (tmp_path / f"{name}.json").write_text(text, "utf-8")
        return tmp_path

    return write_folder
