"""The `mariadb` source over a real server: everything that its information_schema says."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from metadata.ingestion.source.database.sql_databases.mysql.source import MariadbSource
from metadata.ingestion.source.database.sql_databases.mysql.statements import Dialect
from metadata.ingestion.source.database.sql_databases.reader.session import Wanted
from om_ingest import CreateTableRequest, Record, ScopeComplete, SourceError, WorkflowContext
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import AddSampleDataRequest, CreateStoredProcedureRequest, Table
from om_ingest_catalog import Catalog
from om_ingest_testing import SourceSuite

from tests.databases.mariadb import MariaDb
from tests.databases.samples import mariadb_statements

pytestmark = pytest.mark.mariadb


class Read:
    """What one run of the source gave."""

    def __init__(
        self, server: MariaDb, settings: dict[str, Any] | None = None, **config: Any
    ) -> None:
        with Catalog.temporary() as catalog, source(server, catalog, settings, **config) as reads:
            reads.prepare()
            self.records: list[Record] = list(reads.next_record())
            self.status = reads.get_status()
            self.statement_count = reads.statement_count

    def of(self, kind: type[Any]) -> dict[str, Any]:
        """Records of a kind by name."""
        return {record.name: record for record in self.records if isinstance(record, kind)}

    @property
    def tables(self) -> dict[str, CreateTableRequest]:
        """Tables and views by name."""
        return self.of(CreateTableRequest)

    @property
    def routines(self) -> dict[str, CreateStoredProcedureRequest]:
        """Procedures and functions by name."""
        return self.of(CreateStoredProcedureRequest)

    def columns(self, table: str) -> dict[str, Any]:
        """Columns of a table by name."""
        return {column.name: column for column in self.tables[table].columns}

    @property
    def warnings(self) -> list[str]:
        """What the status warns of."""
        return [note.reason for note in self.status.warnings]

    @property
    def scopes(self) -> set[tuple[str, str]]:
        """What was called complete: FQN, and kind of entity."""
        done = (record for record in self.records if isinstance(record, ScopeComplete))
        return {(one.scope_fqn, one.entity.entity_type) for one in done}


def source(
    server: MariaDb,
    catalog: Catalog,
    settings: dict[str, Any] | None = None,
    **config: Any,
) -> MariadbSource:
    """The source, as the host makes it."""
    login = {"username": server.user, "password": server.password}
    chosen = DatabaseSourceConfig.model_validate(settings or {})
    context = WorkflowContext(catalog, "svc", source_config=chosen)
    return MariadbSource.create({"hostPort": server.socket, **login, **config}, {}, context)


_numbers = count(1)


@pytest.fixture
def schema(mariadb: MariaDb) -> Iterator[str]:
    """A new schema, gone after the test."""
    name = f"s{next(_numbers)}"
    mariadb.execute(f"CREATE DATABASE {name} COMMENT 'made by a test'")
    yield name
    mariadb.execute(f"DROP DATABASE {name}")


@pytest.fixture
def reader(mariadb: MariaDb) -> Iterator[dict[str, str]]:
    """The login of a user without rights, gone after the test."""
    login = {"username": f"u{next(_numbers)}", "password": "sésame"}
    mariadb.execute(f"CREATE USER {login['username']} IDENTIFIED BY 'sésame'")
    yield login
    mariadb.execute(f"DROP USER {login['username']}")


@pytest.fixture(scope="class", autouse=True)
def _config(request: pytest.FixtureRequest, mariadb: MariaDb) -> Iterator[None]:
    if request.cls is None:
        yield
        return
    mariadb.execute("CREATE DATABASE suite", "CREATE TABLE suite.t (id INT PRIMARY KEY)")
    login = {"username": mariadb.user, "password": mariadb.password}
    request.cls.config = {"hostPort": mariadb.host_port, "databaseSchema": "suite", **login}
    yield
    mariadb.execute("DROP DATABASE suite")


@pytest.mark.full  # that of duckdb shows it of the reader that both share
class TestMariadb(SourceSuite):
    source = MariadbSource
    # The service is delivered with its connection: the host masks it for all sinks but a server.
    test_secrets_hidden = None


def test_types_are_told_in_full(mariadb: MariaDb, schema: str) -> None:
    """Every type keeps what it was declared with; `json` is no text."""
    declared = {
        "a": ("int(10) unsigned", "INT"),
        "b": ("int(5) unsigned zerofill", "INT"),
        "c": ("decimal(10,2)", "DECIMAL"),
        "d": ("bit(3)", "BIT"),
        "e": ("enum('a','b,c','it''s')", "ENUM"),
        "f": ("set('x','y')", "SET"),
        "g": ("json", "JSON"),
        "h": ("datetime(6)", "DATETIME"),
        "i": ("varchar(40)", "VARCHAR"),
        "j": ("mediumblob", "MEDIUMBLOB"),
        "k": ("geometrycollection", "GEOMETRY"),
        "l": ("longtext", "TEXT"),
        "m": ("uuid", "UUID"),
        "n": ("year(4)", "YEAR"),
    }
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in declared.items())
    mariadb.execute(f"CREATE TABLE {schema}.t ({columns})")
    found = Read(mariadb, databaseSchema=schema).columns("t")
    assert {
        name: (column.dataTypeDisplay, column.dataType.value) for name, column in found.items()
    } == declared
    assert (found["c"].precision, found["c"].scale, found["i"].dataLength) == (10, 2, 40)


def test_keys_reach_into_other_schemas(mariadb: MariaDb, schema: str) -> None:
    """Keys have their columns in the order of the key; a foreign key has its cardinality.

    A unique and a foreign key of one name are two.
    """
    other = f"{schema}_x"
    mariadb.execute(
        f"CREATE DATABASE {other}",
        f"CREATE TABLE {other}.`p.q` (a INT, b INT, PRIMARY KEY (b, a)) COMMENT 'it''s'",
        f"CREATE TABLE {schema}.one (x INT, y INT, UNIQUE KEY same (x, y),"
        f" CONSTRAINT same FOREIGN KEY (x, y) REFERENCES {other}.`p.q` (b, a))",
        f"CREATE TABLE {schema}.many (x INT, y INT,"
        f" FOREIGN KEY (x, y) REFERENCES {other}.`p.q` (b, a))",
    )
    read = Read(mariadb)
    mariadb.execute(
        f"DROP DATABASE {schema}", f"DROP DATABASE {other}", f"CREATE DATABASE {schema}"
    )
    assert read.tables["p.q"].description == "it's"
    found = {
        table: [
            (one.constraintType, one.columns, one.referredColumns, one.relationshipType)
            for one in read.tables[table].tableConstraints or []
        ]
        for table in ("p.q", "one", "many")
    }
    target = [f'svc.default.{other}."p.q".b', f'svc.default.{other}."p.q".a']
    assert found == {
        "p.q": [("PRIMARY_KEY", ["b", "a"], None, None)],
        "one": [
            ("UNIQUE", ["x", "y"], None, None),
            ("FOREIGN_KEY", ["x", "y"], target, "ONE_TO_ONE"),
        ],
        "many": [("FOREIGN_KEY", ["x", "y"], target, "MANY_TO_ONE")],
    }


def test_a_view_is_a_statement_that_makes_it_again(mariadb: MariaDb, schema: str) -> None:
    """The statement needs no current schema, and keeps the names and the check of the view."""
    mariadb.execute(
        f"CREATE TABLE {schema}.t (`a b` INT, c INT)",
        f"CREATE VIEW {schema}.v (x, `y``z`) AS SELECT `a b`, c FROM {schema}.t WHERE c > 1"
        " WITH CASCADED CHECK OPTION",
    )
    before = shown(mariadb, f"SHOW CREATE VIEW {schema}.v")
    view = Read(mariadb, databaseSchema=schema).tables["v"]
    assert view.tableType == "View"
    mariadb.execute(f"DROP VIEW {schema}.v", str(view.schemaDefinition))
    assert shown(mariadb, f"SHOW CREATE VIEW {schema}.v") == before


def test_a_routine_is_a_statement_that_makes_it_again(mariadb: MariaDb, schema: str) -> None:
    """Parameters with their modes and types, and what the routine says of itself, are in it."""
    made = {
        "p": "PROCEDURE {}(IN `a` int(11), OUT `b c` decimal(10,2), INOUT `d` enum('x','y'))\n"
        "    MODIFIES SQL DATA\n    COMMENT 'it''s'\nBEGIN SET a = 1; END",
        "f": "FUNCTION {}(`a` int(10) unsigned) RETURNS varchar(20)\n"
        "    READS SQL DATA\n    DETERMINISTIC\nRETURN concat(a, 'x')",
        "q": "PROCEDURE {}()\nSELECT 1",
    }
    for name, text in made.items():
        mariadb.execute(f"CREATE {text.format(f'`{schema}`.`{name}`')}")
    found = Read(mariadb, databaseSchema=schema).routines
    assert {name: found[name].storedProcedureType for name in made} == {
        "p": "StoredProcedure",
        "f": "Function",
        "q": "StoredProcedure",
    }
    assert found["p"].description == "it's"
    for name, text in made.items():
        kind = text.partition(" ")[0]
        show = f"SHOW CREATE {kind} {schema}.{name}"
        before = shown(mariadb, show)
        mariadb.execute(f"DROP {kind} {schema}.{name}", str(found[name].storedProcedureCode.code))
        assert shown(mariadb, show).replace("`", "") == before.replace("`", "")


def test_a_package_has_its_body(mariadb: MariaDb, schema: str) -> None:
    """A package of MariaDB's Oracle mode is one routine: what it declares, and its body."""
    mariadb.execute(
        "SET sql_mode = ORACLE",
        f"CREATE PACKAGE {schema}.k AS PROCEDURE x(a INT); END",
        f"CREATE PACKAGE BODY {schema}.k AS PROCEDURE x(a INT) AS BEGIN NULL; END; END",
    )
    found = Read(mariadb, databaseSchema=schema).routines["k"]
    assert found.storedProcedureType == "StoredPackage"
    assert re.findall(r"CREATE [A-Z ]+", str(found.storedProcedureCode.code)) == [
        "CREATE PACKAGE ",
        "CREATE PACKAGE BODY ",
    ]


