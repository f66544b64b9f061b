"""Real SQLite files, and one way to read them: through the contract of a source."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from metadata.ingestion.source.database.sqlite_file import SqliteSource
from om_ingest import CreateTableRequest, Record, ScopeComplete, SourceStatus, WorkflowContext
from om_ingest.config.settings import SourceConfig
from om_ingest.model import AddLineageRequest
from om_ingest_catalog import Catalog


@dataclass(frozen=True)
class Ingested:
    """Everything that one run of the source gave."""

    records: list[Record]
    status: SourceStatus

    @property
    def tables(self) -> dict[str, CreateTableRequest]:
        """Tables and views by name."""
        return {r.name: r for r in self.records if isinstance(r, CreateTableRequest)}

    def columns(self, table: str) -> dict[str, Any]:
        """The columns of one table by name."""
        return {column.name: column for column in self.tables[table].columns}

    def constraints(self, table: str) -> list[tuple[str, list[str], list[str] | None]]:
        """Kind, columns and referred columns of each table constraint."""
        return [
            (c.constraintType.value, c.columns, c.referredColumns)  # type: ignore[union-attr,misc]  # each is set here
            for c in self.tables[table].tableConstraints or []
        ]

    @property
    def lineage(self) -> dict[tuple[str, str], dict[str, str]]:
        """Column copies (to: from) of each edge (from, to), by names below the schema."""
        return {
            (_tail(edge.fromEntity.fullyQualifiedName), _tail(edge.toEntity.fullyQualifiedName)): {
                _tail(copy.toColumn): ", ".join(map(_tail, copy.fromColumns))
                for copy in edge.lineageDetails.columnsLineage or []
            }
            for edge in (r.edge for r in self.records if isinstance(r, AddLineageRequest))
        }

    @property
    def complete(self) -> bool:
        """Whether the source said that it has enumerated every table."""
        return any(isinstance(record, ScopeComplete) for record in self.records)

    def reasons(self, notes: str) -> dict[str, str]:
        """Reasons by key of the status' `warnings`, `failures` or `filtered`."""
        return {_tail(note.key): note.reason for note in getattr(self.status, notes)}


def _tail(fqn: str | None) -> str:
    assert fqn is not None
    return fqn.split(".main.", 1)[-1]


@pytest.fixture
def context() -> Iterator[WorkflowContext]:
    """A run that writes into an empty catalog."""
    with Catalog.temporary() as catalog:
        yield WorkflowContext(metadata=catalog, service_name="svc")


@pytest.fixture
def ingest(context: WorkflowContext) -> Callable[..., Ingested]:
    """Run the source over a file, config as keywords."""

    def run(path: Path, source_config: SourceConfig | None = None, **config: Any) -> Ingested:
        ctx = context
        if source_config is not None:
            ctx = WorkflowContext(
                metadata=context.metadata, service_name="svc", source_config=source_config
            )
        with SqliteSource.create({"database_path": str(path), **config}, {}, ctx) as source:
            source.prepare()
            return Ingested(list(source.next_record()), source.get_status())

    return run


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Build a SQLite file from SQL."""

    def build(script: str, name: str = "data.db") -> Path:
        path = tmp_path / name
        connection = sqlite3.connect(path)
        connection.executescript(script)
        connection.close()
        return path

    return build


@pytest.fixture
def nobody() -> Iterator[Callable[[], None]]:
    """Called, it drops root's rights for the rest of the test: permissions bind root not."""
    was_root = os.geteuid() == 0

    def become() -> None:
        if was_root:
            os.seteuid(65534)

    yield become
    if was_root:
        os.seteuid(0)


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)
