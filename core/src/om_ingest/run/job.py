"""What is to be run: a workflow that has been read, and how."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from om_ingest.config.settings import SourceConfig
from om_ingest.config.validation import validated
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.registry import AllowList, InstalledSource, host_version
from om_ingest.source import ConnectorConfig, Source
from om_ingest.workflow.config import (
    PluginsBlock,
    SourceBlock,
    StepBlock,
    Workflow,
    WorkflowBlock,
)
from om_ingest.workflow.journal import JournalPlace
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.reading import Document
from om_ingest.workflow.secrets import Redactor

Observe = Callable[["Job", Pipeline], contextlib.AbstractContextManager[Any]]
"""Gives what is entered while records move, to show progress."""


def unobserved(job: Job, pipeline: Pipeline) -> contextlib.AbstractContextManager[Any]:
    """Show nothing."""
    return contextlib.nullcontext()


@dataclass(frozen=True)
class Job:
    """A workflow that has been read, and how it is to be run."""

    workflow: Workflow
    settings: SourceConfig = field(default_factory=SourceConfig)
    """`sourceConfig.config`, typed."""

    sink_given: StepBlock | None = None
    """The sink of the command line, which wins over that of the file; None if none was given."""

    allow: AllowList = field(default_factory=AllowList)
    """The distributions that may be imported: of the environment and of the workflow file."""

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

    allow_mass_delete: bool = False
    """Mark as deleted what is gone from the source, however much it is."""

    recorded: tuple[str, str] | None = None
    """Who read the records, where the source is a file of them: name, and distribution with
    version."""

    journal: JournalPlace | None = None
    """Where the run is kept; None for a run that leaves no trace."""

    observe: Observe = unobserved
    """Entered while records move; shows progress."""

    @property
    def sink(self) -> StepBlock:
        """Where the records go: the sink that was given, that of the file, or the default."""
        return self.sink_given or self.workflow.sink_or_default

    @property
    def sink_is_default(self) -> bool:
        """Whether nobody named a sink."""
        return self.sink_given is None and self.workflow.sink is None


class RecordFileConfig(ConnectorConfig):
    """Config of a source that reads one file of records."""

    path: Path
    """The file."""


def file_job(
    name: str,
    source: type[Source],
    path: Path,
    *,
    allow: AllowList,
    service_name: str | None = None,
    server: MetadataServerConfig | None = None,
    plugins: PluginsBlock | None = None,
    **options: Any,
) -> Job:
    """The job that delivers a file that om-ingest has written, with one of the host's sources.

    `allow` is narrowed by `plugins`; `options` are those of `Job`.
    """
    installed = InstalledSource(
        name=name,
        service_type="",
        distribution="om-ingest",
        version=host_version(),
        origin="built in",
        target=f"{source.__module__}:{source.__qualname__}",
    )
    block = {"type": name, "serviceName": service_name or name, "config": {"path": str(path)}}
    workflow = Workflow(
        source=validated(SourceBlock, block, ("source",)),
        plugins=plugins or PluginsBlock(),
        workflowConfig=WorkflowBlock(openMetadataServerConfig=server),
    )
    narrowed = allow.narrowed(workflow.plugins.allow, "plugins.allow")
    return Job(workflow, allow=narrowed, installed=installed, **options)
