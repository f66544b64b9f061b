"""A session with a server of MySQL or MariaDB: its information_schema as streams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.mysql.connection import (
    Connector,
    Stream,
    version_of,
)
from metadata.ingestion.source.database.sql_databases.mysql.datatypes import TYPES
from metadata.ingestion.source.database.sql_databases.mysql.definitions import (
    partition_rows,
    sample_value,
    view_statement,
)
from metadata.ingestion.source.database.sql_databases.mysql.rights import Rights
from metadata.ingestion.source.database.sql_databases.mysql.routines import routine
from metadata.ingestion.source.database.sql_databases.mysql.statements import Dialect, quoted
from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ColumnRow,
    ConstraintRow,
    PartitionRow,
    RelationRow,
    RoutineRow,
    SchemaRow,
    UnseenRow,
)
from metadata.ingestion.source.database.sql_databases.reader.session import Session, Wanted
from om_ingest import SourceError

if TYPE_CHECKING:
    from pymysql.connections import Connection

_ELSEWHERE = {"FEDERATED", "CONNECT", "SPIDER"}
"""Engines whose tables are data somewhere else."""

_DEFINED_TABLES = 50
"""So many tables have their statements asked for in one round trip."""


class MysqlSession(Session):
    """Statements that each have a connection, so that their rows can be merged as they come."""

    types = TYPES
    has_columns_always = True

    def __init__(
        self, connector: Connector, connection: Connection[Any], *, lists_schemas: bool = True
    ) -> None:
        """`lists_schemas` is whether all schemas are wanted, and not one alone."""
        self._connector = connector
        self._lists_schemas = lists_schemas
        self._login: tuple[Any, ...] | None = None
        self._first_rights: Rights | None = None
        self._connection = connection
        self._dialect = Dialect.of(version_of(connection))
        self._sampler: Connection[Any] | None = None
        self._begun: dict[str, Future[Stream]] = {}
        self._hidden_views: Counter[str] = Counter()
        self._hidden_routines: Counter[str] = Counter()

    def _query(self, text: str) -> Sequence[tuple[Any, ...]]:
        self.statement_count += 1
        return self._connector.query(self._connection, text)

    def _begin(self, wanted: Wanted) -> None:
        """Start the streams that are merged, all at once: the server works on them in parallel."""
        dialect = self._dialect
        texts = {
            "relations": dialect.relations(wanted),
            "columns": dialect.columns(wanted),
            "keys": dialect.keys(wanted),
            "partitions": dialect.partitions(wanted),
        }
        if wanted.tables or wanted.views:
            self.statement_count += len(texts)
            self._begun = {name: self._connector.begin(text) for name, text in texts.items()}

    def _rows(self, name: str, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
        if not self._begun:
            self._begin(wanted)
        if name in self._begun:
            with closing(self._begun[name].result()) as stream:
                yield from stream.rows()

    def schemas(self) -> Iterator[SchemaRow]:
        """Every schema but those of the system."""
        self._first_rights = self._rights()
        for name, comment in self._query(self._dialect.schemas()):
            yield SchemaRow(name, comment or None)

    def relations(self, wanted: Wanted) -> Iterator[RelationRow]:
        """Tables and views; not sequences."""
        rows = self._relations(wanted)
        return self._defined(rows) if wanted.definitions else rows

    def _relations(self, wanted: Wanted) -> Iterator[RelationRow]:
        for schema, name, kind, engine, options, comment, count, text, check in self._rows(
            "relations", wanted
        ):
            if kind == "VIEW":
                if not text:
                    self._hidden_views[schema] += 1
                yield RelationRow(
                    schema, name, "View", definition=view_statement(schema, name, text, check)
                )
            elif kind in ("BASE TABLE", "SYSTEM VERSIONED"):
                shape = "Regular"
                if (engine or "").upper() in _ELSEWHERE:
                    shape = "Foreign"
                elif "partitioned" in (options or ""):
                    shape = "Partitioned"
                yield RelationRow(schema, name, shape, comment, row_count=count)

    def _defined(self, rows: Iterator[RelationRow]) -> Iterator[RelationRow]:
        """The same rows, with the statements that create tables: no catalogue has those."""
        while some := list(islice(rows, _DEFINED_TABLES)):
            places = {
                row: f"{quoted(row.schema)}.{quoted(row.name)}"
                for row in some
                if row.kind != "View"
            }
            self.statement_count += len(places)
            texts = self._connector.each(
                self._connection, [f"SHOW CREATE TABLE {place}" for place in places.values()]
            )
            found = dict(zip(places, texts, strict=True))
            for row in some:
                if (answer := found.get(row)) is None:  # a view, or a table that is gone
                    yield row
                else:
                    text = str(answer[1]).replace(quoted(row.name), places[row], 1)
                    yield row._replace(definition=text)

    def _groups(
        self, name: str, wanted: Wanted, width: int
    ) -> Iterator[tuple[str, str, Iterator[tuple[str, ...]]]]:
        """Schema and table of each row of a grouped statement, and its things of so many fields."""
        for schema, relation, count, text in self._rows(name, wanted):
            fields = text.split("\0")
            if len(fields) != count * width:
                raise SourceError(
                    f"The server cuts what it says of the {name} of {schema}.{relation}",
                    "Let an administrator raise group_concat_max_len and max_allowed_packet.",
                )
            yield schema, relation, zip(*[iter(fields)] * width, strict=True)

    def columns(self, wanted: Wanted) -> Iterator[ColumnRow]:
        """Columns; MariaDB tells JSON from text by a check."""
        for schema, relation, found in self._groups("columns", wanted, 5):
            checks: set[str] = set()
            for name, position, kind, nullable, comment in found:
                if position == "0":
                    checks.add(kind)
                    continue
                if kind[-1] == "/":
                    kind = kind.partition(" /*")[0]  # `datetime /* mariadb-5.3 */`
                elif kind == "longtext" and f"json_valid({quoted(name)})" in checks:
                    kind = "json"
                yield ColumnRow(
                    schema, relation, name, kind, nullable == "YES", comment=comment or None
                )

    def constraints(self, wanted: Wanted) -> Iterator[ConstraintRow]:
        """Keys; one with an expression in it is none: it says nothing of its columns alone."""
        for schema, relation, found in self._groups("keys", wanted, 5):
            keys: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
            for name, column, referred_schema, referred, referred_column in found:
                key = name, referred_schema, referred
                keys.setdefault(key, []).append((column, referred_column))
            for (name, referred_schema, referred), pairs in keys.items():
                columns, targets = zip(*pairs, strict=True)
                if not all(columns):
                    continue
                if referred:
                    place = referred_schema, referred, targets
                    yield ConstraintRow(schema, relation, name, "foreign", columns, *place)
                else:
                    kind = "primary" if name == "PRIMARY" else "unique"
                    yield ConstraintRow(schema, relation, name, kind, columns)

    def partitions(self, wanted: Wanted) -> Iterator[PartitionRow]:
        """Columns and expressions of partitions, then those of subpartitions."""
        for schema, relation, *levels in self._rows("partitions", wanted):
            for method, expression in (levels[:2], levels[2:]):
                if not method:
                    continue
                yield from partition_rows(schema, relation, method, expression or "")

    def routines(self, wanted: Wanted) -> Iterator[RoutineRow]:
        """Procedures and functions, each as the statement that creates it."""
        self.statement_count += 1
        with closing(self._connector.begin(self._dialect.routines(wanted)).result()) as stream:
            for (schema, _, _), rows in groupby(stream.rows(), _of_routine):
                found = routine(list(rows))
                if found is not None:
                    if not found.code:
                        self._hidden_routines[schema] += 1
                    yield found

    def unseen(self, wanted: Wanted) -> Iterator[UnseenRow]:
        """What information_schema leaves out, as far as the grants of the user tell.

        What was granted or revoked while it was read counts as hidden.
        """
        found: dict[tuple[str, str], UnseenRow] = {}
        for rights in (self._rights(), self._first_rights):
            assert rights is not None, "schemas comes first"
            rows = rights.unseen(
                wanted.schemas or (),
                wanted,
                self._hidden_views,
                self._hidden_routines,
                lists_schemas=self._lists_schemas,
            )
            for row in rows:
                found.setdefault((row.schema, row.what), row)
        yield from found.values()

    def hides_columns(self, schema: str, relation: str) -> bool:
        """Whether the user has rights on columns of a table, and none on the table."""
        rights = self._first_rights
        return rights is not None and not rights.shows_columns(schema, relation)

    def _rights(self) -> Rights:
        if self._login is None:
            (self._login,) = self._query(self._dialect.login())
        user, roles, has_no_case, is_literal = self._login
        using = "" if roles == "NONE" else f" FOR CURRENT_USER() USING {roles}"
        grants = [str(row[0]) for row in self._query(f"SHOW GRANTS{using}")]
        return Rights(
            grants,
            self._dialect,
            user,
            has_wildcards=not is_literal,
            has_case=not has_no_case,
        )

    def sample(
        self, schema: str, relation: str, count: int
    ) -> tuple[list[str], list[list[object]]]:
        """Names of columns, and the first rows, in a connection of their own."""
        if self._sampler is None or not self._sampler.open:
            self._sampler = self._connector.open()
        self.statement_count += 1
        with (
            self._connector.translating("read a sample from"),
            self._connector.working(self._sampler),
            self._sampler.cursor(self._connector.streaming) as cursor,  # rows may be large
        ):
            table = f"{quoted(schema)}.{quoted(relation)} AS om_ingest_sample"
            cursor.execute(f"SELECT * FROM {table} LIMIT {count}")
            names = [str(column[0]) for column in cursor.description or ()]
            rows = cursor.fetchall_unbuffered()
            return names, [[sample_value(value) for value in row] for row in rows]

    def close(self) -> None:
        """End the streams, whatever they still send."""
        if self._sampler is not None and self._sampler.open:
            self._sampler.close()
        self._connector.end_statements(self._connection)
        for begun in self._begun.values():
            if not begun.cancel() and begun.exception() is None:
                begun.result().close()


def _of_routine(row: tuple[Any, ...]) -> tuple[str, str, str]:
    """What rows of one routine share: a package and its body are one."""
    return row[0], row[1], row[2].removesuffix(" BODY")
