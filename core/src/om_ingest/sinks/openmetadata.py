"""Sink into an OpenMetadata server, over REST."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from om_ingest.config.settings import Settings
from om_ingest.config.validation import validated
from om_ingest.delivery import RunEnd, SinkContext
from om_ingest.errors import WorkflowError
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest.sinks.run_reporting import RunReporting
from om_ingest.sinks.store_sink import BATCH_COUNT, StoreSink
from om_ingest.store import MetadataStore


class OpenMetadataConfig(Settings):
    """Config of the sink; `workflowConfig` says which server (contract §5.3)."""

    hostPort: str | None = None
    """URL of the server's API, ending in `/api`; wins over `openMetadataServerConfig`."""

    bulk_sink_batch_size: int = Field(default=BATCH_COUNT, ge=1, le=1000)
    """Rows of one request; OpenMetadata's own sink sends 100."""

    async_pipeline_workers: int = Field(default=8, ge=1, le=64)
    """Requests that are in flight at the same time."""

    override_metadata: bool | None = None
    """Let this run replace what people have written; default: `overrideMetadata` of the source.
    Needs a server of version 2.0 or later."""

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
        self._server = OpenMetadata(
            _server_config(config, ctx),
            cancelled=ctx.cancelled,
            agent=f"om-ingest (source: {ctx.source}; service: {ctx.service_name})",
            override_metadata=(
                ctx.source_config.overrideMetadata if override is None else override
            ),
            batch_count=config.bulk_sink_batch_size,
        )
        self._reporting = RunReporting(self._server, ctx) if ctx.pipeline_fqn else None

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> OpenMetadataSink:
        """Check the config; connects to nothing. Raises `WorkflowError`."""
        return cls(validated(OpenMetadataConfig, config_dict, ("sink", "config")), ctx)

    def check(self) -> None:
        """Raise `ServerError` if no OpenMetadata server answers, or it refuses the token."""
        _ = self._server.features

    def open_store(self) -> MetadataStore:
        """The server, after a check; the run is reported to it as running."""
        self.check()
        if self._reporting is not None:
            self._reporting.started()
        return self._server

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