def test_partitions_name_columns_or_expressions(mariadb: MariaDb, schema: str) -> None:
    """Each column of a method over columns, the expression of any other, and subpartitions."""
    mariadb.execute(
        f"CREATE TABLE {schema}.a (id INT, d DATE) PARTITION BY RANGE (year(d)) SUBPARTITION BY"
        " HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (2000),"
        " PARTITION p1 VALUES LESS THAN MAXVALUE)",
        f"CREATE TABLE {schema}.b (id INT, `x,y` INT) PARTITION BY KEY (`x,y`, id) PARTITIONS 3",
        f"CREATE TABLE {schema}.c (id INT) PARTITION BY LINEAR HASH (id) PARTITIONS 3",
    )
    tables = Read(mariadb, databaseSchema=schema).tables
    assert {
        name: [
            (column.columnName, column.interval) for column in (table.tablePartition.columns or ())
        ]
        for name, table in tables.items()
        if table.tablePartition
    } == {
        "a": [("d", "year(`d`)"), ("id", None)],
        "b": [("x,y", None), ("id", None)],
        "c": [("id", None)],
    }
    assert {table.tableType.value for table in tables.values() if table.tableType} == {
        "Partitioned"
    }


def test_the_number_of_statements_does_not_grow(mariadb: MariaDb, schema: str) -> None:
    """A sample schema with every feature and odd name takes as many as an empty one: under ten."""
    empty = Read(mariadb, databaseSchema=schema)
    mariadb.execute(*mariadb_statements("everything"), database=schema)
    full = Read(mariadb, databaseSchema=schema, rowCounts=True)
    assert full.statement_count == empty.statement_count < 10
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.TABLES"
            f" WHERE TABLE_SCHEMA = '{schema}' AND TABLE_TYPE <> 'SEQUENCE'"
        )
        assert cursor.fetchone() == (len(full.tables),)
    assert (full.status.failure_count, full.warnings) == (0, [])


