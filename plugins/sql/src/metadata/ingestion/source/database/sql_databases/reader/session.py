"""The contract of a dialect: sessions with the databases of a server, and the streams of each."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
from om_ingest.model import DataType
from om_ingest.store import Closeable


@dataclass(frozen=True)
class Wanted:
    """What of a database is to be read; a session may leave out what is not wanted, or not."""

    schemas: Collection[str] | None = None
    """Names of the schemas; None for all but those of the system."""

    tables: bool = True
    views: bool = True
    routines: bool = True
    definitions: bool = False
    """Whether the statements that create tables are wanted; those of views always are."""

    owners: bool = False
    row_counts: bool = False
    samples: bool = False


class Session(Closeable):
    """An open, read-only session with one database; its streams may be read interleaved.

    Errors of the driver leave it as errors of om-ingest, in plain words. No stream is held in
    memory, and the number of statements does not depend on the number of tables.
    """

    types: Mapping[str, DataType]
    """Base names of types in lower case, and what they are in OpenMetadata."""

    statement_count: int = 0
    """Statements that were sent so far."""

    order: Callable[[str], Any] = staticmethod(str)
    """How the names in the order of the streams compare, as a key of `sorted`: by code points,
    unless a database cannot order them so."""

    has_columns_always: bool = False
    """Whether tables and views without columns are those whose columns cannot be read."""

    lists_routines: bool = True
    """Whether `routines` gives all that there are."""

    @abstractmethod
    def schemas(self) -> Iterator[SchemaRow]:
        """Every schema but those of the system."""

    @abstractmethod
    def relations(self, wanted: Wanted) -> Iterator[RelationRow]:
        """Tables and views, by schema and name."""

    @abstractmethod
    def columns(self, wanted: Wanted) -> Iterator[ColumnRow]:
        """Columns, by schema, relation and position."""

    @abstractmethod
    def constraints(self, wanted: Wanted) -> Iterator[ConstraintRow]:
        """Keys, by schema and relation."""

    def partitions(self, wanted: Wanted) -> Iterator[PartitionRow]:
        """Columns of partitions, by schema, relation and position; none, unless overridden."""
        return iter(())

    def routines(self, wanted: Wanted) -> Iterator[RoutineRow]:
        """Procedures and functions, by schema and name; none, unless overridden."""
        return iter(())

    def unseen(self, wanted: Wanted) -> Iterator[UnseenRow]:
        """What the user may not see; none, unless overridden."""
        return iter(())

    def hides_columns(self, schema: str, relation: str) -> bool:
        """Whether the user may see some columns of a table only; never, unless overridden."""
        return False

    def statement_of(
        self,
        relation: RelationRow,
        columns: Sequence[ColumnRow],
        constraints: Sequence[ConstraintRow],
        partitions: Sequence[PartitionRow],
    ) -> str | None:
        """The statement that creates a table whose row has none; None, unless overridden."""
        return None

    @abstractmethod
    def sample(
        self, schema: str, relation: str, count: int
    ) -> tuple[list[str], list[list[object]]] | None:
        """Names of columns, and some rows.

        None if the user may not read them, and `unseen` tells so; raises `SourceError` if they
        cannot be read.
        """


class Server(Closeable):
    """A server that was logged in to, and its databases."""

    @abstractmethod
    def databases(self) -> Iterator[DatabaseRow]:
        """The databases that are to be read, by the config."""

    @abstractmethod
    def open(self, database: str) -> Session:
        """A session with one of them; the caller closes it."""

    def queries(self, wanted: WantedQueries) -> Iterator[QueryRow]:
        """Queries that the server has counted, the most frequent first; none, unless overridden."""
        return iter(())
