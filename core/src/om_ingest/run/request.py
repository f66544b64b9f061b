"""What was asked for on the command line → a job that can be launched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from om_ingest import logs
from om_ingest.config.validation import KeyPath
from om_ingest.errors import OmIngestError, Problem, WorkflowError
from om_ingest.host import folders
from om_ingest.masking import Redactor
from om_ingest.registry import AllowList
from om_ingest.run import replay, values as value_options
from om_ingest.run.job import Job, JournalPlace, Observe, step_of, unobserved
from om_ingest.workflow.config import CONNECTION, OPTIONS, StepBlock, Workflow
from om_ingest.workflow.loaded import examine
from om_ingest.workflow.reading import Document, read_document

FILE_ENDINGS = (".yaml", ".yml", ".json", ".toml")


def is_file(target: str) -> bool:
    """Whether the words after `run` mean a workflow file; anything else is a source's name."""
    return target == "-" or target.lower().endswith(FILE_ENDINGS) or os.sep in target


def job(
    target: str,
    *,
    values: Sequence[str] = (),
    values_from_files: Sequence[str] = (),
    values_from_environment: Sequence[str] = (),
    service_name: str | None = None,
    sink: str | None = None,
    redact: Redactor,
    dry_run: bool = False,
    limit: int | None = None,
    allow_mass_delete: bool = False,
    state: Path | None = None,
    resume: bool = False,
    report: Path | None = None,
    openlineage: str | None = None,
    grace_s: float | None = None,
    strict: bool = False,
    path: Sequence[Path] = (),
    observe: Observe | None = None,
) -> Job:
    """The job for a workflow file, a file of records, or a source's name.

    `values` are `key=value` texts for the connector's config, a dot reaching into nested keys, the
    other two `key=path` and `key=variable`; `sink` is `TYPE` or `TYPE:VALUE`. All win over the
    file. `path` are folders whose code is found before that of the folders that the file names.
    `state` is the folder of the journal, if that is not to lie beside the file. Raises
    `WorkflowError`, or a `PluginError` for folders that an allow-list forbids.
    """
    logs.labels.workflow = target
    journal: dict[str, Any] = {
        "state": state,
        "resume": resume,
        "dry_run": dry_run,
        "report": report,
    }
    options: dict[str, Any] = {
        "redact": redact,
        "dry_run": dry_run,
        "limit": limit,
        "allow_mass_delete": allow_mass_delete,
        "openlineage": openlineage,
        "grace_s": grace_s,
        "observe": observe or unobserved,
    }
    allow = AllowList.from_environment()
    if replay.is_recording(target):
        if values or values_from_files or values_from_environment or service_name is not None:
            raise WorkflowError(
                f"The records of {target} are delivered as they are",
                "Leave --set, --set-file, --set-env and --service-name out.",
            )
        recording, found = Path(target).expanduser(), folders.checked(path, allow)
        with folders.added(found, allow):
            given = step_of(sink, allow) if sink is not None else None
        recorded = replay.recorded_job(
            recording,
            given,
            allow=allow,
            journal=JournalPlace.of(recording, **journal),
            **options,
        )
        return replace(recorded, path=tuple(found))
    if not is_file(target) and "." in target and Path(target).is_file():
        raise WorkflowError(
            f"{target} does not end as a workflow file does",
            f"Rename it to one of {', '.join(FILE_ENDINGS)}.",
        )
    if is_file(target):
        document = read_document(target)
    else:
        document = Document(
            "command line",
            {"source": {"type": target}},
            remedy="Give config with --set KEY=VALUE (`om-ingest show NAME` lists the keys), "
            "and a sink with --sink TYPE:VALUE.",
        )

    given_values = value_options.read(values, values_from_files, values_from_environment)

    def override(data: dict[str, Any]) -> None:
        source = data.get("source")
        if isinstance(source, dict):
            if given_values and source.get("config") is None:  # an empty `config:`, too
                source["config"] = {}
            for one in given_values:
                _assign(source["config"], one.keys, one.value)
            if service_name is not None:
                source["serviceName"] = service_name
        if sink is not None:
            data.pop("sink", None)

    replaced: set[KeyPath] = {("source", "config", *one.keys) for one in given_values}
    # In the long form source.config wins over these, key by key.
    replaced.update(
        (*place, one.keys[0]) for one in given_values for place in (CONNECTION, OPTIONS)
    )
    replaced.update([("source", "serviceName")] if service_name is not None else [])
    replaced.update([("sink",)] if sink is not None else [])
    workflow, settings, secrets, problems = examine(document, override, replaced)
    allow = allow.narrowed(workflow.plugins.allow, "plugins.allow")
    found = folders.checked([*path, *_folders(workflow, document)], allow)
    redact.add(secrets)
    redact.add(one.value for one in given_values if one.option == value_options.IN_FILE)
    in_file = is_file(target) and target != "-"
    given, sink_error = None, None
    if sink is not None:
        try:
            with folders.added(found, allow):
                given = step_of(sink, allow)
        except OmIngestError as error:  # told together with what else is wrong
            given, sink_error = StepBlock(type=sink), error
    return Job(
        workflow,
        settings,
        sink_given=given,
        sink_error=sink_error,
        allow=allow,
        document=document,
        problems=tuple(problems),
        path=tuple(found),
        values=tuple(given_values),
        strict=strict or workflow.plugins.strict,
        journal=JournalPlace.of(Path(target).expanduser() if in_file else target, **journal),
        **options,
    )


def _folders(workflow: Workflow, document: Document) -> list[Path]:
    """The folders that the file names; raises `WorkflowError` for one that is none."""
    given, problems = workflow.plugins.path, []
    file = Path(document.name).expanduser()
    beside = file.parent if file.is_file() else Path.cwd()
    names = [given] if isinstance(given, str) else given
    found = [beside / Path(name).expanduser() for name in names]
    for place, folder in enumerate(found):
        if said := folders.wrong_with(folder):
            key = () if isinstance(given, str) else (place,)
            problems.append(Problem(("plugins", "path", *key), said))
    if problems:
        raise document.error(problems)
    return found


def _assign(config: Any, keys: Sequence[str], value: Any) -> None:
    """Put a value into a nested config."""
    for key in keys[:-1]:
        config = config.setdefault(key, {}) if isinstance(config, dict) else None
    if not isinstance(config, dict):
        raise WorkflowError(
            f"Cannot set {'.'.join(keys)!r}: its parent is not a mapping", "Set the key itself."
        )
    config[keys[-1]] = value
