"""What the `mariadb` source says of a database, beside what SHOW says of each thing in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from metadata.ingestion.source.database.sql_databases.mysql.source import MariadbSource
from om_ingest import WorkflowContext
from om_ingest.config import DatabaseSourceConfig
from om_ingest_catalog import Catalog

from tests.databases.arbitrary import MARIADB, arbitrary
from tests.databases.ddl import Words
from tests.databases.facts import (
    Column,
    Facts,
    ForeignKey,
    Relation,
    Routine,
    assert_same,
    of_records,
)
from tests.databases.mariadb import MariaDb
from tests.databases.samples import mariadb_statements, samples
from tests.selection import rarely

pytestmark = pytest.mark.mariadb

KINDS = {
    "int, mediumint": "INT",
    "longtext, text, tinytext": "TEXT",
    "blob, tinyblob": "BLOB",
    "inet4": "IPV4",
    "inet6": "IPV6",
    "geometry, linestring": "GEOMETRY",
}
"""What OpenMetadata calls some types; the others it calls as MariaDB does."""
OTHERS = {name: kind for names, kind in KINDS.items() for name in names.split(", ")}
SIZED = ("bit", "char", "varchar", "binary", "varbinary", "decimal", "float")


def kind_of(text: str) -> str:
    """What OpenMetadata calls a type of MariaDB, in the words of `facts.kind_text`."""
    found = re.match(r"(\w+)(?:\((.*?)\))?", text)
    assert found is not None
    kind = OTHERS.get(found[1], found[1].upper())
    return f"{kind}({found[2]})" if found[2] and found[1] in SIZED else kind


def told(server: MariaDb, database: str) -> Facts:
    """What MariaDB shows of a database."""
    facts = Facts({database: None})
    # What may be null in a view depends on the session's mode.
    with server.connect(sql_mode="") as connection, connection.cursor() as cursor:

        def show(what: str, name: str = "") -> Any:
            place = f"`{database}`.`{name.replace('`', '``')}`"
            cursor.execute(f"SHOW {what} {place}" if name else f"SHOW {what}")
            return cursor.fetchall()

        for name, kind in show(f"FULL TABLES IN `{database}`"):
            if kind == "VIEW":
                relation = Relation("View")
                _, statement, *_ = show("CREATE VIEW", name)[0]
                relation.definition = query(statement)
                relation.columns = [
                    Column(row[0], re.sub(r" /\*.*", "", row[1]), row[3] == "YES", comment=row[8])
                    for row in show("FULL COLUMNS FROM", name)
                ]
            elif kind == "SEQUENCE":
                continue
            else:
                relation = table(show("CREATE TABLE", name)[0][1], database)
            facts.relations[database, name] = relation
        for kind in ("PROCEDURE", "FUNCTION"):
            for row in show(f"{kind} STATUS WHERE Db = '{database}'"):
                statement = show(f"CREATE {kind}", row[1])[0][2]
                found = Routine(kind.capitalize(), body(statement), row[7] or None)
                facts.routines[database, row[1], ""] = found
    return facts


def table(statement: str, database: str) -> Relation:
    """A table, by the statement that creates it."""
    words = Words(statement)
    words.skip("CREATE TABLE ")
    words.name()
    words.skip(" ")
    relation = Relation("Regular")
    for text in words.list():
        part = Words(text)
        if text.startswith("`"):
            relation.columns.append(column(part))
        elif text.startswith("PRIMARY KEY "):
            part.skip("PRIMARY KEY ")
            relation.primary = names(part)
        elif text.startswith("UNIQUE KEY "):
            part.skip("UNIQUE KEY ")
            part.name()
            part.skip(" ")
            relation.unique.append(names(part))
        elif foreign := re.match(r"CONSTRAINT `(?:[^`]|``)*` FOREIGN KEY ", text):
            part.skip(foreign[0])
            columns = names(part)
            part.skip(" REFERENCES ")
            referred = part.name()
            part.skip(" ")
            relation.foreign.append(ForeignKey(columns, (database, referred), names(part)))
    options = words.rest()
    if comment := re.search(r" COMMENT='((?:[^']|'')*)'", options):
        relation.comment = string(comment[1])
    if partition := re.search(r" PARTITION BY (\w+)\s+(?:COLUMNS)?(\(.*?\))\n", options):
        relation.kind = "Partitioned"
        keys = Words(partition[2]).list()
        if sub := re.search(r"SUBPARTITION BY \w+ (\(.*?\))\n", options):
            keys += Words(sub[1]).list()
        if keys:
            relation.partition = partition[1], [key.strip("`") for key in keys]
    return relation


def column(words: Words) -> Column:
    """A column, by its line."""
    name = words.name()
    words.skip(" ")
    kind = words.until(
        *(f" {word}" for word in ("NOT NULL", "NULL", "DEFAULT", "GENERATED", "CHARACTER SET")),
        *(f" {word}" for word in ("COLLATE", "INVISIBLE", "COMMENT", "AUTO_INCREMENT")),
    )
    rest = words.rest()
    found = Column(name, kind, " NOT NULL" not in rest.partition(" DEFAULT ")[0])
    if comment := re.search(r" COMMENT '((?:[^']|'')*)'", rest):
        found.comment = string(comment[1])
    if f"json_valid(`{name.replace(chr(96), chr(96) * 2)}`)" in rest:
        found.type = "json"
    return found


def names(words: Words) -> list[str]:
    """The names in parentheses."""
    return [Words(text).name() for text in words.list()]


def string(text: str) -> str:
    """What a literal stands for."""
    signs = {"n": "\n", "r": "\r"}
    text = text.replace("''", "'")
    return re.sub(r"\\(.)", lambda match: signs.get(match[1], match[1]), text)


def body(statement: str) -> str:
    """What a routine does, without the lines that say what kind of routine it is."""
    lines = statement.split("\n")[1:]
    while re.match(r" *(COMMENT|DETERMINISTIC|READS SQL DATA)", lines[0]):
        del lines[0]
    return "\n".join(lines)


def query(statement: str) -> str:
    """The query of a view; not all print which characters its texts have, nor leading spaces."""
    text = re.sub(r"^.*? AS\s+(?=select )", "", statement).replace("_utf8mb4'", "'")
    return re.sub(r" AS `\s+", " AS `", text)


@pytest.mark.parametrize("name", rarely(samples("mariadb"), lambda _, name: name == "chinook"))
def test_mariadb_says_what_show_says(mariadb: MariaDb, name: str) -> None:
    """Tables, columns, types, keys, comments, partitions, views and routines."""
    compare(mariadb, name, mariadb_statements(name))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(5))
def test_arbitrary_tables(mariadb: MariaDb, seed: int) -> None:
    """So it is with names and comments of odd signs, types and keys at random."""
    name = f"arbitrary_{seed}"
    compare(mariadb, name, arbitrary(MARIADB, seed, name))


def compare(mariadb: MariaDb, name: str, statements: list[str]) -> None:
    """Make a database, and compare both."""
    mariadb.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    mariadb.execute(*statements, database=name)
    expected = told(mariadb, name)
    source_config = DatabaseSourceConfig(includeStoredProcedures=True)
    config = {
        "hostPort": mariadb.host_port,
        "username": mariadb.user,
        "password": mariadb.password,
        "databaseSchema": name,
    }
    with Catalog.temporary() as catalog:
        context = WorkflowContext(catalog, "svc", source_config=source_config)
        with MariadbSource.create(config, {}, context) as source:
            source.prepare()
            facts = of_records(source.next_record())
            assert not source.get_status().failures
    for relation in facts.relations.values():
        if relation.definition:
            relation.definition = query(relation.definition)
    for routine in facts.routines.values():
        routine.sql = body(routine.sql)
    assert_same(facts.lines(), expected.lines(kind_of))
