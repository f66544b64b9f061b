"""A session with a server of MySQL or MariaDB: its information_schema as streams."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from itertools import groupby
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.mysql.connection import (
    Connector,
    Stream,
    version_of,
)
from metadata.ingestion.source.database.sql_databases.mysql.datatypes import TYPES
from metadata.ingestion.source.database.sql_databases.mysql.rights import Rights
from metadata.ingestion.source.database.sql_databases.mysql.routines import routine
from metadata.ingestion.source.database.sql_databases.mysql.statements import Dialect, quoted
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
from om_ingest import SourceError

if TYPE_CHECKING:
    from pymysql.connections import Connection

_ELSEWHERE = {"FEDERATED", "CONNECT", "SPIDER"}
"""Engines whose tables are data somewhere else."""

_DEFINED_TABLES = 50
"""So many tables have their statements asked for in one go."""

_NUMERIC = re.compile(r"(?:tiny|small|medium|big)?int\b|decimal|float|double|bit|year")


class MysqlServer(Server):
    """A server; what it calls databases are the schemas of one database in OpenMetadata."""

    def __init__(self, connector: Connector, database: str) -> None:
        """`database` is the name of that one."""
        self._connector = connector
        self._database = database
        self._connection = connector.open()

    def schema(self, name: str) -> str:
        """A schema as the server spells it; raises `SourceError` if the user sees none."""
        text = Dialect.of(version_of(self._connection)).schemas()
        found = [row[0] for row in self._connector.query(self._connection, text)]
        spelled = [one for one in found if one.lower() == name.lower()]
        if name in spelled or len(spelled) == 1:
            return name if name in spelled else str(spelled[0])
        target = self._connector.target
        raise SourceError(
            f"There is no schema {name!r} on {target.product} at {target.place}, or user"
            f" {target.user!r} may see nothing of it",
            "Correct databaseSchema, or let an administrator run: GRANT SELECT, SHOW VIEW ON"
            f" {quoted(name)}.* TO the user;",
        )

    def databases(self) -> Iterator[DatabaseRow]:
        """The one."""
        yield DatabaseRow(self._database)

    def open(self, database: str) -> MysqlSession:
        """A session with all of the server."""
        return MysqlSession(self._connector, self._connection)

    def close(self) -> None:
        """Close every connection."""
        self._connection.close()
        self._connector.close()


class MysqlSession(Session):
    """Statements that each have a connection, so that their rows can be merged as they come."""

    types = TYPES
    has_columns_always = True

    def __init__(self, connector: Connector, connection: Connection[Any]) -> None:
        self._connector = connector
        self._connection = connection
        self._dialect = Dialect.of(version_of(connection))
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
                yield RelationRow(schema, name, "View", definition=_view(schema, name, text, check))
            elif kind in ("BASE TABLE", "SYSTEM VERSIONED"):
                shape = "Regular"
                if (engine or "").upper() in _ELSEWHERE:
                    shape = "Foreign"
                elif "partitioned" in (options or ""):
                    shape = "Partitioned"
                yield RelationRow(schema, name, shape, comment, row_count=count)

    def _defined(self, rows: Iterator[RelationRow]) -> Iterator[RelationRow]:
        """The same rows, with the statements that create tables: no catalogue has those."""
        waiting: list[RelationRow] = []
        for row in rows:
            waiting.append(row)
            if len(waiting) == _DEFINED_TABLES:
                yield from self._with_definitions(waiting)
                waiting = []
        yield from self._with_definitions(waiting)

    def _with_definitions(self, rows: Sequence[RelationRow]) -> Iterator[RelationRow]:
        for row in rows:
            if row.definition is not None:
                yield row
                continue
            place = f"{quoted(row.schema)}.{quoted(row.name)}"
            try:
                text = str(self._query(f"SHOW CREATE TABLE {place}")[0][1])
            except SourceError:  # dropped meanwhile, or not allowed
                yield row
                continue
            yield row._replace(definition=text.replace(quoted(row.name), place, 1))

    def columns(self, wanted: Wanted) -> Iterator[ColumnRow]:
        """Columns; MariaDB tells JSON from text by a check."""
        is_mariadb = self._dialect.quotes_defaults
        checks: set[str] = set()
        schema = relation = None
        for row in self._rows("columns", wanted):
            if row[1] != relation or row[0] != schema:
                schema, relation = row[0], row[1]
                checks = set()
            if row[3] == 0:
                checks.add(row[4])
                continue
            _, _, name, _, kind, nullable, default, extra, comment, expression = row
            kind = kind.partition(" /*")[0] if kind.endswith("*/") else kind  # of a version
            if checks and f"json_valid({quoted(name)})" in checks:
                kind = "json"
            generation = ""
            if extra:
                generation = _generation(extra)
            if default is not None:
                default = _default(default, kind, extra, is_expression=is_mariadb)
            yield ColumnRow(
                row[0],
                row[1],
                name,
                kind,
                nullable == "YES",
                expression or default,
                generation,
                comment or None,
            )

    def constraints(self, wanted: Wanted) -> Iterator[ConstraintRow]:
        """Keys; an index over expressions is none, because it has columns without names."""
        rows = self._rows("keys", wanted)
        for key, parts in groupby(rows, lambda row: (row[0], row[1], row[2], row[4], row[5])):
            schema, relation, name, referred_schema, referred = key
            found = list(parts)
            columns = tuple(row[3] for row in found)
            if not all(columns):
                continue
            kind = "foreign" if referred else "primary" if name == "PRIMARY" else "unique"
            yield ConstraintRow(
                schema,
                relation,
                name,
                kind,
                columns,
                referred_schema,
                referred,
                tuple(row[6] for row in found) if referred else (),
            )

    def partitions(self, wanted: Wanted) -> Iterator[PartitionRow]:
        """Columns and expressions of partitions, then those of subpartitions."""
        for schema, relation, *levels in self._rows("partitions", wanted):
            for method, expression in (levels[:2], levels[2:]):
                if not method:
                    continue
                by_columns, strategy = str(method).lower(), _strategy(method)
                for column in _partition_columns(by_columns, expression or ""):
                    yield PartitionRow(schema, relation, column, strategy)

    def routines(self, wanted: Wanted) -> Iterator[RoutineRow]:
        """Procedures and functions, each as the statement that creates it."""
        self.statement_count += 1
        with closing(self._connector.begin(self._dialect.routines(wanted)).result()) as stream:
            for (schema, _, _), rows in groupby(stream.rows(), lambda row: row[:3]):
                found = routine(list(rows))
                if found is not None:
                    if not found.code:
                        self._hidden_routines[schema] += 1
                    yield found

    def unseen(self, wanted: Wanted) -> Iterator[UnseenRow]:
        """What information_schema leaves out, as far as the grants of the user tell."""
        ((user,),) = self._query("SELECT CURRENT_USER()")
        using = ""
        if not self._dialect.shows_active_roles:
            ((roles,),) = self._query("SELECT CURRENT_ROLE()")
            using = "" if roles == "NONE" else f" FOR CURRENT_USER() USING {roles}"
        grants = [str(row[0]) for row in self._query(f"SHOW GRANTS{using}")]
        rights = Rights(grants, self._dialect, user)
        schemas = wanted.schemas or ()
        yield from rights.unseen(schemas, wanted, self._hidden_views, self._hidden_routines)

    def sample(
        self, schema: str, relation: str, count: int
    ) -> tuple[list[str], list[list[object]]]:
        """Names of columns, and the first rows."""
        self.statement_count += 1
        connector, connection = self._connector, self._connection
        with connector.translating("read a sample from"), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {quoted(schema)}.{quoted(relation)} LIMIT {count}")
            names = [str(column[0]) for column in cursor.description or ()]
            return names, [list(row) for row in cursor.fetchall()]

    def close(self) -> None:
        """Close the connections of streams."""
        for begun in self._begun.values():
            begun.cancel()
            if not begun.cancelled() and begun.exception() is None:
                begun.result().close()


def _view(schema: str, name: str, text: str | None, check: str | None) -> str | None:
    """The statement that creates a view; the server qualifies the names in it."""
    if not text:
        return None
    end = "" if check in (None, "NONE") else f" WITH {check} CHECK OPTION"
    return f"CREATE VIEW {quoted(schema)}.{quoted(name)} AS {text}{end}"


def _generation(extra: str) -> str:
    """`auto_increment`, `VIRTUAL GENERATED`, `STORED GENERATED`: other words may stand beside."""
    extra = extra.lower()
    for word, generation in (
        ("auto_increment", "identity"),
        ("virtual generated", "virtual"),
        ("stored generated", "stored"),
    ):
        if word in extra:
            return generation
    return ""


def _default(default: str, kind: str, extra: str, *, is_expression: bool) -> str | None:
    """The expression of a default, as in the statement that creates the table."""
    if is_expression:
        found = default
        if found == "NULL":
            return None
    elif (
        "DEFAULT_GENERATED" in extra
        or _NUMERIC.match(kind)
        or default.upper().startswith("CURRENT_TIMESTAMP")
    ):
        found = default
    else:
        found = "'" + default.replace("'", "''") + "'"
    _, on_update, function = extra.partition("on update ")
    return f"{found} ON UPDATE {function}" if on_update else found


def _strategy(method: str) -> str:
    """`range` of `RANGE COLUMNS`, `hash` of `LINEAR HASH`."""
    return method.lower().removeprefix("linear ").removesuffix(" columns")


def _partition_columns(strategy: str, expression: str) -> Sequence[str]:
    """The columns of a method that takes columns, or else its expression."""
    if strategy.endswith(("key", "columns")):
        named = re.findall(r"`((?:[^`]|``)+)`|([^`,\s]+)", expression)
        return [one.replace("``", "`") or other for one, other in named]
    column = re.fullmatch(r"`((?:[^`]|``)+)`", expression)
    return [column[1].replace("``", "`") if column else expression] if expression else []
