"""The events of one run, in OpenLineage's words."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from om_ingest.observer import ObservedRun
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    JobFacet,
    RunFacet,
    error_message_run,
    job_type_job,
    nominal_time_run,
    parent_run,
    processing_engine_run,
)

logger = logging.getLogger(__name__)

PRODUCER = f"pkg:pypi/om-ingest-openlineage@{version('om-ingest-openlineage')}"
"""The URI of this plugin: a package URL."""

_ENDS = {"success": RunState.COMPLETE, "interrupted": RunState.ABORT}
_NOMINAL = ("AIRFLOW_CTX_LOGICAL_DATE", "AIRFLOW_CTX_EXECUTION_DATE")
"""Variables that Airflow sets for what its operators start."""


class Events:
    """Makes the events of one run."""

    def __init__(self, run: ObservedRun) -> None:
        self._run = run
        self._run_id = _uuid(run.run_id)
        self._facets: dict[str, RunFacet] = {
            "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
                version=version("om-ingest"),
                name="om-ingest",
                openlineageAdapterVersion=PRODUCER.rpartition("@")[2],
                producer=PRODUCER,
            ),
            **_parent(),
            **_nominal_time(),
        }
        self._job_facets: dict[str, JobFacet] = {
            "jobType": job_type_job.JobTypeJobFacet(
                processingType="BATCH",
                integration="OM_INGEST",
                jobType="INGESTION",
                producer=PRODUCER,
            )
        }
        namespace = os.environ.get("OPENLINEAGE_NAMESPACE") or "om-ingest"
        self._job = namespace, job_name(run)

    def start(self) -> RunEvent:
        """The event START, at the time when the run began."""
        return self._event(RunState.START, self._run.started_at)

    def running(self, inputs: Sequence[InputDataset]) -> RunEvent:
        """An event RUNNING with some of the datasets that were read."""
        return self._event(RunState.RUNNING, _now(), inputs)

    def end(
        self,
        report: Mapping[str, Any],
        inputs: Sequence[InputDataset],
        outputs: Sequence[OutputDataset],
        counts: Mapping[str, int],
    ) -> RunEvent:
        """The last event of a run with this report; `counts` tells of its datasets."""
        event_type = _ENDS.get(report["state"], RunState.FAIL)
        event = self._event(event_type, _now(), inputs, outputs)
        facets = event.run.facets or {}
        if event_type is not RunState.COMPLETE:
            traces = [fault["traceback"] for fault in report["faults"] if fault["traceback"]]
            facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
                message="\n".join(report["errors"]) or f"The run is {report['state']}.",
                programmingLanguage="PYTHON",
                stackTrace=traces[0] if traces else None,
                producer=PRODUCER,
            )
        told = {
            key: report.get(key)
            for key in ("runId", "state", "exitCode", "source", "distribution", "serviceName")
        }
        facet: Any = RunFacet(producer=PRODUCER).with_additional_properties(
            **told,
            sink=report["sink"],
            records=dict(report["records"]),
            datasets=dict(counts),
            resumedFrom=report["resumedFrom"],
            dryRun=report["dryRun"],
        )
        facets["omIngest_run"] = facet
        return event

    def _event(
        self,
        event_type: RunState,
        at: datetime,
        inputs: Sequence[InputDataset] = (),
        outputs: Sequence[OutputDataset] = (),
    ) -> RunEvent:
        namespace, name = self._job
        return RunEvent(
            eventType=event_type,
            eventTime=at.isoformat(),
            run=Run(runId=self._run_id, facets=dict(self._facets)),
            job=Job(namespace=namespace, name=name, facets=dict(self._job_facets)),
            inputs=list(inputs),
            outputs=list(outputs),
            producer=PRODUCER,
        )


def job_name(run: ObservedRun) -> str:
    """The name of a run's job: that of its pipeline, or `<service>.<workflow>`."""
    if run.pipeline_fqn:
        return run.pipeline_fqn
    return f"{run.service_name}.{Path(run.workflow).stem or run.workflow}"


def _uuid(run_id: str) -> str:
    """The id of a run as OpenLineage needs it: a UUID, made of an id that is none."""
    try:
        return str(uuid.UUID(run_id))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"om-ingest:{run_id}"))


def _parent() -> dict[str, RunFacet]:
    """The facet of the run that started this one, as OPENLINEAGE_PARENT_ID names it."""
    found = _identified("OPENLINEAGE_PARENT_ID")
    if found is None:
        return {}
    namespace, name, run_id = found
    root = _identified("OPENLINEAGE_ROOT_PARENT_ID")
    return {
        "parent": parent_run.ParentRunFacet(
            run=parent_run.Run(runId=run_id),
            job=parent_run.Job(namespace=namespace, name=name),
            root=parent_run.Root(
                run=parent_run.RootRun(runId=root[2]),
                job=parent_run.RootJob(namespace=root[0], name=root[1]),
            )
            if root
            else None,
            producer=PRODUCER,
        )
    }


def _identified(variable: str) -> tuple[str, str, str] | None:
    """Namespace, job and run of a variable `<namespace>/<job>/<run id>`; None without one."""
    text = os.environ.get(variable, "")
    if not text:
        return None
    namespace, _, rest = text.partition("/")
    name, _, run_id = rest.rpartition("/")
    try:
        return namespace, name, str(uuid.UUID(run_id))
    except ValueError:
        logger.warning("%s is not NAMESPACE/JOB/RUN-ID: %s", variable, text)
        return None


def _nominal_time() -> dict[str, RunFacet]:
    """The facet of the time that the run is for, where Airflow tells."""
    given = next((os.environ[name] for name in _NOMINAL if os.environ.get(name)), None)
    if given is None:
        return {}
    try:
        start = datetime.fromisoformat(given.replace("Z", "+00:00")).isoformat()
    except ValueError:
        return {}
    facet = nominal_time_run.NominalTimeRunFacet(nominalStartTime=start, producer=PRODUCER)
    return {"nominalTime": facet}


def _now() -> datetime:
    return datetime.now(timezone.utc)
