"""Files that om-ingest has written, delivered once more.

`om-ingest run FILE.jsonl` takes a recording of a whole run, `om-ingest replay` the dead letters of
one.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from om_ingest import logs
from om_ingest.config.settings import SourceConfig
from om_ingest.config.validation import validated
from om_ingest.errors import RecordError, WorkflowError
from om_ingest.kinds.identity import level_of
from om_ingest.masking import MASK, Redactor
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.registry import AllowList, InstalledSource, host_version
from om_ingest.run.job import Job, JournalPlace, Observe, step_of, unobserved
from om_ingest.sinks import recording
from om_ingest.source import ConfiguredSource, ConnectorConfig, Source, WorkflowContext
from om_ingest.workflow import deadletter
from om_ingest.workflow.config import (
    PluginsBlock,
    SourceBlock,
    StepBlock,
    Workflow,
    WorkflowBlock,
)
from om_ingest.workflow.loaded import load
from om_ingest.workflow.reading import read_document


class RecordFileConfig(ConnectorConfig):
    """Config of a source that reads one file of records."""

    path: Path
    """The file."""


class RecordingSource(ConfiguredSource[RecordFileConfig]):
    """Yields the records of a file once more, in their order."""

    def __init__(self, config: RecordFileConfig, ctx: WorkflowContext) -> None:
        super().__init__(config, ctx)
        self._recording = recording.read(config.path)

    def next_record(self) -> Iterable[Record]:
        """The records; what their run did not read or deliver is reported as a failure.

        `ScopeComplete` is passed on only if that run was complete.
        """
        end = self._recording.end
        for number, record in self._recording.records():
            if isinstance(record, RecordError):
                self.status.failure(f"line {number}", record.what)
            elif not isinstance(record, ScopeComplete):
                self.status.scanned(record)
                yield record
            elif end.complete:
                yield record
        name = str(self.config.path)
        if end.state != "success":
            self.status.failure(name, f"recorded by a run that did not finish: {end.state}")
        elif not end.complete:
            self.status.warning(name, "recorded by a run that left things out")


class ReplaySource(ConfiguredSource[RecordFileConfig]):
    """Yields the records of a dead-letter file once more, parents before children.

    They stand there in the order in which they failed. The file is read once for each level,
    so that memory stays flat.
    """

    def next_record(self) -> Iterable[Record]:
        """The records; a line without a valid record is reported as a failure."""
        levels: set[int] = set()
        for number, letter in enumerate(deadletter.read(self.config.path), start=1):
            if letter.record is None:
                self.status.failure(f"entry {number}", letter.reason)
            else:
                levels.add(level_of(letter.record))
        for level in sorted(levels):
            for letter in deadletter.read(self.config.path):
                if letter.record is not None and level_of(letter.record) == level:
                    self.status.scanned(letter.record)
                    yield letter.record


def is_recording(target: str) -> bool:
    """Whether the words after `run` mean a file of records: by its ending, or its first line.

    A bare word is the name of a source, whatever file lies in the working directory.
    """
    if target.lower().endswith(".jsonl"):
        return True
    path = Path(target).expanduser()
    return (
        (os.sep in target or "." in target)
        and path.is_file()
        and recording.format_of(path) in (recording.FORMAT, deadletter.FORMAT)
    )


def recorded_job(path: Path, sink: StepBlock | None, **options: Any) -> Job:
    """The job that delivers a recording; `options` are those of `Job`.

    Raises `WorkflowError` if the file is no recording, or if the sink would replace it. The
    source checks the whole file when it is created, before the sink is opened.
    """
    if recording.format_of(path) == deadletter.FORMAT:
        raise WorkflowError(
            f"{path} holds records that a run could not deliver",
            f"Deliver them with: om-ingest replay {shlex.quote(str(path))}",
        )
    header = recording.read_header(path)
    for value in sink.config.values() if sink else ():
        if isinstance(value, str) and Path(value).exists() and path.samefile(value):
            raise WorkflowError(
                f"The sink would replace {path}, the file that is to be delivered",
                "Name another file for the sink.",
            )
    return _job(
        "recording",
        RecordingSource,
        path,
        service_name=str(header.get("serviceName") or "recording"),
        settings=_settings(header),
        sink_given=sink,
        recorded=(str(header.get("source")), str(header.get("distribution"))),
        **options,
    )


def job(
    path: Path,
    *,
    sink: str | None = None,
    redact: Redactor,
    dry_run: bool = False,
    state: Path | None = None,
    resume: bool = False,
    report: Path | None = None,
    openlineage: str | None = None,
    grace_s: float | None = None,
    observe: Observe | None = None,
) -> Job:
    """The job that delivers a dead-letter file to its old sink, or to another.

    `state` is as for `request.job`. Raises `WorkflowError` if it is no dead-letter file, or if
    neither `sink` nor the file names a sink.
    """
    logs.labels.workflow = str(path)
    if recording.format_of(path) == recording.FORMAT:
        raise WorkflowError(
            f"{path} is a recording of a whole run",
            f"Deliver it with: om-ingest run {shlex.quote(str(path))}",
        )
    header = deadletter.read_header(path)
    allow = AllowList.from_environment()
    old = header.get("sink")
    server = None
    if sink is not None:
        step = step_of(sink, allow.narrowed(header.get("allow"), "plugins.allow"))
    elif (workflow := _workflow_of(header, redact)) is not None:
        step = workflow.sink_or_default
        server = workflow.workflowConfig.openMetadataServerConfig
    elif isinstance(old, dict) and isinstance(old.get("type"), str):
        _check_folder(path, header)
        step = StepBlock(type=old["type"], config=old.get("config") or {})
        if MASK in str(step.config):
            raise WorkflowError(
                f"The config of the sink {step.type!r} held a secret, which {path} leaves out",
                "Give --sink, with the secret.",
            )
    else:
        raise WorkflowError(f"{path} does not say where its records go", "Give --sink.")
    return _job(
        "replay",
        ReplaySource,
        path,
        server=server,
        settings=_settings(header),
        allowed=header.get("allow"),
        sink_given=step,
        allow=allow,
        redact=redact,
        dry_run=dry_run,
        openlineage=openlineage,
        grace_s=grace_s,
        observe=observe or unobserved,
        journal=JournalPlace.of(path, state=state, resume=resume, dry_run=dry_run, report=report),
    )


def _job(
    name: str,
    source: type[Source],
    path: Path,
    *,
    allow: AllowList,
    service_name: str = "replay",
    server: MetadataServerConfig | None = None,
    allowed: list[str] | None = None,
    **options: Any,
) -> Job:
    """The job of one of these sources; it may import only what is `allowed`, too."""
    plugins = PluginsBlock(allow=allowed)
    workflow = Workflow(
        source=validated(
            SourceBlock,
            {"type": name, "serviceName": service_name, "config": {"path": str(path)}},
            ("source",),
        ),
        plugins=plugins,
        workflowConfig=WorkflowBlock(openMetadataServerConfig=server),
    )
    installed = InstalledSource(
        name=name,
        service_type="",
        distribution="om-ingest",
        version=host_version(),
        origin="built in",
        target=f"{source.__module__}:{source.__qualname__}",
    )
    narrowed = allow.narrowed(plugins.allow, "plugins.allow")
    return Job(workflow, allow=narrowed, installed=installed, **options)


def _settings(header: dict[str, Any]) -> SourceConfig:
    """What is to be done with the records as their run was to."""
    return SourceConfig(overrideMetadata=header.get("overrideMetadata") is True)


def _workflow_of(header: dict[str, Any], redact: Redactor) -> Workflow | None:
    """The workflow file of the run, if it named the sink and is still there.

    It has what a dead-letter file leaves out: the server, and every secret.
    """
    name = header.get("workflow")
    if not isinstance(name, str) or not Path(name).is_file():
        return None
    workflow, _, secrets = load(read_document(name))
    redact.add(secrets)
    same = workflow.sink_or_default.type == (header.get("sink") or {}).get("type")
    return workflow if same else None


def _check_folder(path: Path, header: dict[str, Any]) -> None:
    """Raise `WorkflowError` where a relative path of the old sink would mean another file."""
    folder = header.get("folder")
    if folder is not None and Path(folder) != Path.cwd():
        raise WorkflowError(
            f"{path} was written by a run in {folder}", "Replay it there, or give --sink."
        )
