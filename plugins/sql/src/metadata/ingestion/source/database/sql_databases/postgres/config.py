"""Config of the `postgres` source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from metadata.ingestion.source.database.sql_databases.connecting.config import KEPT, ServerConfig
from pydantic import Field


class PostgresConfig(ServerConfig):
    """Config of the `postgres` source: OpenMetadata's keys, and a few of its own."""

    protocol: ClassVar[str] = "postgres"
    product: ClassVar[str] = "PostgreSQL"
    default_port: ClassVar[int] = 5432
    database_key: ClassVar[str] = "database"
    stored_keys: ClassVar[tuple[str, ...]] = (
        *("database", "ingestAllDatabases", "scheme", "sslMode", "sslConfig"),
        *("classificationName", "sampleDataStorageConfig"),
    )

    database: str = ""
    """Database to read, or with `ingestAllDatabases` the one to log in to. Without it, every
    database is read, and `postgres` is the one to log in to."""

    ingestAllDatabases: bool = False
    """Read every database of the server that `databaseFilterPattern` keeps."""

    databaseSchema: str | None = None
    """The one schema to read; default: every one that the filter patterns keep."""

    queryStatementSource: str = "pg_stat_statements"
    """View with the statistics of statements."""

    classificationName: str | None = Field(default=None, json_schema_extra=KEPT)
    """Name of a classification for policy tags. Not used: the server has no such tags."""

    @property
    def only_database(self) -> str | None:
        """The one database to read; None for all."""
        return None if self.ingestAllDatabases else self.database or None

    def limits(self) -> Iterator[str]:
        """The keys that are given and not used, a line each, with what to do."""
        yield from super().limits()
        if self.classificationName not in (None, "", "PostgresPolicyTags", "TimescalePolicyTags"):
            yield "classificationName is not used: row policies are not read as tags; remove it"
        if self.scheme not in (None, "", "postgresql+psycopg2"):
            yield f"scheme is not used: psycopg connects, whatever {self.scheme!r} means"
