"""Catalog files that an older om-ingest wrote."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from om_ingest.errors import WorkflowError
from om_ingest.kinds import KINDS
from om_ingest.model import AddLineageRequest, Record, Table
from om_ingest.model.entity import CreateRequest
from om_ingest_catalog import Attachments, Catalog, Edges

Make = Callable[..., CreateRequest]

TABLE = "databaseService.database.databaseSchema.table"

# As om-ingest 0.1 created them: the text is not to follow what the code says today.
VERSION_1 = """
    CREATE TABLE entity (
        rowid INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        entity_type TEXT NOT NULL,
        fqn TEXT NOT NULL,
        name TEXT NOT NULL,
        version REAL NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL,
        deleted INTEGER NOT NULL DEFAULT 0,
        put_hash BLOB,
        body TEXT NOT NULL,
        change TEXT,
        UNIQUE (entity_type, fqn)
    );
    CREATE TABLE history (
        entity INTEGER NOT NULL,
        version REAL NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        body TEXT NOT NULL,
        change TEXT,
        PRIMARY KEY (entity, version)
    );
    CREATE TABLE lineage (
        source INTEGER NOT NULL,
        target INTEGER NOT NULL,
        description TEXT,
        details TEXT NOT NULL,
        PRIMARY KEY (source, target)
    );
    CREATE INDEX lineage_target ON lineage (target);
    CREATE VIRTUAL TABLE search USING fts5 (
        name, display_name, description, columns, tokenize = "unicode61 remove_diacritics 2"
    );
    PRAGMA application_id = 0x6F6D6967;
    PRAGMA user_version = 1;
    PRAGMA journal_mode = WAL;
"""
COLUMNS = {
    "entity": "rowid, id, entity_type, fqn, name, version, updated_at, updated_by, deleted,"
    " put_hash, body, change",
    "history": "entity, version, updated_at, updated_by, deleted, body, change",
    "lineage": "source, target, description, details",
    "search": "rowid, name, display_name, description, columns",
}


def edge(*ends: str, **details: Any) -> AddLineageRequest:
    """An edge between two ends, each `<entity type>:<FQN>`."""
    source, target = (
        {"type": kind, "fullyQualifiedName": fqn}
        for kind, _, fqn in (given.partition(":") for given in ends)
    )
    return AddLineageRequest.model_validate(
        {"edge": {"fromEntity": source, "toEntity": target, "lineageDetails": details}}
    )


@pytest.fixture
def old(tmp_path: Path, one_of_each: list[Record], make: Make) -> Path:
    """A file of version 1 with an entity of every kind of then, history, lineage and search."""
    path, filled = tmp_path / "old.db", tmp_path / "filled.db"
    pipeline = {"type": "pipeline", "fullyQualifiedName": "pipelineService.pipeline"}
    with Catalog(filled) as catalog:
        catalog.write([r for r in one_of_each if r.entity_type != "ingestionPipeline"])  # type: ignore[union-attr]  # no markers among them
        catalog.write([make("table", displayName="second version")])
        catalog.write(
            [
                edge("topic:messagingService.topic", f"table:{TABLE}"),
                edge(
                    f"table:{TABLE}",
                    "dashboard:dashboardService.dashboard",
                    source="PipelineLineage",
                    pipeline=pipeline,
                ),
            ]
        )
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
        connection.execute("ATTACH ? AS filled", (str(filled),))
        for name, columns in COLUMNS.items():
            connection.execute(
                f"INSERT INTO {name} ({columns}) SELECT {columns} FROM filled.{name}"
            )
        # In those days a pipeline stood there as it was given.
        details = json.dumps({"source": "PipelineLineage", "pipeline": pipeline})
        sql = "UPDATE lineage SET details = ? WHERE instr(details, 'PipelineLineage')"
        connection.execute(sql, (details,))
        connection.commit()
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A directory that every user may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


def contents(path: Path) -> dict[str, list[Any]]:
    """All rows of the tables that a file of version 1 has."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: connection.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2").fetchall()
            for name, columns in COLUMNS.items()
        }


def shape(path: Path) -> tuple[int, list[tuple[Any, ...]]]:
    """The version of a file, and every column and index of it."""
    with closing(sqlite3.connect(path)) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [name for (name,) in connection.execute(names)]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        columns = [
            (table, *column)
            for table in sorted(tables)
            for pragma in ("table_info", "index_list")
            for column in connection.execute(f"PRAGMA {pragma}({table})")
        ]
        return version, columns


