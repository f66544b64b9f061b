"""The source behind `om-ingest replay`: the records of a dead-letter file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from om_ingest.errors import WorkflowError
from om_ingest.kinds.identity import level_of
from om_ingest.model.records import Record
from om_ingest.registry import AllowList
from om_ingest.run import journaling, request
from om_ingest.run.job import Job, RecordFileConfig, file_job
from om_ingest.sinks import recording
from om_ingest.source import ConfiguredSource
from om_ingest.workflow import deadletter
from om_ingest.workflow.config import PluginsBlock, StepBlock, Workflow, load
from om_ingest.workflow.reading import read_document
from om_ingest.workflow.secrets import MASK, Redactor


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


def job(
    path: Path,
    *,
    sink: str | None = None,
    redact: Redactor,
    dry_run: bool = False,
    state: Path | None = None,
    resume: bool = False,
) -> Job:
    """The job that delivers a dead-letter file to its old sink, or to another.

    `state` is as for `request.job`. Raises `WorkflowError` if it is no dead-letter file, or if
    neither `sink` nor the file names a sink.
    """
    if recording.format_of(path) == recording.FORMAT:
        raise WorkflowError(
            f"{path} is a recording of a whole run", f"Deliver it with: om-ingest run {path}"
        )
    header = deadletter.read_header(path)
    allow = AllowList.from_environment()
    old = header.get("sink")
    server = None
    if sink is not None:
        step = request.step(sink, allow)
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
    return file_job(
        "replay",
        ReplaySource,
        path,
        sink_given=step,
        server=server,
        allow=allow,
        plugins=PluginsBlock(allow=header.get("allow")),
        redact=redact,
        dry_run=dry_run,
        journal=journaling.place_of(path, state=state, resume=resume, dry_run=dry_run),
    )


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
