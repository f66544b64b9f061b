"""The SQLite connector of om-ingest: any SQLite file, with the standard library alone."""

from metadata.ingestion.source.database.sqlite_file.config import SqliteConfig
from metadata.ingestion.source.database.sqlite_file.source import SqliteSource

__all__ = ["SqliteConfig", "SqliteSource"]
