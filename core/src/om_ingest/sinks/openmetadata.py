"""Sink into an OpenMetadata server, over REST, which also learns there how the run goes (§9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from om_ingest.config.settings import Settings
from om_ingest.config.validation import validated
from om_ingest.delivery import RunEnd, Settled, SinkContext
from om_ingest.errors import WorkflowError
from om_ingest.kinds import NOT_STORED, Parcel, not_stored
from om_ingest.model.records import Record
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.holding import lacking, left_out, limits
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
    keeps_secrets = True

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

        Warns if the server or the token is not the right one, and if a run that overrides leaves
        services as they are.
        """
        for about, told in self._server.features.warnings.items():
            self.ctx.warnings.add(about, told, 0)  # it is in the log
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
        return list(limits(self._server.dialect, self.ctx.service_type))

    def existing(self) -> MetadataStore | None:
        """The server; a dry run only reads it."""
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
    if not values.get("hostPort"):
        raise WorkflowError(
            "The workflow does not say which OpenMetadata server it delivers to",
            "Set workflowConfig.openMetadataServerConfig.hostPort, or give"
            " --sink openmetadata:http://HOST:8585/api.",
        )
    server = MetadataServerConfig.of(values)
    if server.maxConnections < config.async_pipeline_workers:
        return server.model_copy(update={"maxConnections": config.async_pipeline_workers})
    return server
