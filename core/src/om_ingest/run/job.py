"""What is to be run: a workflow that has been read, and how."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from om_ingest.config.settings import SourceConfig
from om_ingest.registry import InstalledSource
from om_ingest.workflow.config import Workflow
from om_ingest.workflow.journal import JournalPlace
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.reading import Document
from om_ingest.workflow.secrets import Redactor


@dataclass(frozen=True)
class Job:
    """A workflow that has been read, and how it is to be run."""

    workflow: Workflow
    settings: SourceConfig = field(default_factory=SourceConfig)
    """`sourceConfig.config`, typed."""

    installed: InstalledSource | None = None
    """The source, when it is known already; otherwise the workflow names it."""

    document: Document | None = None
    """The file it was read from; adds line and column to what is wrong with the config."""

    redact: Redactor = field(default_factory=Redactor)
    """Masks the secrets known so far; the run adds those it meets."""

    dry_run: bool = False
    """Write nothing: records go into a store that is thrown away."""

    limit: int | None = None
    """Stop after this many records."""

    sink_was_given: bool = False
    """Whether the sink is not that of the file, but one of the command line."""

    allow_mass_delete: bool = False
    """Mark as deleted what is gone from the source, however much it is."""

    recorded: tuple[str, str] | None = None
    """Who read the records, where the source is a file of them: name, and distribution with
    version."""

    journal: JournalPlace | None = None
    """Where the run is kept; None for a run that leaves no trace."""

    observe: Callable[[Pipeline], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext
    """Entered while records move; shows progress."""
