"""A session with a database of PostgreSQL: its catalogue as streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from metadata.ingestion.source.database.sql_databases.postgres import queries, statements
from metadata.ingestion.source.database.sql_databases.postgres.connection import Connector
from metadata.ingestion.source.database.sql_databases.postgres.datatypes import TYPES
from metadata.ingestion.source.database.sql_databases.postgres.definitions import (
    create_table,
    quoted,
    split_keys,
)
from metadata.ingestion.source.database.sql_databases.postgres.named import NamedTypes
from metadata.ingestion.source.database.sql_databases.postgres.samples import Samples
from metadata.ingestion.source.database.sql_databases.postgres.stream import (
    Row,
    Texts,
    Transaction,
)
from metadata.ingestion.source.database.sql_databases.reader.queries import QueryRow, WantedQueries
from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ColumnRow,
    ConstraintRow,
    DatabaseRow,
    PartitionRow,
    RelationRow,
    RoutineRow,
    SchemaRow,
    UnseenRow,
)
from metadata.ingestion.source.database.sql_databases.reader.session import (
    Server,
    Session,
    Wanted,
)

_TABLES = ["r", "p", "f"]
_VIEWS = ["v", "m"]
_WITH_KEYS = ["r", "p", "f", "m"]
_DEFINITIONS = Texts(statements.DEFINITIONS, 5)
_CODES = Texts(statements.CODES, 4)


class PostgresServer(Server):
    """A server, reached through one of its databases."""

    def __init__(self, connector: Connector, database: str, *, all_databases: bool) -> None:
        """Log in to `database`; the others are read if `all_databases` is set."""
        self._connector = connector
        self._database = database
        self._all_databases = all_databases
        self._first: PostgresSession | None = PostgresSession(connector, database)

    def databases(self) -> Iterator[DatabaseRow]:
        """The configured one, or all but templates."""
        name = None if self._all_databases else self._database
        assert self._first is not None, "the databases are listed once, before one is read"
        for row in list(self._first.rows(statements.DATABASES, {"name": name})):
            name, comment, owner, is_template, allows, may_connect, user = row
            skipped = "it is a template" if is_template and self._all_databases else ""
            refusal = ""
            if not skipped and not allows:
                skipped = "it allows no connections (datallowconn)"
            elif not skipped and not may_connect:
                refusal = (
                    f"{user} may not connect to it. Let its owner run:"
                    f" GRANT CONNECT ON DATABASE {quoted(name)} TO {quoted(user)}"
                )
            yield DatabaseRow(name, comment, owner, refusal, skipped)

    def open(self, database: str) -> PostgresSession:
        """A session with one of them."""
        if database == self._database and self._first is not None:
            first, self._first = self._first, None
            return first
        return PostgresSession(self._connector, database)

    def queries(self, wanted: WantedQueries) -> Iterator[QueryRow]:
        """The queries of all databases, from the first one that has the view with statistics."""
        name = self._connector.statement_source
        for database in dict.fromkeys((self._database, *wanted.databases)):
            with (
                closing(self._connector.open(database)) as connection,
                self._connector.translating(database, "read queries of"),
            ):
                found = queries.find_view(connection, name)
                if found is not None:
                    yield from queries.read(connection, *found, wanted)
                    return
        wanted.remarks.append(queries.missing(name, self._database))

    def close(self) -> None:
        """Close what nobody has taken."""
        if self._first is not None:
            self._first.close()


class PostgresSession(Session):
    """One read-only transaction that sees the database as it was when it began."""

    types = TYPES

    def __init__(self, connector: Connector, database: str) -> None:
        self._connector = connector
        self._database = database
        self._samples: Samples | None = None
        self._oids: dict[str, int] = {}
        self._transaction = Transaction(connector.open(database))
        try:
            with self._translating():
                version, encoding = self._transaction.begin()
            self.statement_count = 1
        except BaseException:
            self._transaction.close()
            raise
        self._version = version
        self._is_bytes = encoding == "SQL_ASCII"
        if self._is_bytes:
            self.order = encoded
        self._parts = statements.parts(version, encoding)

    def _translating(self) -> Any:
        return self._connector.translating(self._database, "read")

    def rows(
        self,
        statement: str,
        parameters: dict[str, Any],
        texts: Texts | None = None,
        *,
        per_relation: int = 1,
    ) -> Iterator[Row]:
        """The rows of a statement, which is sent now, and which has about so many per relation."""
        self.statement_count += 1
        text = statement.format(**self._parts)
        rows = self._transaction.rows(text, parameters, texts, per_relation=per_relation)
        return self._rows(rows)

    def _rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        with self._translating():
            yield from map(_decoded, rows) if self._is_bytes else rows

    def _parameters(self, wanted: Wanted, kinds: Sequence[str] = ()) -> dict[str, Any]:
        kinds = kinds or _TABLES * wanted.tables + _VIEWS * wanted.views
        if not self._oids:
            list(self.schemas())
        names = self._oids if wanted.schemas is None else wanted.schemas
        return {
            "schemas": [self._oids[name] for name in names if name in self._oids],
            "kinds": kinds,
            "views": wanted.views,
            "definitions": wanted.definitions,
            "owners": wanted.owners,
            "row_counts": wanted.row_counts,
        }

    def schemas(self) -> Iterator[SchemaRow]:
        """Every schema but those of the system."""
        for name, comment, owner, oid in self.rows(statements.SCHEMAS, {}):
            self._oids[name] = oid
            yield SchemaRow(name, comment, owner)

    def relations(self, wanted: Wanted) -> Iterator[RelationRow]:
        """Tables and views; partitions of a table are part of it."""
        parameters = self._parameters(wanted, _TABLES + _VIEWS)
        rows = self.rows(statements.RELATIONS, parameters, _DEFINITIONS)
        return (RelationRow._make(row[:-1]) for row in rows)

    def columns(self, wanted: Wanted) -> Iterator[ColumnRow]:
        """Columns, with what types of the database's owners stand for."""
        types = self.rows(statements.TYPES, {}, per_relation=20)
        rows = self.rows(statements.COLUMNS, self._parameters(wanted), per_relation=20)
        return self._columns(rows, types)

    def _columns(self, rows: Iterator[Row], types: Iterator[Row]) -> Iterator[ColumnRow]:
        named = NamedTypes(types)
        for row in rows:
            if row[8] is None:
                yield ColumnRow._make(row)
            else:
                yield ColumnRow._make((*row[:8], *named.of(row[8])))

    def constraints(self, wanted: Wanted) -> Iterator[ConstraintRow]:
        """Keys, and unique indexes that say the same."""
        parameters = self._parameters(wanted, _WITH_KEYS)
        rows = self.rows(statements.CONSTRAINTS, parameters, per_relation=4)
        return (
            ConstraintRow._make((*row[:4], row[4] or (), *row[5:7], row[7] or ())) for row in rows
        )

    def partitions(self, wanted: Wanted) -> Iterator[PartitionRow]:
        """Columns and expressions of partition keys."""
        if self._version < 100000:
            return iter(())
        rows = self.rows(statements.PARTITIONS, self._parameters(wanted))
        return (
            PartitionRow(schema, relation, name, strategy, expression="" if name else text)
            for schema, relation, definition, names in rows
            if definition
            for strategy, name, text in split_keys(definition, names)
        )

    def routines(self, wanted: Wanted) -> Iterator[RoutineRow]:
        """Procedures and functions; not aggregates, nor those of extensions."""
        rows = self.rows(statements.ROUTINES, self._parameters(wanted), _CODES)
        return (RoutineRow._make(row[:-1]) for row in rows)

    def unseen(self, wanted: Wanted) -> Iterator[UnseenRow]:
        """Tables without samples: the catalogue itself is open to everybody in PostgreSQL."""
        for schema, count in sorted(self._transaction.without_text.items()):
            remedy = "they were changed, dropped or locked while they were read. Run it again"
            yield UnseenRow(schema, "definitions of views", count, remedy)
        if not wanted.samples:
            return
        for schema, count, user in self.rows(statements.UNREADABLE, self._parameters(wanted)):
            remedy = (
                f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {quoted(user)};"
                f" GRANT SELECT ON ALL TABLES IN SCHEMA {quoted(schema)} TO {quoted(user)}"
            )
            yield UnseenRow(schema, "samples of tables and views", count, remedy)

    def statement_of(
        self,
        relation: RelationRow,
        columns: Sequence[ColumnRow],
        constraints: Sequence[ConstraintRow],
        partitions: Sequence[PartitionRow],
    ) -> str | None:
        """`CREATE TABLE`, of which the server keeps no text; not for foreign tables."""
        if relation.kind == "Foreign":  # its server and options are not read
            return None
        return create_table(relation, columns, constraints, partitions)

    def sample(
        self, schema: str, relation: str, count: int
    ) -> tuple[list[str], list[list[object]]] | None:
        """Names of columns, and some rows; None if they may not be read."""
        if self._samples is None:
            connection = self._connector.open(self._database)
            self._samples = Samples(connection)
        self.statement_count += 1
        with self._translating():
            return self._samples.of(encoded(schema), encoded(relation), count)

    def close(self) -> None:
        """Close the connections."""
        if self._samples is not None:
            self._samples.close()
        self._transaction.close()


def encoded(name: str) -> bytes:
    """A name in the bytes of a database whose encoding is not known, in which they are ordered."""
    return name.encode(errors="surrogateescape")


def _decoded(row: Row) -> Row:
    return tuple(_text(value) for value in row)


def _text(value: Any) -> Any:
    """Text of a database whose encoding is not known: it comes as bytes."""
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    if isinstance(value, list):
        return [_text(one) for one in value]
    return value