def test_definitions_of_tables_are_as_the_server_shows_them(
    mariadb: MariaDb, schema: str, reader: dict[str, str]
) -> None:
    """With `includeDDL`, each table has its statement, with its schema; without it, none has.

    One that the user may not be shown is delivered without, and costs no other its own.
    """
    names = [f"t`{number}" for number in range(4)]
    quoted = [f"`{schema}`.`{name.replace('`', '``')}`" for name in names]
    mariadb.execute(*(f"CREATE TABLE {name} (a INT, b INT)" for name in quoted))
    tables = Read(mariadb, {"includeDDL": True}, databaseSchema=schema).tables
    starts = [str(tables[name].schemaDefinition).partition(" (")[0] for name in names]
    assert starts == [f"CREATE TABLE {name}" for name in quoted]
    plain = Read(mariadb, databaseSchema=schema).tables
    assert {table.schemaDefinition for table in plain.values()} == {None}
    for position, name in enumerate(quoted):
        right = "SELECT (a)" if position in (0, 2) else "SELECT"
        mariadb.execute(f"GRANT {right} ON {name} TO {reader['username']}")
    shown = Read(mariadb, {"includeDDL": True}, databaseSchema=schema, **reader).tables
    assert [bool(shown[name].schemaDefinition) for name in names] == [False, True, False, True]


