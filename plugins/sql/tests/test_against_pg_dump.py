"""What the `postgres` source says of a database, beside what `pg_dump` says of it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from metadata.ingestion.source.database.sql_databases.postgres.source import PostgresSource
from metadata.ingestion.source.database.sql_databases.reader.session import Wanted
from om_ingest import WorkflowContext
from om_ingest.config import DatabaseSourceConfig
from om_ingest_catalog import Catalog

from tests.databases.arbitrary import POSTGRES, arbitrary
from tests.databases.facts import Facts, assert_same, of_records
from tests.databases.pg_dump import Dump
from tests.databases.postgres import Cluster, Database, quoted, running
from tests.databases.samples import sample, samples
from tests.selection import rarely

COPIES = "copies of views"
"""A schema with an empty table for each view: a dump does not tell the types of views."""

SOURCE_CONFIG = DatabaseSourceConfig.model_validate(
    {"schemaFilterPattern": {"excludes": [COPIES]}, "includeStoredProcedures": True}
)

OLDEST = """
    SELECT DISTINCT ON (n.oid, proname) nspname::text, proname::text, oidvectortypes(proargtypes)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
    WHERE prokind <> 'a' AND p.oid >= 16384 ORDER BY n.oid, proname, p.oid
"""
"""The routines that are called by their names alone."""

BUILT_IN = {
    name: kind
    for names, kind in {
        "smallint": "SMALLINT",
        "integer, oid, xid, regclass": "INT",
        "bigint": "BIGINT",
        "numeric": "NUMERIC",
        "real": "FLOAT",
        "double precision": "DOUBLE",
        "money": "MONEY",
        "boolean": "BOOLEAN",
        "character": "CHAR",
        "character varying": "VARCHAR",
        'bpchar, text, name, "char", jsonpath': "TEXT",
        "bytea": "BYTEA",
        "bit, bit varying": "BIT",
        "date": "DATE",
        "time without time zone, time with time zone": "TIME",
        "timestamp without time zone": "TIMESTAMP",
        "timestamp with time zone": "TIMESTAMPZ",
        "interval, interval year to month, interval day to second, interval second": "INTERVAL",
        "uuid": "UUID",
        "json, jsonb": "JSON",
        "xml": "XML",
        "inet": "INET",
        "cidr": "CIDR",
        "macaddr, macaddr8": "MACADDR",
        "point": "POINT",
        "polygon": "POLYGON",
        "box, circle, line, lseg, path": "GEOMETRY",
        "tsvector": "TSVECTOR",
        "tsquery": "TSQUERY",
        "pg_lsn": "PG_LSN",
        "tsrange, tstzrange": "DATETIMERANGE",
        "int4range, nummultirange": "UNKNOWN",
    }.items()
    for name in names.split(", ")
}


class Kinds:
    """What OpenMetadata calls the types of a dump."""

    def __init__(self, dump: Dump) -> None:
        self.types = dump.types
        self.rows = {
            f"{schema}.{name}": [f"{quoted(each.name)} {each.type}" for each in relation.columns]
            for (schema, name), relation in dump.relations.items()
        }

    def __call__(self, text: str) -> str:
        """The type in the words of `facts.kind_text`."""
        if text.endswith("[]"):
            element = self(text.removesuffix("[]"))
            plain = re.sub(r"^(\w+)\([\d,]+\)", r"\1", element)
            return "ARRAY<ARRAY>" if element.startswith("ARRAY<") else f"ARRAY<{plain}>"
        kind, parts = self.types.get(text, ("composite" if text in self.rows else "", []))
        if kind == "composite":
            members = [
                re.fullmatch(r'(?:"(.*)"|(\S+)) (.*)', each) for each in parts or self.rows[text]
            ]
            inner = (f"{m[1] or m[2]} {self(m[3])}" for m in members if m is not None)
            return f"STRUCT{{{', '.join(inner)}}}"
        if kind == "domain":
            return self(parts[0])
        if kind == "enum":
            return "ENUM"
        if "." in text:  # a range
            return "UNKNOWN"
        found = re.fullmatch(r"(.*?)(?:\((.*)\))?( with.*)?", text)
        assert found is not None, text
        kind, sizes = BUILT_IN[found[1] + (found[3] or "")], found[2]
        if kind == "VARCHAR" and not sizes:
            return "TEXT"  # OpenMetadata wants a length
        if sizes and kind in ("NUMERIC", "CHAR", "VARCHAR", "BIT"):
            return f"{kind}({re.sub(',-.*', '', sizes)})"  # it has no negative scale
        return kind


def told(database: Database) -> Dump:
    """What pg_dump says, the columns of views included."""
    places = database.run(
        "SELECT table_schema, table_name FROM information_schema.views"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        " UNION ALL SELECT schemaname, matviewname FROM pg_matviews"
    )
    copies = [
        f"CREATE TABLE {quoted(COPIES)}.c{number} AS"
        f" SELECT * FROM {quoted(schema)}.{quoted(name)} WITH NO DATA"
        for number, (schema, name) in enumerate(places)
    ]
    database.run("; ".join([f"CREATE SCHEMA {quoted(COPIES)}", *copies]))
    dump = Dump(database.cluster.dump(database.name, "--schema-only", "--no-owner", "--no-acl"))
    del dump.schemas[COPIES]
    for number, place in enumerate(places):
        columns = dump.relations.pop((COPIES, f"c{number}")).columns
        comments = {column.name: column.comment for column in dump.relations[place].columns}
        for column in columns:
            column.comment = comments.get(column.name)
        dump.relations[place].columns = columns
    for relation in dump.relations.values():  # the check is no part of the query
        text = relation.definition or ""
        relation.definition = re.sub(r"\n  WITH \w+ CHECK OPTION$", "", text) or None
    oldest = set(database.run(OLDEST))
    dump.routines = {
        (schema, name if (schema, name, of) in oldest else f"{name}({of})", ""): routine
        for (schema, name, of), routine in dump.routines.items()
    }
    for routine in dump.routines.values():
        routine.sql = body(routine.sql)
    return dump


def body(sql: str) -> str:
    """What a routine does, without the words around it, of which there are several ways."""
    found = re.search(r"AS \$(\w*)\$(.*)\$\1\$|(\b(?:RETURN |BEGIN ATOMIC\n).*)", sql, re.DOTALL)
    assert found is not None, sql
    return (found[2] or found[3]).rstrip("; \n")


def read(database: Database) -> tuple[Facts, list[str]]:
    """What the records of the source say, and the names that are left out."""
    with Catalog.temporary() as catalog:
        context = WorkflowContext(catalog, "svc", source_config=SOURCE_CONFIG)
        with PostgresSource.create(database.config(), {}, context) as source:
            source.prepare()
            facts = of_records(source.next_record())
            left_out = [
                each.key.removeprefix(f"svc.{database.name}.")
                for each in source.get_status().warnings
                if each.reason.startswith("it is left out")
            ]
            assert not source.get_status().failures
    if facts.schemas["public"] == "standard public schema":  # so every database begins
        facts.schemas["public"] = None
    for relation in facts.relations.values():
        relation.definition = relation.definition and relation.definition.rstrip(";")
    for routine in facts.routines.values():
        routine.sql = body(routine.sql)
    return facts, left_out


def compare(database: Database, unsaid: list[str]) -> None:
    """Both say the same, except for columns that OpenMetadata cannot have."""
    dump = told(database)
    facts, left_out = read(database)
    assert left_out == unsaid
    for schema, name in [key for key in dump.relations if f'"{key[0]}".{key[1]}' in str(unsaid)]:
        kept = facts.relations[schema, name].columns
        of = dump.relations[schema, name]
        of.columns = [each for each in of.columns if each.name in [one.name for one in kept]]
    assert_same(facts.lines(), dump.lines(Kinds(dump)))


UNSAID = {"everything": ['"odd.schema".UPPER.ID', '"odd.schema".UPPER.id']}
"""Columns that differ from another only in case."""


@pytest.mark.parametrize(
    "name", rarely(samples("postgres"), lambda _, name: name not in ("everything", "pagila"))
)
def test_postgres_says_what_pg_dump_says(postgres: Cluster, name: str) -> None:
    """Schemas, relations, columns, types, keys, comments, partitions, views and routines."""
    compare(postgres.database(sample("postgres", name)), UNSAID.get(name, []))


@pytest.mark.full
@pytest.mark.parametrize("version", ["15", "16"])
def test_older_servers_say_the_same(tmp_path: Path, version: str) -> None:
    """So it is with PostgreSQL 15 and 16."""
    with running(tmp_path, version) as cluster:
        for name in samples("postgres"):
            compare(cluster.database(sample("postgres", name)), UNSAID.get(name, []))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(5))
def test_arbitrary_tables(postgres: Cluster, seed: int) -> None:
    """So it is with names and comments of odd signs, types and keys at random."""
    statements = arbitrary(POSTGRES, seed, "s")
    compare(postgres.database("; ".join(["CREATE SCHEMA s", *statements])), [])


def test_defaults_are_those_of_pg_dump(postgres: Cluster) -> None:
    """The stream of columns has each default, generated expression and identity."""
    database = postgres.database(sample("postgres", "everything"))
    dump = Dump(postgres.dump(database.name, "--schema-only"))
    expected = {
        (schema, name, column.name): (column.default, column.generation)
        for (schema, name), relation in dump.relations.items()
        for column in relation.columns
        if relation.definition is None
    }
    with Catalog.temporary() as catalog:
        context = WorkflowContext(catalog, "svc")
        with PostgresSource.create(database.config(), {}, context) as source:
            source.prepare()
            assert source.server is not None
            with closing(source.server.open(database.name)) as session:
                wanted = Wanted(schemas=list(dump.schemas), views=False, definitions=True)
                found = {
                    (row.schema, row.relation, row.name): (
                        row.default,
                        row.generation.partition(" ")[0],
                    )
                    for row in session.columns(wanted)
                }
    assert found == expected
