"""The connector keeps the contract of a source."""

from __future__ import annotations

from pathlib import Path

from metadata.ingestion.source.database.sample_tables import SampleTablesSource
from om_ingest_testing import SourceSuite


class TestSampleTables(SourceSuite):
    source = SampleTablesSource
    config = {}
    golden = Path(__file__).with_name("golden.jsonl")
