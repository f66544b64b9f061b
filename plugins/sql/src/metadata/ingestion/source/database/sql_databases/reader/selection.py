"""What of a server a run reads, and how the entities are called."""

from __future__ import annotations

from collections.abc import Iterable

from om_ingest import Selection, SourceStatus, WorkflowContext, fqn
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import (
    NAME_RULE,
    Database,
    DatabaseSchema,
    StoredProcedure,
    Table,
    TableType,
    encode_reserved,
    is_legal,
)

FQN_MAX_CHARS = 3072  # OpenMetadata REST contract §3.0


def why_not_stored(name: str, parent: str) -> str | None:
    """Why OpenMetadata cannot store an asset of this name below an FQN; None if it can."""
    if name.isprintable() and "::" not in name and name and len(name) + len(parent) < 256:
        return None  # nearly all
    if "\0" in name or not is_legal(name):
        return f"OpenMetadata does not store it: {NAME_RULE}"
    if len(fqn.child(parent, name)) > FQN_MAX_CHARS:
        return f"OpenMetadata does not store it: its FQN is longer than {FQN_MAX_CHARS}"
    return None


def readable(name: str) -> str:
    """A name, whose bytes are no text in the encoding of its database, as Windows-1252."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode(errors="surrogateescape").decode("cp1252", errors="replace")
    return name


class Choice(Selection[DatabaseSourceConfig]):
    """The filters and include flags of a run; `sourceConfig` holds them."""

    def __init__(self, ctx: WorkflowContext, status: SourceStatus) -> None:
        super().__init__(DatabaseSourceConfig, ctx.source_config, status)
        self.service = fqn.join(ctx.service_name)
        self.only_database: str | None = None
        """The one database that the connection is for, whatever the filter pattern."""

        self.only_schema: str | None = None
        """The one schema that the connection is for: `databaseSchema`."""

    def keeps_database(self, name: str) -> bool:
        """Whether a database is read; counts it if it is not.

        As in OpenMetadata, the pattern is for a connection that reads all databases.
        """
        if name == self.only_database:
            return True
        return self.keeps(Database, name, fqn.child(self.service, name))

    def keeps_schema(self, database: str, name: str) -> bool:
        """Whether a schema is read; counts it if it is not."""
        if self.only_schema not in (None, name):
            return self.decide(fqn.child(database, name), "left out by databaseSchema")
        return self.keeps(DatabaseSchema, name, fqn.child(database, name))

    def why_not_relation(self, name: str, kind: TableType, key: str) -> str | None:
        """Why a table or view is left out; None if it is kept."""
        return self.why_not_type(kind) or self.why_not(Table, name, key)

    def why_not_routine(self, name: str, key: str) -> str | None:
        """Why a procedure or function is left out; None if it is kept."""
        return self.why_not(StoredProcedure, name, key)


class Chosen(Choice):
    """A choice with a list of schemas in the config, beside the filter patterns."""

    def __init__(self, ctx: WorkflowContext, status: SourceStatus, schemas: Iterable[str]) -> None:
        super().__init__(ctx, status)
        self._status_of_run = status
        self._schemas = set(schemas)
        self._awaited = set(schemas)

    def keeps_schema(self, database: str, name: str) -> bool:
        """Whether a schema is read; counts it if it is not."""
        self._awaited.discard(name)
        if self._schemas and name not in self._schemas:
            return self.decide(fqn.child(database, name), "left out by schemas")
        return super().keeps_schema(database, name)

    def tell_missing(self) -> None:
        """Warn of schemas in the config that no database has."""
        for name in sorted(self._awaited):
            self._status_of_run.warning(self.service, f"there is no schema {name!r}: see schemas")


def table_fqn(schema: str, name: str) -> str:
    """FQN of a table below the FQN of its schema."""
    return fqn.child(schema, encode_reserved(name))
