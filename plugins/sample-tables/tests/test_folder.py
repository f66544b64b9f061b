"""A folder of one's own: what it may hold, and what becomes of it."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from om_ingest import CreateTableRequest, EntityReference, ScopeComplete
from om_ingest.config import DatabaseSourceConfig, FilterPattern
from om_ingest.model import (
    AddLineageRequest,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    Database,
    DatabaseSchema,
    DatabaseService,
    Model,
    Table,
)

if TYPE_CHECKING:
    from conftest import MakeTable, Run, Write


def test_parents_are_read_back_before_their_children(run: Run, write: Write) -> None:
    """Database, schemas and tables refer to their parents by the id that the store gave them."""
    run(write())
    references = []
    for record in run.records:
        if isinstance(record, CreateDatabaseRequest):
            references.append(record.service)
        elif isinstance(record, CreateDatabaseSchemaRequest):
            references.append(record.database)
        elif isinstance(record, CreateTableRequest):
            references.append(record.databaseSchema)
    (service,) = run.catalog.list_entities(DatabaseService)
    (database,) = run.catalog.list_entities(Database)
    one, two = run.catalog.list_entities(DatabaseSchema)
    assert references == [
        EntityReference(id=service.id, type="databaseService"),
        EntityReference(id=database.id, type="database"),
        EntityReference(id=one.id, type="databaseSchema"),
        EntityReference(id=database.id, type="database"),
        EntityReference(id=two.id, type="databaseSchema"),
    ]


def test_each_schema_ends_with_its_completion(run: Run, write: Write) -> None:
    """After the tables of a schema stands the marker that it is complete; the database follows."""
    run(write())
    kinds = [type(record) for record in run.records[2:]]
    schema = [CreateDatabaseSchemaRequest, CreateTableRequest, ScopeComplete]
    assert kinds == [*schema * 2, ScopeComplete, ScopeComplete]
    database = "file_service.db"
    assert run.complete == [f"{database}.one", f"{database}.two", database, database]


def test_names_with_dots_and_quotes_are_delivered(run: Run, write: Write, table: MakeTable) -> None:
    """Names that have to be quoted or rewritten find their parents, keys and lineage."""
    constraint = {
        "constraintType": "FOREIGN_KEY",
        "columns": ["id"],
        "referredColumns": ['"s.1"."t.1".id'],
    }
    folder = write(
        database={"name": "d.b", "schemas": [{"name": "s.1"}]},
        tables={
            "tables": [
                table("s.1", "t.1"),
                table(None, 'say "hi" > all', tableConstraints=[constraint]),
            ]
        },
        lineage={
            "lineage": [{"fromEntity": '"s.1"."t.1"', "toEntity": '"s.1"."say ""hi"" > all"'}]
        },
    )
    run(folder, service_name="x.y")
    assert (run.refused, run.failures) == ([], [])
    assert len(run.fqns(Table)) == 2
    assert run.counts["lineage"] == 1


@pytest.mark.parametrize(
    ("service", "service_type"),
    [
        ({"name": "n", "serviceType": "Postgres"}, "Postgres"),
        ({"serviceName": "n", "type": "bigquery"}, "BigQuery"),
        ({"serviceName": "n", "type": "MYSQL", "serviceConnection": {"config": {}}}, "Mysql"),
    ],
)
def test_service_has_two_spellings(
    run: Run, write: Write, service: dict[str, object], service_type: str
) -> None:
    """service.json is understood as a create request and as the source of a workflow."""
    run(write(service=service))
    (found,) = run.catalog.list_entities(DatabaseService)
    assert (found.name, found.serviceType.value) == ("n", service_type)


def test_without_schemas_there_is_one_default(run: Run, write: Write, table: MakeTable) -> None:
    """A database.json without schemas means one, and tables need not name it."""
    run(
        write(database={"name": "db"}, tables={"tables": [table(None, "a", tableConstraints=None)]})
    )
    assert run.fqns(Table) == ["file_service.db.default.a"]


def test_server_keys_are_ignored_with_a_warning(run: Run, write: Write, table: MakeTable) -> None:
    """Keys that only a server sets are left out of every file, and named in a warning."""
    server = {"id": "x", "href": "x", "version": 1, "updatedAt": 1, "updatedBy": "x"}
    folder = write(
        database={"name": "db", "schemas": [{"name": "one", **server}], **server},
        tables={"tables": [table("one", "a", fullyQualifiedName="x", sampleData={}, **server)]},
    )
    run(folder)
    assert (run.refused, run.failures) == ([], [])
    assert [note.key for note in run.status.warnings] == [
        "database.json",
        "database.json, schemas[0]",
        "tables.json, table one.a",
    ]
    assert "fullyQualifiedName, href, id, sampleData, updatedAt" in run.status.warnings[2].reason


def test_full_names_follow_the_service(run: Run, write: Write, table: MakeTable) -> None:
    """A full FQN below the file's own service moves with it; one of another service stays."""
    referred = ["file_service.db.two.b.id", "elsewhere.db.s.t.id", "two.b.id"]
    constraint = {"constraintType": "FOREIGN_KEY", "columns": ["id"], "referredColumns": referred}
    folder = write(
        tables={"tables": [table("one", "a", tableConstraints=[constraint]), table("two", "b")]},
        lineage={"lineage": [{"fromEntity": "file_service.db.two.b", "toEntity": "one.a"}]},
    )
    run(folder, service_name="mine")
    (first,) = (r for r in run.records if isinstance(r, CreateTableRequest) and r.name == "a")
    assert first.tableConstraints is not None
    assert first.tableConstraints[0].referredColumns == [
        "mine.db.two.b.id",
        "elsewhere.db.s.t.id",
        "mine.db.two.b.id",
    ]
    (edge,) = (r.edge for r in run.records if isinstance(r, AddLineageRequest))
    assert edge.fromEntity.fullyQualifiedName == "mine.db.two.b"


