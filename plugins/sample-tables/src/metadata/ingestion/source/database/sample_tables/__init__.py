"""A database described in JSON files; the example of a connector for om-ingest."""

from metadata.ingestion.source.database.sample_tables.source import (
    SampleTablesConfig,
    SampleTablesSource,
)

__all__ = ["SampleTablesConfig", "SampleTablesSource"]