def test_samples_are_rows_of_the_table(mariadb: MariaDb, schema: str) -> None:
    """The names of the columns, and at most so many rows, in values that JSON has."""
    mariadb.execute(
        f"CREATE TABLE {schema}.t (a INT, b VARCHAR(9), c BINARY(2), d TIME(1), e DECIMAL(5,2),"
        " f DATETIME, g TEXT, h DOUBLE)",
        f"INSERT INTO {schema}.t VALUES (1, 'é☃', 'a', '-25:01:02.5', 1.5, '2024-02-03 04:05:06',"
        " repeat('x', 2000), 0.25), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        f"INSERT INTO {schema}.t SELECT * FROM {schema}.t",
    )
    read = Read(mariadb, databaseSchema=schema, sampleCount=2)
    (sample,) = (one for one in read.records if isinstance(one, AddSampleDataRequest))
    assert sample.sampleData.columns == list("abcdefgh")
    long = "x" * 1000 + "…"
    assert sample.sampleData.rows == [
        [1, "é☃", "0x6100", "-25:01:02.500000", "1.50", "2024-02-03 04:05:06", long, 0.25],
        [2, None, None, None, None, None, None, None],
    ]


def test_a_statement_that_takes_too_long_is_ended(mariadb: MariaDb, schema: str) -> None:
    """A slow view costs its sample after `statementTimeout`, and the server is told to stop."""
    mariadb.execute(
        f"CREATE VIEW {schema}.slow AS SELECT sleep(60) AS x",
        f"CREATE VIEW {schema}.swift AS SELECT 1 AS x",
    )
    read = Read(mariadb, databaseSchema=schema, sampleCount=1, statementTimeout=0.5)
    samples = [one for one in read.records if isinstance(one, AddSampleDataRequest)]
    assert [one.sampleData.rows for one in samples] == [[[1]]]
    (warning,) = read.warnings
    assert "it sent nothing for 0.5 s" in warning
    assert is_left_alone(mariadb)


def test_a_broken_view_costs_its_columns(mariadb: MariaDb, schema: str) -> None:
    """A view on a dropped table is delivered with a warning, unless its columns are known."""
    mariadb.execute(
        f"CREATE TABLE {schema}.t (a INT)",
        f"CREATE VIEW {schema}.v AS SELECT a FROM {schema}.t",
        f"DROP TABLE {schema}.t",
    )
    read = Read(mariadb, databaseSchema=schema)
    assert (read.tables["v"].columns, len(read.warnings)) == ([], 1)
    with Catalog.temporary() as catalog:
        mariadb.execute(f"CREATE TABLE {schema}.t (a INT)")
        for record in Read(mariadb, databaseSchema=schema).records:
            if not isinstance(record, ScopeComplete):
                catalog.create_or_update(record)
        mariadb.execute(f"DROP TABLE {schema}.t")
        with source(mariadb, catalog, databaseSchema=schema) as reads:
            reads.prepare()
            assert not [r for r in reads.next_record() if getattr(r, "name", "") == "v"]
            (warning,) = reads.get_status().warnings
            assert "what is known of it stays" in warning.reason


