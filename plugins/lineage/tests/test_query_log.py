"""The source `query-log`, with `sql-lineage` behind it, in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from om_ingest.masking import Redactor
from om_ingest.model import (
    Column,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    DatabaseServiceType,
    DataType,
    Query,
)
from om_ingest.run import launch, request
from om_ingest.store import Outcome
from om_ingest.workflow.report import RunReport
from om_ingest_catalog import Catalog

INSERT = "INSERT INTO tgt SELECT a FROM src WHERE b IN (1, 2) AND a <> 'x'"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path


def run(
    text: str, sink: str = "jsonl:out.jsonl", processors: bool = False, **config: Any
) -> RunReport:
    """Read a log, which is written into the file `log`, or `log` with the ending of its format."""
    ending = config.pop("ending", "csv")
    Path(f"log.{ending}").write_text(text, encoding="utf-8")
    flow = {
        "source": {
            "type": "query-log",
            "serviceName": "shop",
            "config": {"queryLogFilePath": f"log.{ending}", "dialect": "postgres", **config},
        },
        "processors": [{"type": "sql-lineage"}] if processors else [],
    }
    Path("flow.json").write_text(json.dumps(flow), encoding="utf-8")
    return launch.launch(request.job("flow.json", sink=sink, redact=Redactor()))


def queries(folder: Path) -> list[tuple[str, float | None, int | None]]:
    """Text, duration and last execution of the queries that a run delivered."""
    lines = (folder / "out.jsonl").read_text("utf-8").splitlines()[1:-1]
    records = [json.loads(line)["record"] for line in lines]
    return [(r["query"], r.get("duration"), r.get("queryDate")) for r in records]


def test_executions_of_a_query_are_one_record(folder: Path) -> None:
    """What differs in values, letters of words, spaces and comments is one query."""
    log = (
        "query_text,database_name,start_time,aborted,duration\n"
        f'"{INSERT}",shop,2026-01-02 10:00:00.000000,false,10\n'
        "\"insert into tgt  select a from src /* more */ where b in (3,4, 5) and a <> 'secret'\","
        "shop,2026-01-03T00:00:00Z,false,20\n"
        '"SELECT a FROM src",shop,2026-01-03,true,1\n'
        "ALTER USER me PASSWORD 'secret',shop,2026-01-03,false,1\n"
        "SELECT * FROM src AS om_ingest_sample LIMIT 9,shop,2026-01-03,false,1\n"
        "SELECT 1 FROM src JOIN information_schema.tables USING (a),shop,2026-01-03,false,1\n"
    )
    report = run(log)
    assert report.state == "success"
    masked = "INSERT INTO tgt SELECT a FROM src WHERE b IN (?, ?) AND a <> '?'"
    assert queries(folder) == [(masked, 0.015, 1767398400000)]
    assert report.source_status.filtered_count == 4
    assert "secret" not in str(report)


def test_lines_that_cannot_be_used_are_told_with_their_number(folder: Path) -> None:
    """A bad line is a warning with its place, and the others are read."""
    log = (
        "query_text;start_time\nSELECT a FROM src;2026-01-01\n"
        "SELECT b FROM src;yesterday\n;2026-01-01\n1;2;3;4\nSELECT c FROM src;\n"
    )
    report = run(log)
    assert [sql for sql, *_ in queries(folder)] == ["SELECT a FROM src", "SELECT c FROM src"]
    notes = [(note.key, note.reason.split(":")[0]) for note in report.source_status.warnings]
    assert notes == [
        ("log.csv:3", "'yesterday' is no time"),
        ("log.csv:4", "no statement"),
        ("log.csv:5", "4 fields, and the first row names 2"),
    ]


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("csv", "root:x:0:0:root:/root:/bin/sh\nme:x:1:1::/:/bin/sh\n"),
        ("csv", "ab\0cd\n\xff\0\n"),
        ("jsonl", '{"level": "info"}\n'),
    ],
)
def test_what_is_no_log_fails(folder: Path, ending: str, text: str) -> None:
    """A file of which no line is a statement is a failure, and so is a folder."""
    report = run(text, ending=ending)
    assert (report.state, report.source_status.failure_count) == ("failed", 1)
    (folder / "log.sql").mkdir()
    (error,) = run(text, queryLogFilePath="log.sql").errors
    assert "There is no file log.sql" in error


POSTGRES_LINE = (
    '2026-01-02 10:00:00.123 UTC,"me","shop",77,"[local]",65a.1,3,"INSERT",2026-01-02 09:00:00 UTC,'
    '3/4,0,{level},00000,"{message}",,,,,,,,,"{application}","client backend",,0\n'
)


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("jsonl", '{"query": "SELECT a FROM src", "calls": 3, "time": 1767348000}\nno JSON\n'),
        (
            "json",
            (
                '{"timestamp": "2026-01-02 10:00:00 UTC", "user": "me", "dbname": "shop",'
                ' "error_severity": "LOG", "message": "statement: SELECT a FROM src"}\n'
                '{"error_severity": "ERROR", "message": "no such table"}\n'
            ),
        ),
        (
            "log",
            POSTGRES_LINE.format(
                level="LOG",
                message="duration: 1.5 ms  statement: SELECT a FROM src",
                application="",
            )
            + POSTGRES_LINE.format(level="LOG", message="checkpoint starting", application="")
            + POSTGRES_LINE.format(
                level="LOG", message="statement: SELECT b FROM src", application="om-ingest"
            ),
        ),
        (
            "slow",
            (
                "/usr/sbin/mariadbd, Version: 11. started with:\nTcp port: 3306  Unix socket: x\n"
                "Time                 Id Command    Argument\n# Time: 2026-01-02T10:00:00.000000Z\n"
                "# User@Host: me[me] @ localhost []\n# Thread_id: 3  Schema: shop  QC_hit: No\n"
                "# Query_time: 0.001500  Lock_time: 0.000100 Rows_sent: 1  Rows_examined: 1\n"
                "use shop;\nSET timestamp=1767348000;\nSELECT a\nFROM src;\n"
            ),
        ),
        (
            "general",
            (
                "Time                 Id Command    Argument\n"
                "2026-01-02T10:00:00.000000Z\t    5 Connect\tme@localhost on shop using Socket\n"
                "2026-01-02T10:00:00.000000Z\t    5 Query\tSELECT a\n  FROM src\n"
                "\t\t    5 Quit\t\n"
            ),
        ),
        ("sql", "-- a comment; it's one\nSELECT a FROM src;\nSET x = 1;\n"),
    ],
)
def test_each_format_is_recognised(folder: Path, ending: str, text: str) -> None:
    """JSON Lines, logs of PostgreSQL and MySQL, and SQL are told apart by their content."""
    assert run(text, ending=ending).state == "success"
    ((sql, _, _),) = queries(folder)
    assert sql.split() == ["SELECT", "a", "FROM", "src"]


def store(path: Path) -> Catalog:
    """A catalog with two tables of the service."""
    catalog = Catalog(path)
    catalog.create_or_update(
        CreateDatabaseServiceRequest(name="shop", serviceType=DatabaseServiceType.Postgres)
    )
    catalog.create_or_update(CreateDatabaseRequest(name="db", service="shop"))
    catalog.create_or_update(CreateDatabaseSchemaRequest(name="public", database="shop.db"))
    columns = [Column(name="a", dataType=DataType.TEXT), Column(name="b", dataType=DataType.INT)]
    for name in ("src", "tgt"):
        catalog.create_or_update(
            CreateTableRequest(name=name, databaseSchema="shop.db.public", columns=columns)
        )
    return catalog


def test_a_log_gives_edges_and_usage(folder: Path) -> None:
    """Behind the log, sql-lineage draws edges, and counts the uses of each table by day."""
    store(folder / "om.db").close()
    log = (
        "query;db;start_time;count\n"
        f'"{INSERT}";db;2026-01-02;4\n"{INSERT}";db;2026-01-03;1\n'
        "SELECT a FROM src;db;2026-01-03;2\n"
    )
    for _ in range(2):
        report = run(log, "catalog:om.db", processors=True)
        assert report.state == "success"
    # The second run has set the same counts of the same days again.
    assert report.tally.by_type == {
        ("query", Outcome.UNCHANGED): 2,
        ("lineage", Outcome.UNCHANGED): 1,
        ("usage", Outcome.UNCHANGED): 4,
    }
    with Catalog(folder / "om.db") as catalog:
        query = next(q for q in catalog.list_entities(Query) if q.query.startswith("INSERT"))
        used = [reference.fullyQualifiedName for reference in query.queryUsedIn or []]
    assert used == ["shop.db.public.src", "shop.db.public.tgt"]


def test_the_service_has_to_be_there(folder: Path) -> None:
    """A log of a service that the catalog does not have is refused with what to do."""
    report = run("query\nSELECT a FROM src\n", "catalog:om.db")
    (error,) = report.errors
    assert "There is no database service 'shop'" in error
    assert "Read the database first" in error


def test_a_log_of_many_queries_is_not_kept_in_memory(folder: Path) -> None:
    """More queries than are counted in memory are all delivered, the most frequent ones first."""
    lines = [f"SELECT c{n} FROM src;1\n" for n in range(6000)]
    log = "query;count\n" + "".join(lines) + "SELECT c3 FROM src;5\n"
    assert run(log, limit=2).state == "success"
    assert queries(folder)[0][0] == "SELECT c3 FROM src"
    assert len(queries(folder)) == 2
