"""`sourceConfig.config` as a test gives it: a dictionary, typed as the host types it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from om_ingest.config.settings import SourceConfig
from om_ingest.workflow.config import load
from om_ingest.workflow.reading import Document


def source_settings(values: Mapping[str, Any] | None) -> SourceConfig:
    """The settings; raises `WorkflowError` with every problem at once."""
    source = {"type": "test", "sourceConfig": {"config": dict(values or {})}}
    _, settings, _ = load(
        Document("source_config", {"source": source}, remedy="Correct these keys.")
    )
    return settings
