"""A session with a database of PostgreSQL: its catalogue as streams."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.postgres import statements
from metadata.ingestion.source.database.sql_databases.postgres.datatypes import TYPES
from metadata.ingestion.source.database.sql_databases.postgres.named import NamedTypes
from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ColumnRow,
    ConstraintRow,
    DatabaseRow,
    PartitionRow,
    RelationRow,
    RoutineRow,
    SchemaRow,
)
from metadata.ingestion.source.database.sql_databases.reader.session import (
    Server,
    Session,
    Wanted,
)
from om_ingest import SourceError

if TYPE_CHECKING:
    import psycopg

_FETCHED_ROWS = 10_000
_TABLES = ["r", "p", "f"]
_VIEWS = ["v", "m"]


class PostgresServer(Server):
    """A server, reached through one of its databases."""

    def __init__(
        self,
        connect: Callable[[str], psycopg.Connection[Any]],
        database: str,
        *,
        all_databases: bool,
    ) -> None:
        """`connect` opens a connection with a database."""
        self._connect = connect
        self._database = database
        self._all_databases = all_databases
        self._first: PostgresSession | None = PostgresSession(connect(database))

    def databases(self) -> Iterator[DatabaseRow]:
        """The configured one, or all that may be connected to."""
        name = None if self._all_databases else self._database
        assert self._first is not None
        for row in self._first.rows(statements.DATABASES, {"name": name}):
            name, comment, owner, is_template, allows, may_connect = row
            if is_template and self._all_databases:
                continue
            refusal = ""
            if not allows:
                refusal = "it allows no connections"
            elif not may_connect:
                refusal = f'GRANT CONNECT ON DATABASE "{name}" helps'
            yield DatabaseRow(name, comment, owner, refusal)

    def open(self, database: str) -> PostgresSession:
        """A session with one of them."""
        if database == self._database and self._first is not None:
            first, self._first = self._first, None
            return first
        return PostgresSession(self._connect(database))

    def close(self) -> None:
        """Close what nobody has taken."""
        if self._first is not None:
            self._first.close()


class PostgresSession(Session):
    """One read-only, repeatable-read transaction."""

    types = TYPES

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        version = connection.info.server_version
        name = '{}::text COLLATE "C"'
        generation = "CASE WHEN a.attgenerated = 's' THEN 'stored'"
        generation += " WHEN a.attgenerated = 'v' THEN 'virtual'"
        generation += " WHEN a.attidentity <> '' THEN 'identity' ELSE '' END"
        self._parts = {
            "schema": name.format("n.nspname"),
            "relation": name.format("c.relname"),
            "routine": name.format("p.proname"),
            "is_whole": "NOT c.relispartition" if version >= 100000 else "true",
            "generation": generation if version >= 120000 else "''",
            "is_original": "o.conparentid = 0" if version >= 110000 else "true",
            "key_count": "i.indnkeyatts" if version >= 110000 else "i.indnatts",
            "is_procedure": "p.prokind = 'p'" if version >= 110000 else "false",
            "is_aggregate": "p.prokind = 'a'" if version >= 110000 else "p.proisagg",
        }

    def rows(self, statement: str, parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, through a cursor on the server."""
        self.statement_count += 1
        with self._connection.cursor(name=f"om_ingest_{self.statement_count}") as cursor:
            cursor.itersize = _FETCHED_ROWS
            text = statement.format(**self._parts)
            cursor.execute(text.encode(), parameters)
            yield from cursor

    def _parameters(self, wanted: Wanted) -> dict[str, Any]:
        return {
            "schemas": list(wanted.schemas or ()),
            "views": wanted.views,
            "row_counts": wanted.row_counts,
            "kinds": _TABLES * wanted.tables + _VIEWS * wanted.views,
        }

    def schemas(self) -> Iterator[SchemaRow]:
        """Every schema but those of the system."""
        return map(SchemaRow._make, self.rows(statements.SCHEMAS, {}))

    def relations(self, wanted: Wanted) -> Iterator[RelationRow]:
        """Tables and views; partitions of a table are part of it."""
        return map(
            RelationRow._make,
            ((*row, None) for row in self.rows(statements.RELATIONS, self._parameters(wanted))),
        )

    def columns(self, wanted: Wanted) -> Iterator[ColumnRow]:
        """Columns, with what types of the database's owners stand for."""
        named = NamedTypes(self.rows(statements.TYPES, {}))
        for row in self.rows(statements.COLUMNS, self._parameters(wanted)):
            oid = row[8]
            if oid < 16384:
                yield ColumnRow._make((*row[:8], None, ()))
            else:
                yield ColumnRow._make((*row[:8], *named.of(oid)))

    def constraints(self, wanted: Wanted) -> Iterator[ConstraintRow]:
        """Keys, and unique indexes that say the same."""
        for row in self.rows(statements.CONSTRAINTS, self._parameters(wanted)):
            yield ConstraintRow._make((*row[:7], row[7] or ()))

    def partitions(self, wanted: Wanted) -> Iterator[PartitionRow]:
        """Columns and expressions of partition keys."""
        if self._connection.info.server_version < 100000:
            return
        for schema, relation, definition in self.rows(
            statements.PARTITIONS, self._parameters(wanted)
        ):
            strategy, _, keys = definition.partition(" ")
            for key in _split(keys.strip()[1:-1]):
                yield PartitionRow(schema, relation, key, strategy.lower())

    def routines(self, wanted: Wanted) -> Iterator[RoutineRow]:
        """Procedures and functions; not aggregates, nor those of extensions."""
        return map(RoutineRow._make, self.rows(statements.ROUTINES, self._parameters(wanted)))

    def sample(
        self, schema: str, relation: str, count: int
    ) -> tuple[list[str], list[list[object]]]:
        """Names of columns, and some rows."""
        raise SourceError("Not yet", "Wait.")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _split(text: str) -> Sequence[str]:
    """The parts between the commas that stand in no parentheses or quotes."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[(),]""", text):
        sign = match[0]
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    return [*parts, text[start:].strip()]
