"""The source behind `om-ingest run FILE.jsonl`: records that another run has written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from om_ingest.errors import RecordError, WorkflowError
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.run.job import Job, RecordFileConfig, file_job
from om_ingest.sinks import recording
from om_ingest.source import ConfiguredSource, WorkflowContext
from om_ingest.workflow import deadletter
from om_ingest.workflow.config import StepBlock


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


def job(path: Path, sink: StepBlock | None, **options: Any) -> Job:
    """The job that delivers a file of records; `options` are those of `Job`.

    Raises `WorkflowError` if the file is no recording, or if the sink would replace it. The
    source checks the whole file when it is created, before the sink is opened.
    """
    if recording.format_of(path) == deadletter.FORMAT:
        raise WorkflowError(
            f"{path} holds records that a run could not deliver",
            f"Deliver them with: om-ingest replay {path}",
        )
    header = recording.read_header(path)
    for value in sink.config.values() if sink else ():
        if isinstance(value, str) and Path(value).exists() and path.samefile(value):
            raise WorkflowError(
                f"The sink would replace {path}, the file that is to be delivered",
                "Name another file for the sink.",
            )
    return file_job(
        "recording",
        RecordingSource,
        path,
        sink_given=sink,
        service_name=str(header.get("serviceName") or ""),
        recorded=(str(header.get("source")), str(header.get("distribution"))),
        **options,
    )
