"""A database that SQLAlchemy reflects, schema by schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ColumnRow,
    ConstraintRow,
    RelationRow,
    SchemaRow,
    UnseenRow,
    unproved,
)
from metadata.ingestion.source.database.sql_databases.reader.session import Session, Wanted
from metadata.ingestion.source.database.sql_databases.sqlalchemy.dialects import (
    FASTER,
    SHOWS_ALL,
    is_of_system,
)
from metadata.ingestion.source.database.sql_databases.sqlalchemy.shape import (
    Reports,
    Shape,
    first_line,
)
from metadata.ingestion.source.database.sql_databases.sqlalchemy.types import Types
from om_ingest import SourceError
from om_ingest.model import StoredProcedure

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, CursorResult


_WITH_SEARCH_PATH = {"postgresql", "cockroachdb", "greenplum", "redshift"}


class SqlalchemySession(Session):
    """Reads a database; one schema at a time is in memory.

    `relations` leads: a schema is reflected when it is reached there. The other streams begin
    each schema with a row of no relation, and so none of them is ahead.
    """

    has_columns_always = True
    lists_routines = False

    def __init__(
        self,
        connection: Connection,
        reports: Reports,
        chosen: tuple[str, ...],
        counted: Callable[[], int],
    ) -> None:
        """`chosen` are the schemas to read, if not all but those of the system."""
        self._connection = connection
        self._reports = reports
        self._chosen = chosen
        self._counted = counted
        self.types = self._types = Types(connection.dialect)
        self._shape: Shape | None = None

    def close(self) -> None:
        """Give the connection back."""
        self.statement_count = self._counted()
        self._connection.close()

    def schemas(self) -> Iterator[SchemaRow]:
        """The chosen schemas; of a dialect that does not list schemas, the default one."""
        from sqlalchemy import inspect  # the driver is an extra

        inspector = inspect(self._connection)
        try:
            names = [str(name) for name in inspector.get_schema_names()]
        except NotImplementedError:
            names = [inspector.default_schema_name or "default"]
        except Exception as error:  # noqa: BLE001  # dialects of others raise anything
            raise self._reports.lost(error) or SourceError(
                f"The schemas cannot be listed: {first_line(error)}",
                "Give the user the right to list them.",
            ) from None
        dialect = self._connection.dialect.name
        for name in sorted(set(names)):
            if self._chosen or not is_of_system(dialect, name):
                yield SchemaRow(name)

    def relations(self, wanted: Wanted) -> Iterator[RelationRow]:
        """Tables and views with comments, views with their statements."""
        for schema in sorted(wanted.schemas or ()):
            self._shape = None  # before the next one: only one is held
            self._shape = shape = Shape(self._connection, schema, wanted, self._reports)
            self.statement_count = self._counted()
            for name in sorted(shape.kinds):
                comment = (shape.comments.get(name) or {}).get("text")
                yield RelationRow(
                    schema, name, shape.kinds[name], comment, definition=shape.definitions.get(name)
                )
        self._shape = None

    def columns(self, wanted: Wanted) -> Iterator[ColumnRow]:
        """Columns of tables and views."""
        for schema in sorted(wanted.schemas or ()):
            yield ColumnRow(schema, "", "", "", is_nullable=True)
            if (shape := self._reached(schema)) is not None:
                for name in sorted(shape.kinds):
                    for column in shape.columns.get(name) or ():
                        yield self._column(shape, name, column)

    def constraints(self, wanted: Wanted) -> Iterator[ConstraintRow]:
        """Keys of tables."""
        for schema in sorted(wanted.schemas or ()):
            yield ConstraintRow(schema, "", "", "", ())
            if (shape := self._reached(schema)) is not None:
                for name in sorted(shape.kinds):
                    yield from self._keys(shape, name)

    def unseen(self, wanted: Wanted) -> Iterator[UnseenRow]:
        """Everything, unless the dialect is one whose databases hide nothing."""
        dialect = self._connection.dialect.name
        if dialect in SHOWS_ALL:
            return
        remedy = f"no dialect of SQLAlchemy tells, so nothing is taken for gone from {dialect}"
        if (faster := FASTER.get(dialect)) is not None:
            remedy += f"; the source {faster} can tell"
        for row in unproved(remedy):
            if row.hides is not StoredProcedure:  # they are never listed
                yield row

    def sample(
        self, schema: str, relation: str, count: int
    ) -> tuple[list[str], list[list[object]]]:
        """Some rows, as the driver gives them."""
        from sqlalchemy import literal_column, select, table  # the driver is an extra

        place = table(relation, schema=schema)
        try:
            rows: CursorResult[Any] = self._connection.execute(
                select(literal_column("*")).select_from(place).limit(count)
            )
            return list(rows.keys()), [list(row) for row in rows]
        except Exception as error:  # noqa: BLE001  # dialects of others raise anything
            lost = self._reports.lost(error)
            self._connection.rollback()
            raise lost or SourceError(
                first_line(error), "Give the user the right to read it."
            ) from None

    def _reached(self, schema: str) -> Shape | None:
        """The schema that `relations` is in, if it is this one and not a later one."""
        shape = self._shape
        return shape if shape is not None and shape.schema == schema else None

    def _column(self, shape: Shape, table: str, column: dict[str, Any]) -> ColumnRow:
        computed, identity = column.get("computed"), column.get("identity")
        generation = ""
        if computed:
            generation = "stored" if computed.get("persisted") else "virtual"
        elif identity:
            generation = "identity"
        default = computed.get("sqltext") if computed else column.get("default")
        name, kind = str(column["name"]), column["type"]
        return ColumnRow(
            shape.schema,
            table,
            name,
            self._types.text(kind, shape.unknown_types.get(name, "")),
            column.get("nullable") is not False,
            None if default is None else str(default),
            generation,
            column.get("comment"),
            self._types.base(kind),
            self._types.labels(kind),
        )

    def _keys(self, shape: Shape, table: str) -> Iterator[ConstraintRow]:
        place = shape.schema, table
        primary = shape.primary.get(table) or {}
        if primary.get("constrained_columns"):
            yield ConstraintRow(
                *place, primary.get("name") or "", "primary", primary["constrained_columns"]
            )
        indexes = filter(_is_key, shape.indexes.get(table) or ())
        unique = [*(shape.unique.get(table) or ()), *indexes]
        for key in sorted(unique, key=lambda one: str(one.get("name") or "")):
            yield ConstraintRow(*place, key.get("name") or "", "unique", key["column_names"])
        dialect = self._connection.dialect
        near = shape.schema
        if dialect.name in _WITH_SEARCH_PATH:  # no schema means one of the path
            near = dialect.default_schema_name or shape.schema
        for key in shape.foreign.get(table) or ():
            yield ConstraintRow(
                *place,
                key.get("name") or "",
                "foreign",
                key["constrained_columns"],
                key.get("referred_schema") or near,
                key["referred_table"],
                key.get("referred_columns") or (),
            )


def _is_key(index: dict[str, Any]) -> bool:
    """Whether an index is a key that is no constraint: over columns, and for all rows."""
    is_partial = any(name.endswith("_where") for name in index.get("dialect_options") or ())
    is_whole = all(index["column_names"]) and not index.get("expressions")
    is_own = not index.get("duplicates_constraint")
    return bool(index.get("unique")) and is_own and is_whole and not is_partial
