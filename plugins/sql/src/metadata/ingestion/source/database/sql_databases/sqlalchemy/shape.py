"""One schema, reflected by SQLAlchemy: as a whole, or table by table where that fails."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.reader.selection import table_fqn
from metadata.ingestion.source.database.sql_databases.reader.session import Wanted
from metadata.ingestion.source.database.sql_databases.sqlalchemy.types import unknown_types
from om_ingest import SourceError, SourceStatus, fqn

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_NOTHING: Mapping[str, Any] = {}


class Reports:
    """Tells the status of a run what SQLAlchemy could not reflect."""

    def __init__(
        self,
        status: SourceStatus,
        database: str,
        dialect: str,
        lost: Callable[[BaseException], SourceError | None],
    ) -> None:
        """`database` is an FQN; `lost` gives the error to raise if the connection is lost."""
        self._status = status
        self._database = database
        self._dialect = dialect
        self.lost = lost
        self._missing: set[str] = set()

    def missing(self, what: str) -> None:
        """The dialect never says something; told once."""
        if what not in self._missing:
            self._missing.add(what)
            reason = f"the dialect {self._dialect} of SQLAlchemy does not give {what}"
            self._status.warning(self._database, reason)

    def one_by_one(self, schema: str, what: str, error: BaseException) -> None:
        """Something of a schema is reflected table by table, which takes longer."""
        reason = f"{what} are read table by table, because SQLAlchemy says: {first_line(error)}"
        self._status.warning(fqn.child(self._database, schema), reason)

    def broken(
        self, schema: str, table: str, what: str, error: BaseException, *, fails: bool = False
    ) -> None:
        """Something of a table cannot be reflected; `fails` if it is not delivered therefore."""
        key = table_fqn(fqn.child(self._database, schema), table)
        reason = f"SQLAlchemy cannot reflect its {what}: {first_line(error)}"
        (self._status.failure if fails else self._status.warning)(key, reason)


class Shape:
    """Everything of one schema."""

    def __init__(
        self, connection: Connection, schema: str, wanted: Wanted, reports: Reports
    ) -> None:
        """Reflect it; raises `SourceError` if its tables cannot be listed, or the connection
        is lost.
        """
        from sqlalchemy import inspect  # the driver is an extra

        self.schema = schema
        self._connection = connection
        self._reports = reports
        self._inspector = inspect(connection)  # with an empty cache
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            self.kinds = self._names(wanted)
            self.columns = self._each("columns", "get_multi_columns", "get_columns", self.kinds)
            tables = [name for name, kind in self.kinds.items() if kind == "Regular"]
            self.primary = self._each(
                "primary keys", "get_multi_pk_constraint", "get_pk_constraint", tables
            )
            self.unique = self._each(
                "unique keys", "get_multi_unique_constraints", "get_unique_constraints", tables
            )
            self.indexes = self._each(
                "indexes", "get_multi_indexes", "get_indexes", tables, is_needed=False
            )
            self.foreign = self._each(
                "foreign keys", "get_multi_foreign_keys", "get_foreign_keys", tables
            )
            self.comments = self._each(
                "comments", "get_multi_table_comment", "get_table_comment", self.kinds
            )
            self.definitions = self._definitions()
        self.unknown_types = unknown_types(str(one.message) for one in said)

    def _names(self, wanted: Wanted) -> dict[str, str]:
        """Kinds of relations by name."""
        kinds: dict[str, str] = {}
        if wanted.tables:
            kinds |= dict.fromkeys(self._listed("tables", "get_table_names"), "Regular")
        if wanted.views:
            kinds |= dict.fromkeys(self._listed("views", "get_view_names"), "View")
            found = self._listed("materialized views", "get_materialized_view_names")
            kinds |= dict.fromkeys(found, "MaterializedView")
        return kinds

    def _listed(self, what: str, method: str) -> Iterable[str]:
        found, error = self._try(method, schema=self.schema)
        if isinstance(error, NotImplementedError):
            if what != "materialized views":  # most databases have none
                self._reports.missing(what)
        elif error is not None:
            raise SourceError(
                f"The {what} of the schema {self.schema} cannot be listed: {first_line(error)}",
                "Give the user the right to list them, or leave the schema out.",
            )
        return map(str, found or ())

    def _each(
        self, what: str, of_all: str, of_one: str, names: Iterable[str], *, is_needed: bool = True
    ) -> Mapping[str, Any]:
        """What the dialect says of each table; of all at once if that succeeds.

        What is not needed is left out where that does not succeed, without a word.
        """
        from sqlalchemy.engine.reflection import ObjectKind  # the driver is an extra

        names = set(names)
        if not names:
            return _NOTHING
        failed: dict[Any, BaseException] = {}
        every = ObjectKind.ANY if names - self._tables() else ObjectKind.TABLE
        answer, error = self._try(of_all, schema=self.schema, kind=every, unreflectable=failed)
        if error is not None and not is_needed:
            return _NOTHING
        if isinstance(error, NotImplementedError):
            self._reports.missing(what)
            return _NOTHING
        found = {str(key[1]): value for key, value in (answer or {}).items()}
        faults = {str(key[1]): fault for key, fault in failed.items() if is_needed}
        if error is not None:
            self._reports.one_by_one(self.schema, what, error)
        for name in sorted(names - found.keys() - faults.keys()):
            if error is None and what != "columns":
                continue  # it has none
            found[name], fault = self._try(of_one, name, schema=self.schema)
            if fault is not None:
                faults[name] = fault
        for name in sorted(names & faults.keys()):
            found.pop(name, None)
            fails = what == "columns" and self.kinds[name] == "Regular"
            if fails:  # a view is delivered without columns, if nothing more is known of it
                del self.kinds[name]
            self._reports.broken(self.schema, name, what, faults[name], fails=fails)
        return found

    def _tables(self) -> set[str]:
        return {name for name, kind in self.kinds.items() if kind == "Regular"}

    def _definitions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, kind in self.kinds.items():
            if kind == "Regular":
                continue
            text, error = self._try("get_view_definition", name, schema=self.schema)
            if isinstance(error, NotImplementedError):
                self._reports.missing("statements of views")
                break
            if error is not None:
                self._reports.broken(self.schema, name, "statement", error)
            elif text:
                found[name] = self._whole(name, kind, str(text))
        return found

    def _whole(self, name: str, kind: str, text: str) -> str:
        """A statement that makes the view: some dialects give the query alone."""
        if text.lstrip()[:6].upper() in ("CREATE", "ALTER "):
            return text
        quote = self._connection.dialect.identifier_preparer.quote
        what = "VIEW" if kind == "View" else "MATERIALIZED VIEW"
        return f"CREATE {what} {quote(self.schema)}.{quote(name)} AS {text.strip()}"

    def _try(
        self, method: str, *arguments: Any, **keywords: Any
    ) -> tuple[Any, BaseException | None]:
        try:
            return getattr(self._inspector, method)(*arguments, **keywords), None
        except Exception as error:  # noqa: BLE001  # dialects of others raise anything
            lost = self._reports.lost(error)
            if lost is not None:
                raise lost from None
            with suppress(Exception):  # a transaction that has failed reads nothing more
                self._connection.rollback()
            return None, error


def first_line(error: BaseException) -> str:
    """What an error says, without the statement and the links that SQLAlchemy adds."""
    own = getattr(error, "orig", None) or error
    text = " ".join(str(own).partition("\n[SQL:")[0].split())
    return text or type(own).__name__
