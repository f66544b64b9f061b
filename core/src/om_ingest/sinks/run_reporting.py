"""Reports a run to its ingestion pipeline on an OpenMetadata server (REST contract §9)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from om_ingest.delivery import RunEnd, SinkContext, StepCount
from om_ingest.errors import OmIngestError, RecordError
from om_ingest.kinds import SERVICE_KINDS
from om_ingest.model import fqn as names
from om_ingest.model.entity import EntityReference
from om_ingest.model.ingestion_pipeline import (
    AirflowConfig,
    CreateIngestionPipelineRequest,
    IngestionPipeline,
    IngestionSourceConfig,
    PipelineType,
    RunState,
    RunStatus,
    StackTraceError,
    StepSummary,
)
from om_ingest.openmetadata.store import OpenMetadata

SUCCESS_PERCENT = 90
"""Smallest share of delivered records with which a run with failures is a partial success, unless
the workflow file sets `successThreshold`."""

_FAILURE_COUNT = 10

logger = logging.getLogger(__name__)


class RunReporting:
    """Reports one run to its ingestion pipeline, which is created below its service if need be.

    Reporting never fails a run: what goes wrong with it is logged.
    """

    def __init__(self, server: OpenMetadata, ctx: SinkContext) -> None:
        self._server = server
        self._ctx = ctx
        self._fqn = ctx.pipeline_fqn or ""
        self._started_at = _now()

    def started(self) -> None:
        """Report that the run is under way.

        Not on the very first run of a service, which is not there yet to have a pipeline.
        """
        with _logged():
            if self._has_pipeline():
                self._put(RunStatus(pipelineState=RunState.running))

    def ended(self, end: RunEnd) -> None:
        """Report how the run ended."""
        with _logged():
            if not self._has_pipeline():
                logger.warning(
                    "The run is not reported to %s: there is no service above it.", self._fqn
                )
                return
            summaries = [_summary(step) for step in end.steps]
            self._put(RunStatus(pipelineState=state_of(end), status=summaries, endDate=_now()))

    def _put(self, status: RunStatus) -> None:
        status.runId = self._ctx.run_id
        status.startDate = self._started_at
        status.timestamp = self._started_at
        self._server.put_run_status(self._fqn, status)

    def _has_pipeline(self) -> bool:
        """Whether the pipeline exists, created if need be; False if its service does not exist."""
        if self._server.get_by_name(IngestionPipeline, self._fqn) is not None:
            return True
        service_fqn = names.parent(self._fqn)
        if service_fqn is None:
            raise RecordError(
                f"ingestionPipelineFQN {self._fqn!r} names no service",
                "Write <service>.<pipeline>.",
            )
        service = self._service(service_fqn)
        if service is None:
            return False
        self._server.create_or_update(
            CreateIngestionPipelineRequest(
                name=names.split(self._fqn)[-1],
                pipelineType=PipelineType.metadata,
                sourceConfig=IngestionSourceConfig(config={"type": self._workflow_type()}),
                airflowConfig=AirflowConfig(),
                service=service,
            )
        )
        return True

    def _service(self, fqn: str) -> EntityReference | None:
        """The service with this FQN, of the source's family if that is known."""
        known = SERVICE_KINDS.get(self._ctx.service_type)
        for kind in [known] if known else SERVICE_KINDS.values():
            found = self._server.get_by_name(kind.entity, fqn)
            if found is not None:
                return found.reference()
        return None

    def _workflow_type(self) -> str:
        segment = self._ctx.service_type or "database"
        kind = SERVICE_KINDS.get(segment)
        family = kind.class_name.removesuffix("Service") if kind else segment.capitalize()
        return self._ctx.source_config.type or f"{family}Metadata"


def state_of(end: RunEnd) -> RunState:
    """The state that OpenMetadata shows for a run that ended so (contract §9)."""
    if end.died or end.state == "interrupted":
        return RunState.failed
    shares = [100 * step.records / max(step.records + step.errors, 1) for step in end.steps]
    failing = [share for share, step in zip(shares, end.steps, strict=True) if step.errors]
    if not failing:
        return RunState.success if end.state == "success" else RunState.failed
    percent = SUCCESS_PERCENT if end.success_threshold is None else end.success_threshold
    return RunState.failed if min(failing) < percent else RunState.partialSuccess


def _summary(step: StepCount) -> StepSummary:
    """One step in the server's words; what ended it stands before single records."""
    faults = [
        StackTraceError(name=fault.name, error=fault.reason, stackTrace=fault.stack_trace or None)
        for fault in step.faults
    ]
    failures = [StackTraceError(name=key, error=reason) for key, reason in step.failures]
    return StepSummary(
        name="OpenMetadata" if step.name == "Sink" else step.name,
        records=step.records,
        updated_records=step.updated,
        warnings=step.warnings,
        errors=step.errors,
        filtered=step.filtered,
        failures=[*faults, *failures][:_FAILURE_COUNT],
    )


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except OmIngestError as error:
        logger.warning("The run is not reported to its ingestion pipeline: %s", error.what)


def _now() -> int:
    return time.time_ns() // 1_000_000