def test_byte_order_mark_is_no_problem(run: Run, write: Write) -> None:
    """A file with a byte order mark, as Windows programs write it, is read."""
    folder = write()
    path = folder / "tables.json"
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    assert run(folder).counts["table"] == 2


def test_relative_folder_starts_at_the_working_directory(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative sample_schema_folder is found from the working directory."""
    folder = write()
    monkeypatch.chdir(folder.parent)
    assert run(Path(folder.name)).counts["table"] == 2


LINEAGE = {"lineage": [{"fromEntity": "one.a", "toEntity": "two.b"}]}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (DatabaseSourceConfig(), ["one.a", "two.b"]),
        (DatabaseSourceConfig(databaseFilterPattern=FilterPattern(excludes=["db"])), []),
        (DatabaseSourceConfig(schemaFilterPattern=FilterPattern(includes=["one"])), ["one.a"]),
        (DatabaseSourceConfig(tableFilterPattern=FilterPattern(excludes=["A"])), ["two.b"]),
        (
            DatabaseSourceConfig(
                useFqnForFiltering=True,
                tableFilterPattern=FilterPattern(includes=["file_service.db.two"]),
            ),
            ["two.b"],
        ),
        (DatabaseSourceConfig(includeViews=False), ["one.a"]),
        (DatabaseSourceConfig(includeTables=False), ["two.b"]),
    ],
)
def test_source_config_filters(
    run: Run, write: Write, table: MakeTable, settings: DatabaseSourceConfig, expected: list[str]
) -> None:
    """Filter patterns and include flags drop tables and their lineage, and count them."""
    folder = write(
        tables={"tables": [table("one", "a"), table("two", "b", tableType="View")]},
        lineage=LINEAGE,
    )
    run(folder, source_config=settings)
    assert (run.refused, run.failures) == ([], [])
    assert run.fqns(Table) == [f"file_service.db.{name}" for name in expected]
    assert run.counts.get("lineage", 0) == (len(expected) == 2)
    assert bool(run.status.filtered_count) == (len(expected) < 2)


def test_a_filtered_table_is_not_looked_into(run: Run, write: Write, table: MakeTable) -> None:
    """A pattern can leave out a table whose entry is wrong."""
    folder = write(tables={"tables": [table("one", "bad", columns=7), table("two", "b")]})
    settings = DatabaseSourceConfig(tableFilterPattern=FilterPattern(excludes=["bad"]))
    run(folder, source_config=settings)
    assert run.failures == []
    assert run.fqns(Table) == ["file_service.db.two.b"]


def test_tags_can_be_left_out(run: Run) -> None:
    """With includeTags off neither tags nor their labels are delivered, and nothing is slower."""
    Model.skipped_validation = False  # as in a fresh process
    run(source_config=DatabaseSourceConfig(includeTags=False))
    assert run.refused == []
    assert not Model.skipped_validation
    assert run.counts["table"] == 21
    assert "tag" not in run.counts
    stored = [json.loads(found.model_dump_json()) for found in run.catalog.list_entities(Table)]
    assert '"tagFQN"' not in json.dumps(stored)