def test_everything_is_kept(old: Path) -> None:
    """Opening an older file changes its version, and none of the rows that it had."""
    before = contents(old)
    assert len(before["entity"]) == len(KINDS) - 1
    assert before["history"]
    assert before["search"]
    with Catalog(old) as catalog:
        versions = [table.version for table in catalog.versions(Table, TABLE)]
        graph = catalog.get_lineage(Table, TABLE)
        assert [hit.fqn for hit in catalog.search("second version")] == [TABLE]
    assert versions == [0.2, 0.1]
    assert graph is not None
    assert {node.type for node in graph.nodes} == {"topic", "dashboard"}
    assert contents(old) == before


def test_an_upgraded_file_is_like_a_new_one(old: Path, tmp_path: Path) -> None:
    """After the upgrade a file has the tables, columns and indexes of one that is made today."""
    Catalog(old).close()
    Catalog(tmp_path / "new.db").close()
    assert shape(old) == shape(tmp_path / "new.db")
    assert shape(old)[0] == 4


def test_an_upgraded_file_takes_what_is_new(old: Path, make: Make) -> None:
    """Attachments and ingestion pipelines can be stored, and old edges are found by pipeline."""
    with Catalog(old) as catalog:
        (result,) = catalog.write([make("ingestionPipeline")])
        assert result.reason == ""
        rows = {"columns": ["col.a"], "rows": [[1]]}
        assert Attachments(catalog).put_sample_data("table", TABLE, rows)["sampleData"] == rows
        edges = Edges(catalog)
        assert edges.delete_by_source("pipeline", "pipelineService.pipeline", "OpenLineage") == 1


def test_an_upgraded_file_has_backlinks(old: Path, tmp_path: Path) -> None:
    """The reverse index of references equals that of a file written today."""
    Catalog(old).close()
    found = []
    for path in (old, tmp_path / "filled.db"):
        with closing(sqlite3.connect(path)) as connection:
            found.append(connection.execute("SELECT * FROM mention ORDER BY 1, 2, 3").fetchall())
    assert found[0] == found[1] != []


def test_a_reader_never_upgrades(old: Path) -> None:
    """An older file is refused to who only reads: not a byte changes, nothing is left beside."""
    before = old.read_bytes()
    with pytest.raises(
        WorkflowError, match=r"by an older om-ingest \(format 1, .* reads 4\)"
    ) as told:
        Catalog(old, read_only=True)
    assert f"`om-ingest catalog upgrade --catalog {old}` upgrades it" in told.value.remedy
    assert old.read_bytes() == before
    assert list(old.parent.glob("old.db*")) == [old]
    with Catalog.copy_of(old) as copy:  # as a dry run has it
        assert copy.get_by_name(Table, TABLE) is not None
    assert old.read_bytes() == before


READER = """
import os, sys
from om_ingest_catalog import Catalog
from om_ingest.errors import WorkflowError
if os.geteuid() == 0:
    os.setuid(65534)
try:
    Catalog(sys.argv[1], read_only=True)
except WorkflowError as error:
    print(error)
"""


def test_a_reader_who_may_not_write_is_told(old: Path, open_folder: Path) -> None:
    """A read-only older file is refused unchanged; the message says what upgrades it."""
    path = open_folder / "old.db"
    shutil.copy(old, path)
    path.chmod(0o444)
    open_folder.chmod(0o555)
    run = subprocess.run(
        [sys.executable, "-c", READER, str(path)], capture_output=True, text=True, check=True
    )
    assert "written by an older om-ingest (format 1, this one reads 4)" in run.stdout
    assert "`om-ingest catalog upgrade --catalog" in run.stdout
    assert shape(path)[0] == 1


OPENER = """
import sys
from om_ingest_catalog import Catalog
sys.stdin.readline()
with Catalog(sys.argv[1]) as catalog:
    print(sum(catalog.counts().values()))
"""


def test_several_processes_upgrade_at_once(old: Path) -> None:
    """Concurrent writers of an older file all get it upgraded; one makes a backup, and says so."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, str(old)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate() for process in processes]
    assert {out for out, _ in answers} == {f"{len(KINDS) - 1}\n"}
    backup = old.with_name("old.db.format-1.backup")
    *others, said = sorted(err for _, err in answers)
    assert others == ["", "", ""]
    assert said.endswith(f"was upgraded from format 1 to 4; as it was, it is kept in {backup}.\n")
    assert (shape(old)[0], shape(backup)[0]) == (4, 1)
    assert list(old.parent.glob("*.backup*")) == [backup]


def test_an_upgrade_that_fails_changes_nothing(old: Path) -> None:
    """A failed upgrade changes nothing, and raises an error of om-ingest."""
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("CREATE TABLE attachment (a)")
        connection.commit()
    before = contents(old)
    with pytest.raises(WorkflowError, match="Cannot open the catalog"):
        Catalog(old)
    assert contents(old) == before
    assert shape(old)[0] == 1
    assert list(old.parent.glob("*.backup*")) == []
