"""What is to be run: a workflow that has been read, and how."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from om_ingest import file_systems
from om_ingest.config.settings import SourceConfig
from om_ingest.errors import OmIngestError, Problem, WorkflowError
from om_ingest.host import loading
from om_ingest.masking import Redactor
from om_ingest.registry import AllowList, InstalledSource
from om_ingest.run.values import Value
from om_ingest.workflow.config import StepBlock, Workflow
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.reading import Document

Observe = Callable[["Job", Pipeline], contextlib.AbstractContextManager[Any]]
"""Makes the context manager that is entered from `prepare` to `close`, to show progress."""


def unobserved(job: Job, pipeline: Pipeline) -> contextlib.AbstractContextManager[Any]:
    """Show nothing."""
    return contextlib.nullcontext()


@dataclass(frozen=True)
class JournalPlace:
    """Where the journal of a run is, and how it is used."""

    folder: Path
    """The folder of the file."""

    workflow: str
    """Part of the job's key: path of the workflow file, or name of the source."""

    resume: bool = False
    """Continue the latest run of the job, unless that succeeded."""

    is_required: bool = False
    """Whether to refuse a run that cannot be kept in it, rather than run without."""

    is_read_only: bool = False
    """A dry run begins with the state of its job, and leaves no trace."""

    report: Path | None = None
    """The file that the report of the run is written to."""

    @classmethod
    def of(
        cls,
        workflow: Path | str,
        *,
        state: Path | None,
        resume: bool,
        dry_run: bool,
        report: Path | None = None,
    ) -> JournalPlace:
        """Where to keep the runs of a file, or of a source's name.

        `state` is the folder that the command line or the environment names. Raises
        `WorkflowError` for a dry run that is to be resumed.
        """
        if dry_run and resume:
            raise WorkflowError(
                "A dry run delivers nothing, so it cannot be resumed",
                "Leave --dry-run or --resume out.",
            )
        folder = Path.cwd()
        if isinstance(workflow, Path) and workflow.is_file():  # a pipe is in no folder
            workflow = file_systems.lasting(workflow)
            folder = workflow.parent
        return cls(
            folder=state.expanduser().absolute() if state else folder,
            workflow=str(workflow),
            resume=resume,
            is_required=(resume or state is not None) and not dry_run,
            is_read_only=dry_run,
            report=report,
        )


@dataclass(frozen=True)
class Job:
    """A workflow that has been read, and how it is to be run."""

    workflow: Workflow
    settings: SourceConfig = field(default_factory=SourceConfig)
    """`sourceConfig.config`, typed."""

    sink_given: StepBlock | None = None
    """The sink of the command line, which wins over that of the file; None if none was given."""

    sink_error: OmIngestError | None = None
    """Why the sink of the command line cannot be used."""

    allow: AllowList = field(default_factory=AllowList)
    """The distributions that may be imported: of the environment and of the workflow file."""

    path: tuple[str, ...] = ()
    """Folders whose code is found while the job runs, absolute."""

    installed: InstalledSource | None = None
    """The source, when it is known already; otherwise the workflow names it."""

    document: Document | None = None
    """The file it was read from; adds line and column to what is wrong with the config."""

    problems: tuple[Problem, ...] = ()
    """What is wrong with the file; the workflow lacks those keys, and nothing will be run."""

    redact: Redactor = field(default_factory=Redactor)
    """Masks the secrets known so far; the run adds those it meets."""

    values: tuple[Value, ...] = ()
    """Keys of the connector's config that the command line gives; the workflow has them."""

    dry_run: bool = False
    """Write nothing: records go into a store that is thrown away."""

    limit: int | None = None
    """Stop after this many records."""

    allow_mass_delete: bool = False
    """Mark stale entities as deleted, however many there are."""

    strict: bool = False
    """Refuse a source of which something works only in part."""

    recorded: tuple[str, str] | None = None
    """Who read the records, where the source is a file of them: name, and distribution with
    version."""

    journal: JournalPlace | None = None
    """Where the run is kept; None for a run that leaves no trace."""

    openlineage: str | None = None
    """URL of the OpenLineage receiver that is told of the run; None if nobody asked for one."""

    grace_s: float | None = None
    """Seconds after SIGTERM in which the run has to end; None for the default."""

    observe: Observe = unobserved
    """Entered while the source prepares, records move and all is closed; shows progress."""

    @property
    def sink(self) -> StepBlock:
        """Where the records go: the sink that was given, that of the file, or the default."""
        return self.sink_given or self.workflow.sink_or_default

    @property
    def sink_is_default(self) -> bool:
        """Whether neither the command line nor the file names a sink."""
        return self.sink_given is None and self.workflow.sink is None


def step_of(text: str, allow: AllowList) -> StepBlock:
    """A sink as `TYPE` or `TYPE:VALUE`; the sink, which is imported, says what the value is for."""
    name, colon, value = text.partition(":")
    sink = loading.sink_class(name, allow)
    key = sink.shorthand
    if not colon:
        fields = getattr(getattr(sink, "config_class", None), "model_fields", {})
        if key in fields and fields[key].is_required():
            raise WorkflowError(
                f"--sink {name}: sink.config.{key}: this key is required",
                f"Write --sink {name}:{'FILE' if key == 'path' else key}.",
            )
        return StepBlock(type=name)
    if key is None or not value:
        raise WorkflowError(
            f"The sink {name!r} takes no {value!r} behind a colon"
            if value
            else f"Nothing follows the colon of {text!r}",
            "Write catalog:FILE, openmetadata:URL, jsonl:FILE or console.",
        )
    return StepBlock(type=name, config={key: value})
