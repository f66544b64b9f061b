"""Sink into an OpenMetadata server, over REST, which also learns there how the run goes (§9)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from om_ingest.config.settings import Settings
from om_ingest.config.validation import validated
from om_ingest.delivery import RunEnd, SinkContext, StepCount
from om_ingest.errors import OmIngestError, RecordError, WorkflowError
from om_ingest.kinds import NOT_STORED, SERVICE_KINDS, Parcel, not_stored
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
from om_ingest.model.records import Record
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.holding import lacking, left_out, limits
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest.sinks.store_sink import BATCH_COUNT, StoreSink
from om_ingest.store import MetadataStore, Settled

SUCCESS_PERCENT = 90
"""Smallest share of delivered records with which a run with failures is a partial success, unless
the workflow file sets `successThreshold`."""

_FAILURE_COUNT = 10

logger = logging.getLogger(__name__)


class OpenMetadataConfig(Settings):
    """Config of the sink; `workflowConfig` says which server (contract §5.3)."""

    hostPort: str | None = None
    """URL of the server's API, ending in `/api`; wins over `openMetadataServerConfig`."""

    bulk_sink_batch_size: int = Field(default=BATCH_COUNT, ge=1, le=1000)
    """Rows of one request; OpenMetadata's own sink sends 100."""

    async_pipeline_workers: int = Field(default=8, ge=1, le=64)
    """Requests that are in flight at the same time."""

    override_metadata: bool | None = None
    """Let this run replace what people have set; default: `overrideMetadata` of the source. What
    is overridden in columns and other parts depends on the server: see `om-ingest check`."""

    enable_async_pipeline: bool = True
    """Kept for existing files."""

    api_endpoint: str | None = None
    """Kept for existing files."""


class OpenMetadataSink(StoreSink):
    """Creates or updates entities on a server; several requests are in flight at once.

    Refused rows are reported one by one. While the server is unreachable, everything waits.
    """

    shorthand = "hostPort"
    config_class = OpenMetadataConfig
    keeps_journal = True

    def __init__(self, config: OpenMetadataConfig, ctx: SinkContext) -> None:
        super().__init__(ctx)
        self.worker_count = config.async_pipeline_workers
        self.batch_count = config.bulk_sink_batch_size
        override = config.override_metadata
        self._overrides = ctx.source_config.overrideMetadata if override is None else override
        server_config = _server_config(config, ctx)
        self._overwrites_services = server_config.forceEntityOverwriting
        self._server = OpenMetadata(
            server_config,
            cancelled=ctx.cancelled,
            agent=f"om-ingest (source: {ctx.source}; service: {ctx.service_name})",
            override_metadata=self._overrides,
            batch_count=config.bulk_sink_batch_size,
            redact=ctx.redact,
        )
        self._reporting = RunReporting(self._server, ctx) if ctx.pipeline_fqn else None

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> OpenMetadataSink:
        """Check the config; connects to nothing. Raises `WorkflowError`."""
        return cls(validated(OpenMetadataConfig, config_dict, ("sink", "config")), ctx)

    def check(self) -> None:
        """Raise `ServerError` if no OpenMetadata server answers, or it refuses the token.

        Warns if a run that overrides leaves services as they are.
        """
        _ = self._server.features
        if self._overrides and not self._overwrites_services:
            self.ctx.warn(
                "overrideMetadata",
                "A service that is there is left as it is, whatever a run says, so that its"
                " connection stays. Set forceEntityOverwriting if the source is to win there, too.",
                0,
            )

    def overrides(self) -> bool:
        """Whether the run replaces what people have set, as far as the server can."""
        return self._overrides

    def open_store(self) -> MetadataStore:
        """The server, after a check; the run is reported to it as running."""
        _ = self._server.features
        if self._reporting is not None:
            self._reporting.started()
        return self._server

    def takes_batches(self, entity_type: str) -> bool:
        """Whether the server takes many entities of this type in one request."""
        return self._server.takes_batches(entity_type)

    def settling(self, parcels: Sequence[Parcel]) -> Iterable[Settled]:
        """Write one batch; each result as soon as the server has answered."""
        return self._server.settling(parcels)

    def delivered(self, parcels: Sequence[Parcel]) -> None:
        """Warn of what the server does not know, and of what it takes and does not store."""
        dialect = self._server.dialect if self._server.is_asked else None
        for parcel in parcels:
            entity_type = getattr(parcel.record, "entity_type", "")
            if dialect is not None:
                for lost in left_out(dialect, parcel):
                    self.ctx.warn(f"{entity_type}.{lost.key}", lost.told(dialect.text))
            if entity_type not in NOT_STORED:
                continue
            for field in not_stored(entity_type, parcel.body):
                self.ctx.warn(
                    f"{entity_type}.{field}",
                    "OpenMetadata takes this field, and does not store it: nobody will find it"
                    " there. Put what matters into a field that is stored, such as description.",
                )

    def cannot_hold(self, record: Record) -> str:
        """Why the server's version holds nothing of a record."""
        return lacking(self._server.dialect, record)

    def limits(self) -> Sequence[str]:
        """What records can say and the server's version does not know."""
        return list(limits(self._server.dialect))

    def existing(self) -> MetadataStore | None:
        """The server; a dry run reads stale entities from it."""
        return self._server

    @property
    def target(self) -> str:
        """`openmetadata <hostPort>`, as it is written in a workflow file."""
        return f"openmetadata {self._server.url.rpartition('/')[0]}"

    def finish(self, end: RunEnd) -> None:
        """Report to the ingestion pipeline how the run ended."""
        if self._reporting is not None:
            self._reporting.ended(end)

    def close(self) -> None:
        """Finish the requests in flight, and close every connection."""
        super().close()
        self._server.close()


def _server_config(config: OpenMetadataConfig, ctx: SinkContext) -> MetadataServerConfig:
    values = dict(ctx.server)
    if config.hostPort is not None:
        values["hostPort"] = config.hostPort
    if "hostPort" not in values:
        raise WorkflowError(
            "The workflow does not say which OpenMetadata server it delivers to",
            "Set workflowConfig.openMetadataServerConfig.hostPort, or give"
            " --sink openmetadata:http://HOST:8585/api.",
        )
    server = MetadataServerConfig.of(values)
    if server.maxConnections < config.async_pipeline_workers:
        return server.model_copy(update={"maxConnections": config.async_pipeline_workers})
    return server


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