def test_each_remedy_makes_one_more_thing_seen(
    mariadb: MariaDb, schema: str, reader: dict[str, str]
) -> None:
    """What a user may not see is told with a grant; all grants together leave nothing unseen.

    Until then, what may be incomplete is not called complete, and does not replace what is known.
    """
    mariadb.execute(
        f"CREATE TABLE {schema}.bill (a INT, b INT)",
        f"CREATE TABLE {schema}.u (a INT)",
        f"CREATE VIEW {schema}.v AS SELECT a FROM {schema}.bill",
        f"CREATE PROCEDURE {schema}.p() SELECT 1",
        f"GRANT SELECT (a) ON {schema}.bill TO {reader['username']}",
        f"GRANT EXECUTE ON PROCEDURE {schema}.p TO {reader['username']}",
    )
    read = Read(mariadb, **reader)
    assert set(read.columns("bill")) == {"a"}
    assert set(read.tables) == {"bill"}
    assert not read.scopes
    told = read.warnings
    for _ in range(4):
        for warning in read.warnings:
            mariadb.execute(warning.rpartition(": ")[2])
        read = Read(mariadb, **reader)
        told += read.warnings
    assert read.warnings == []
    assert set(read.columns("bill")) == {"a", "b"}
    assert {"bill", "u", "v"} <= set(read.tables)
    assert read.tables["v"].schemaDefinition
    assert read.routines["p"].storedProcedureCode.code
    assert {("svc.default", "table"), ("svc.default", "databaseSchema")} <= read.scopes
    assert any(one.startswith("1 columns of tables") for one in told)
    with Catalog.temporary() as catalog:
        for record in read.records:
            if not isinstance(record, ScopeComplete):
                catalog.create_or_update(record)
        mariadb.execute(
            f"REVOKE ALL, GRANT OPTION FROM {reader['username']}",
            f"GRANT SELECT (a) ON {schema}.bill TO {reader['username']}",
            f"GRANT EXECUTE ON PROCEDURE {schema}.p TO {reader['username']}",
        )
        with source(mariadb, catalog, **reader) as reads:
            reads.prepare()
            kinds = {type(record) for record in reads.next_record()}
    assert kinds.isdisjoint({CreateTableRequest, CreateStoredProcedureRequest, ScopeComplete})


def test_a_role_and_a_pattern_count_as_grants(
    mariadb: MariaDb, schema: str, reader: dict[str, str]
) -> None:
    """A right on all schemas of a pattern, through a role, is as good as one on each of them.

    It is none on a schema that has a grant of its own, nor where it came while the run read.
    """
    mariadb.execute(
        f"CREATE ROLE r_{schema}",
        f"GRANT SELECT, SHOW VIEW, EXECUTE ON `{schema[0]}_`.* TO r_{schema}",
        f"GRANT SELECT, SHOW VIEW, EXECUTE ON `{schema}%`.* TO r_{schema}",
        f"GRANT r_{schema} TO {reader['username']}",
        f"SET DEFAULT ROLE r_{schema} FOR {reader['username']}",
    )
    read = Read(mariadb, databaseSchema=schema, **reader)
    assert read.warnings == []
    scope = f"svc.default.{schema}", "table"
    assert scope in read.scopes
    mariadb.execute(f"GRANT EXECUTE ON {schema}.* TO r_{schema}")
    with Catalog.temporary() as catalog, source(mariadb, catalog, **reader) as reads:
        reads.prepare()
        records = reads.next_record()
        while getattr(next(records), "name", "") != schema:
            pass
        mariadb.execute(f"GRANT SELECT ON {schema}.* TO {reader['username']}")
        assert not [
            one for one in records if isinstance(one, ScopeComplete) and one.entity is Table
        ]
    assert scope in Read(mariadb, **reader).scopes
    mariadb.execute(f"REVOKE ALL, GRANT OPTION FROM {reader['username']}", f"DROP ROLE r_{schema}")
    assert Read(mariadb, **reader).scopes == set()


