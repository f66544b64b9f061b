"""`SinkSuite` as authors of sinks use it; the sinks of this repository keep its rules."""

from __future__ import annotations

from om_ingest.sinks.console import ConsoleSink
from om_ingest.testing import SinkSuite


class TestJsonl(SinkSuite):
    sink = "jsonl"
    config = {"path": "out.jsonl"}
    broken_config = {"path": "missing/out.jsonl"}


class TestConsole(SinkSuite):
    sink = ConsoleSink
    config = {}


class TestCatalog(SinkSuite):
    sink = "catalog"
    config = {"path": "catalog.db"}
    broken_config = {"path": "missing/catalog.db"}
