"""Whatever is wrong with a folder is said plainly, and costs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from metadata.ingestion.source.database.sample_tables import SampleTablesSource
from om_ingest import SourceError, WorkflowContext, WorkflowError
from om_ingest.model import Table

if TYPE_CHECKING:
    from conftest import MakeTable, Run, Write


def test_folder_that_does_not_exist(run: Run, tmp_path: Path) -> None:
    """A folder that is not there is an error in the config, found before anything runs."""
    with pytest.raises(WorkflowError, match=r"there is no folder .*nowhere") as caught:
        run(tmp_path / "nowhere")
    assert [problem.path for problem in caught.value.problems] == [("sample_schema_folder",)]


def test_file_instead_of_a_folder(run: Run, write: Write) -> None:
    """A file is no folder."""
    with pytest.raises(WorkflowError, match="there is no folder"):
        run(write() / "tables.json")


def test_unknown_config_key(run: Run) -> None:
    """A misspelt key of the config is named."""
    with pytest.raises(WorkflowError, match="sample_folder"):
        SampleTablesSource.create({"sample_folder": "."}, {}, WorkflowContext(run.catalog, "s"))


LONG_NAME = "n" * 257

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"service": None}, r"There is no file .*service\.json"),
    ({"database": None}, r"There is no file .*database\.json"),
    ({"tables": None}, r"There is no file .*tables\.json"),
    ({"tables": '{\n  "tables": [}'}, r"tables\.json, line 2, column 14: not JSON"),
    ({"tables": ""}, r"tables\.json, line 1, column 1: not JSON"),
    ({"lineage": "[" * 200_000}, r"lineage\.json is not JSON"),
    ({"tags": "[]"}, r"tags\.json holds no JSON object"),
    ({"service": {"name": "s"}}, r"service\.json: 'serviceType' is missing"),
    ({"service": {"name": "s", "serviceType": "Postgre"}}, "Did you mean Postgres"),
    ({"service": {"serviceType": "Mysql"}}, r"service\.json: name: this key is required"),
    ({"service": {"name": "s", "type": "Mysql", "jdbc": {}}}, r"service\.json: jdbc: unknown key"),
    (
        {"service": {"name": "s", "serviceName": "t", "type": "Mysql"}},
        r"service\.json: 'name' is given twice",
    ),
    ({"database": {"schemas": [{"name": "s"}]}}, r"database\.json: name: this key is required"),
    ({"database": {"name": LONG_NAME}}, r"database\.json: name: a name has 1 to 256"),
    ({"database": {"name": "db", "schema": "x"}}, r"database\.json: schema: unknown key"),
    ({"database": {"name": "db", "schemas": []}}, "'schemas' is empty"),
    ({"database": {"name": "db", "schemas": ["s"]}}, "'schemas' must be a list of objects"),
    ({"database": {"name": "db", "schemas": [{"name": 1}]}}, r"schemas\[0\]: name: "),
    (
        {"database": {"name": "db", "schemas": [{"name": "s"}, {"name": "s"}]}},
        r"schemas\[1\]: schema 's' is given twice",
    ),
    ({"tables": {"tables": {}}}, "'tables' must be a list"),
    ({"tables": {"tables": [], "views": []}}, r"tables\.json: unknown key 'views'"),
    ({"tags": {"tags": []}}, r"tags\.json: unknown key 'tags'"),
    ({"tags": {}}, "'classifications' must be a list of objects"),
    (
        {"tags": {"classifications": [{"name": "c", "tags": []}]}},
        r"tags\.json, classifications\[0\]: description: this key is required",
    ),
    (
        {"tags": {"classifications": [{"name": "c", "description": "", "tags": [{}]}]}},
        r"classifications\[0\]\.tags\[0\]: name: this key is required",
    ),
    ({"lineage": {"edges": []}}, r"lineage\.json: unknown key 'edges'"),
    ({"lineage": {"lineage": [1]}}, "'lineage' must be a list of objects"),
]


@pytest.mark.parametrize(("files", "message"), WRONG)
def test_wrong_files_stop_the_source_before_the_first_record(
    run: Run, write: Write, files: dict[str, Any], message: str
) -> None:
    """A file that cannot be read is named with the place in it, and nothing is delivered."""
    with pytest.raises(SourceError, match=message) as caught:
        run(write(**files))
    assert caught.value.remedy
    assert run.records == []


def test_file_that_is_no_text(run: Run, write: Write) -> None:
    """A file in another encoding is named."""
    folder = write()
    (folder / "database.json").write_bytes(b'{"name": "b\xfccher"}')
    with pytest.raises(SourceError, match=r"database\.json is not JSON.*\n.*UTF-8"):
        run(folder)


def test_folder_in_the_place_of_a_file(run: Run, write: Write) -> None:
    """Also an optional file has to be readable if it is there."""
    folder = write()
    (folder / "tags.json").mkdir()
    with pytest.raises(SourceError, match=r"Cannot read .*tags\.json"):
        run(folder)


X = "file_service.db.one.x"
THIRD = "tables.json, tables[2]"
INTT = {"name": "a", "dataType": "INTT"}
BAD_ENTRIES: list[tuple[dict[str, Any], str, str]] = [
    ({"colums": []}, X, "tables.json, table one.x: colums: unknown key"),
    ({"columns": None}, X, "columns: this key has no value"),
    (
        {"columns": [INTT]},
        X,
        "table one.x: columns.0.dataType: 'INTT' is no DataType; did you mean INT?",
    ),
    ({"tableType": "view"}, X, "tableType: 'view' is no TableType; did you mean View?"),
    ({"name": LONG_NAME}, f"file_service.db.one.{LONG_NAME}", "name: a name has 1 to 256"),
    ({"tableConstraints": [{"referredColumns": ["two.b"]}]}, X, "'two.b' is no path of a column"),
    ({"tableConstraints": [{"referredColumns": ['two."b']}]}, X, "Not a fully qualified name"),
    ({"schema": "three"}, THIRD, "schema 'three' is none of database.json: one, two"),
    ({"schema": None}, THIRD, "schema None is none of database.json: one, two"),
    ({"name": ""}, THIRD, "the table has no name"),
    ({"name": "a"}, THIRD, "the table one.a is given twice"),
]


@pytest.mark.parametrize(("change", "key", "reason"), BAD_ENTRIES)
def test_bad_table_costs_no_other(
    run: Run, write: Write, table: MakeTable, change: dict[str, Any], key: str, reason: str
) -> None:
    """A wrong entry is a failure that names file and key; its schema is not called complete."""
    entries = [table("one", "a"), table("two", "b"), table("one", "x") | change]
    run(write(tables={"tables": entries}))
    assert run.refused == []
    ((found_key, found_reason),) = run.failures
    assert found_key == key
    assert reason in found_reason
    assert run.fqns(Table) == ["file_service.db.one.a", "file_service.db.two.b"]
    assert run.complete == ([] if key == THIRD else ["file_service.db.two"])


def test_entry_that_is_no_object(run: Run, write: Write, table: MakeTable) -> None:
    """An entry that is no JSON object is a failure that names its place."""
    run(write(tables={"tables": ["x", table("two", "b")]}))
    assert run.failures == [("tables.json, tables[0]", "not a JSON object")]
    assert run.fqns(Table) == ["file_service.db.two.b"]


BAD_EDGES = [
    ({"fromEntity": "one.a"}, "toEntity: this key is required"),
    ({"fromEntity": "one.a", "toEntity": "two.b", "sql": "x"}, "sql: unknown key"),
    ({"fromEntity": "a", "toEntity": "two.b"}, "'a' is no path of a table"),
    ({"fromEntity": "one.a", "toEntity": "two.zzz"}, "no table was read for file_service.db.two.z"),
    (
        {"fromEntity": "one.a", "toEntity": "two.b", "source": "Magic"},
        "source: 'Magic' is no LineageSource; list(om",
    ),
    (
        {
            "fromEntity": "one.a",
            "toEntity": "two.b",
            "columnsLineage": [{"fromColumns": ["one.a.id"], "toColumn": "b.id"}],
        },
        "'b.id' is no path of a column",
    ),
]


@pytest.mark.parametrize(("edge", "reason"), BAD_EDGES)
def test_bad_edge_costs_no_other(run: Run, write: Write, edge: dict[str, Any], reason: str) -> None:
    """A wrong entry of lineage.json is a failure that names its place; the next is delivered."""
    good = {"fromEntity": "one.a", "toEntity": "two.b"}
    run(write(lineage={"lineage": [edge, good]}))
    ((key, found),) = run.failures
    assert key == "lineage.json, lineage[0]"
    assert reason in found
    assert run.counts["lineage"] == 1
    assert run.refused == []


def test_parent_that_the_store_refuses(run: Run, write: Write) -> None:
    """When a parent cannot be read back, the source ends and says which one it was."""
    database = {"name": "db", "tags": [{"tagFQN": "No.Such"}]}
    with pytest.raises(SourceError, match=r"The sink refused the database file_service\.db"):
        run(write(database=database))
    assert "No.Such" in run.refused[0]
    assert run.counts == {"databaseService": 1, "database": 1}