@pytest.mark.full
def test_a_server_without_case() -> None:
    """With `lower_case_table_names`, a schema is found in any spelling, and keys reach tables."""
    with MariaDb(options=("--lower-case-table-names=1",)) as server:
        server.execute(
            "CREATE DATABASE Shop",
            "CREATE TABLE Shop.Parent (Id INT PRIMARY KEY)",
            "CREATE TABLE Shop.Child (Id INT, FOREIGN KEY (Id) REFERENCES Shop.Parent (Id))",
        )
        read = Read(server, databaseSchema="SHOP")
    (key,) = read.tables["child"].tableConstraints or []
    assert key.referredColumns == ["svc.default.shop.parent.Id"]


def test_a_schema_that_is_not_there_is_an_error(mariadb: MariaDb, schema: str) -> None:
    """A wrong `databaseSchema` is named, with the grant that would make it visible."""
    with pytest.raises(SourceError, match="no schema 'nowhere'") as caught:
        Read(mariadb, databaseSchema="nowhere")
    assert "GRANT SELECT, SHOW VIEW ON `nowhere`.*" in caught.value.remedy


def test_a_killed_session_is_an_error_in_plain_words(mariadb: MariaDb, schema: str) -> None:
    """A server that ends the sessions in mid-read costs the rest of the run, and is told."""
    comment = "x" * 900
    columns = ", ".join(f"c{number} INT COMMENT '{comment}'" for number in range(60))
    for number in range(15):
        mariadb.execute(f"CREATE TABLE {schema}.t{number} ({columns})")
    with Catalog.temporary() as catalog, source(mariadb, catalog, databaseSchema=schema) as reads:
        reads.prepare()
        records = iter(reads.next_record())
        while not isinstance(next(records), CreateTableRequest):
            pass
        kill_all(mariadb)
        with pytest.raises(SourceError, match="connection was lost"):
            list(records)


def test_leaving_early_leaves_no_session(mariadb: MariaDb, schema: str) -> None:
    """A run that stops in the middle ends what it has started on the server."""
    mariadb.execute(*(f"CREATE TABLE {schema}.t{number} (a INT)" for number in range(5)))
    with Catalog.temporary() as catalog, source(mariadb, catalog, databaseSchema=schema) as reads:
        reads.prepare()
        with closing(reads.next_record()) as records:
            while not isinstance(next(records), CreateTableRequest):
                pass
            assert len(sessions(mariadb)) > 1
    assert is_left_alone(mariadb)


def test_the_statements_for_mysql_are_statements(mariadb: MariaDb, schema: str) -> None:
    """What is sent to MySQL 5.7, 8 and 9 is understood: MariaDB lacks one of their columns."""
    wanted = Wanted(schemas=(schema,), row_counts=True)
    with mariadb.connect() as connection, connection.cursor() as cursor:
        for version in ("5.7.44-log", "8.0.36", "9.1.0"):
            dialect = Dialect.of(version)
            for text in (
                dialect.login().replace("@@partial_revokes", "0"),
                dialect.schemas(),
                dialect.relations(wanted),
                dialect.columns(wanted),
                dialect.keys(wanted),
                dialect.partitions(wanted),
                dialect.routines(wanted),
            ):
                cursor.execute(text.replace("EXPRESSION IS", "INDEX_COMMENT IS"))


def shown(server: MariaDb, text: str) -> str:
    """The statement that the server shows for something."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(text)
        row = cursor.fetchone()
        return next(str(value) for value in row or () if "CREATE " in str(value))


def sessions(server: MariaDb) -> list[int]:
    """Sessions on the server, beside the one that asks."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT ID FROM information_schema.PROCESSLIST"
            " WHERE ID <> CONNECTION_ID() AND USER <> 'system user'"
        )
        return [row[0] for row in cursor.fetchall()]


def is_left_alone(server: MariaDb) -> bool:
    """Whether all sessions end: the server notices a moment later than the client."""
    end = time.monotonic() + 10
    while sessions(server) and time.monotonic() < end:
        time.sleep(0.02)
    return not sessions(server)


def kill_all(server: MariaDb) -> None:
    """End every session but the own one."""
    server.execute(*(f"KILL {number}" for number in sessions(server)))
