"""The observers that a run asks for: loaded, made, and told what is known of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from om_ingest import file_systems, logs
from om_ingest.errors import OmIngestError, PluginFaultError, described
from om_ingest.host.importing import load_plugin
from om_ingest.masking import MASK
from om_ingest.model.secrets import is_secret, secrets_in
from om_ingest.observer import ObservedRun, RunObserver
from om_ingest.registry import OBSERVER_GROUP, AllowList
from om_ingest.run.job import Job
from om_ingest.run.told import Told, ToldAtOnce, ToldInThread
from om_ingest.workflow.interrupt import is_fault
from om_ingest.workflow.secrets import secrets_by_key

logger = logging.getLogger(__name__)


def told_of(job: Job, asked: Sequence[tuple[str, str]], *, traces: bool) -> list[Told]:
    """The observers with these names and values, which are told that the job begins.

    With `traces`, OpenTelemetry is one.
    One that fails is left out, with a warning. Raises `PluginError` for one that is not there, and
    `WorkflowError` for a value that one cannot use.
    """
    told: list[Told] = []
    names = [name.upper() for name, _ in asked]  # OPENLINEAGE_API_KEY
    job.redact.add(
        secrets_by_key({key: os.environ[key] for key in os.environ if key.startswith(tuple(names))})
    )
    for name, value in asked:
        job.redact.add(secrets_in(value))
        observer = _create(observer_class(name, job.allow), name, value)
        if observer is not None:
            told.append(ToldInThread(name, observer))
    if traces and (tracing := _tracing()) is not None:
        told.append(ToldAtOnce("opentelemetry", tracing))
    run = observed_run(job)
    for each in told:
        each.tell("started", run)
    return told


def observer_class(name: str, allow: AllowList | None = None) -> type[RunObserver]:
    """The observer with this name; raises `WorkflowError` or a `PluginError`."""
    what, found = load_plugin(OBSERVER_GROUP, name, allow)
    if not (isinstance(found, type) and issubclass(found, RunObserver)):
        raise PluginFaultError(
            f"{what} is no subclass of om_ingest.observer.RunObserver", "Tell its maintainer."
        )
    return found


def _tracing() -> RunObserver | None:
    """The observer that traces; None, and a warning, if it cannot."""
    try:
        from om_ingest.run.tracing import Tracing

        return Tracing.create()
    except ImportError as error:
        packages = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"
        why = f"{error}\n  Install what is missing: pip install {packages}"
    except OmIngestError as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001  # exporters are of others
        why = described(error)
    logger.warning("The environment asks for traces, and there will be none: %s", why)
    return None


def _create(found: type[RunObserver], name: str, value: str) -> RunObserver | None:
    try:
        observer: object = found.create(value)
        if not isinstance(observer, RunObserver):
            raise TypeError(f"it returned {type(observer).__name__}")
        return observer
    except OmIngestError:
        raise
    except BaseException as error:  # a plugin may raise anything
        if not is_fault(error):
            raise
        logger.warning("The observer %s failed in create: %s", name, described(error))
        logger.debug("The observer %s failed in create", name, exc_info=error)
        return None


def observed_run(job: Job) -> ObservedRun:
    """What is known of a job before it is assembled; masks the secrets in its file from now on."""
    workflow, sink = job.workflow, job.sink
    config = workflow.source_values
    for values in (workflow.source.model_dump(exclude_unset=True), config, sink.config):
        job.redact.add(secrets_by_key(values))
    document = job.document.name if job.document is not None else ""
    path = Path(document).expanduser()
    return ObservedRun(
        run_id=logs.labels.coming(workflow.pipelineRunId),
        started_at=datetime.now(timezone.utc),
        workflow=(
            str(file_systems.lasting(path)) if document and path.is_file() else workflow.source_type
        ),
        source=workflow.source_type,
        service_name=workflow.source.serviceName or workflow.source_type,
        sink=sink.type,
        config=_masked(config, job.redact),
        sink_config=_masked(sink.config, job.redact),
        pipeline_fqn=workflow.ingestionPipelineFQN,
        dry_run=job.dry_run,
    )


def _masked(values: Any, redact: Callable[[str], str]) -> Any:
    """A config as plain values, without secrets."""
    if isinstance(values, Mapping):
        return {
            key: MASK if is_secret(key, value) else _masked(value, redact)
            for key, value in values.items()
        }
    if isinstance(values, list | tuple):
        return [_masked(value, redact) for value in values]
    if values is None or isinstance(values, bool | int | float):
        return values
    return redact(str(values))
