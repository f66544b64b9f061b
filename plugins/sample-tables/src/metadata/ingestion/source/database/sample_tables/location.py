"""Paths in the files, and their FQNs in this run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from om_ingest import RecordError, SourceError, fqn
from om_ingest.model import Table


@dataclass(frozen=True)
class Location:
    """Resolves paths of the files to FQNs of this run.

    A path in a file starts at the schema (`shop.orders`), because the run names the
    service. A full FQN is accepted as well; the name of the service in `service.json` is
    replaced by that of the run.
    """

    service: str
    """Name of the service in this run."""

    database: str
    """Name of the database."""

    schemas: Collection[str]
    """Names of the schemas."""

    file_service: str = ""
    """Name of the service in `service.json`; may be empty."""

    @property
    def database_fqn(self) -> str:
        """FQN of the database."""
        return fqn.join(self.service, self.database)

    def table_fqn(self, schema: str, name: str) -> str:
        """FQN of a table of this database, as a store spells it."""
        return fqn.build(
            entity_type=Table,
            service_name=self.service,
            database_name=self.database,
            schema_name=schema,
            table_name=name,
        )

    def holds(self, entity_fqn: str) -> bool:
        """Whether an entity lies below this database."""
        return entity_fqn.startswith(f"{self.database_fqn}.")

    def table(self, path: str, where: str) -> str:
        """The FQN behind `schema.table`; raises `SourceError` if it is no such path."""
        names = _split(path, where)
        if len(names) == 2:
            return self.table_fqn(*names)
        if len(names) == 4:
            return self._moved(names)
        raise SourceError(f"{where}: {path!r} is no path of a table", "Write schema.table.")

    def column(self, path: str, where: str) -> str:
        """The FQN behind `schema.table.column`, which may go on into nested columns.

        Raises `SourceError` if it is no such path.
        """
        names = _split(path, where)
        if len(names) >= 3 and names[0] in self.schemas:
            return fqn.join(self.service, self.database, *names)
        if len(names) >= 5:
            return self._moved(names)
        raise SourceError(
            f"{where}: {path!r} is no path of a column",
            "Write schema.table.column, with a schema that database.json names.",
        )

    def _moved(self, names: list[str]) -> str:
        service = self.service if names[0] == self.file_service else names[0]
        return fqn.join(service, *names[1:])


def _split(path: str, where: str) -> list[str]:
    try:
        return fqn.split(path)
    except RecordError as error:
        raise SourceError(f"{where}: {error.what}", error.remedy) from None
