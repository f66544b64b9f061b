"""An OpenMetadata server as a `MetadataStore`, and the service of a connector in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from om_ingest.config.validation import validated
from om_ingest.delivery import Settled
from om_ingest.errors import Problem, RecordError, WorkflowError
from om_ingest.kinds import KINDS, SERVICE_KINDS, EntityKind, Parcel
from om_ingest.masking import Redactor
from om_ingest.model import fqn as names
from om_ingest.model.ingestion_pipeline import RunStatus
from om_ingest.model.records import Record
from om_ingest.openmetadata.bodies import dumped
from om_ingest.openmetadata.bulk import ROW_COUNT, BulkWriter
from om_ingest.openmetadata.changing import EntityChanger
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.evidence import either, empty, is_absent, naming, naming_id
from om_ingest.openmetadata.existing import Existing
from om_ingest.openmetadata.features import Features
from om_ingest.openmetadata.fingerprints import fingerprint_of
from om_ingest.openmetadata.listing import BARE_PAGE_COUNT, FINGERPRINT, Fields
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import Transport, path_of
from om_ingest.openmetadata.payloads import Part
from om_ingest.openmetadata.reading import parsed
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.updating import Updater
from om_ingest.openmetadata.writer import Writer
from om_ingest.releases import Dialect
from om_ingest.store import WriteResult, write_sealed

if TYPE_CHECKING:
    from om_ingest.cancellation import Cancellation
    from om_ingest.openmetadata.network.retry import RetryPolicy

_PIPELINES = "services/ingestionPipelines"


class OpenMetadata(EntityChanger):
    """Reads and writes the entities of a server over REST; any thread may use it.

    Creating one opens no connection. Requests that fail for the moment are repeated; all
    threads pause together while the server is away, for `retryBudget_s` in total. Every
    method raises `ServerError` when that is used up, or the server refuses the token.

        store = OpenMetadata({"hostPort": "http://localhost:8585/api"})
    """

    def __init__(
        self,
        config: MetadataServerConfig | Mapping[str, Any],
        *,
        cancelled: Cancellation | None = None,
        agent: str = "om-ingest",
        override_metadata: bool = False,
        batch_count: int = ROW_COUNT,
        policy: RetryPolicy | None = None,
        wire: Any = None,
        redact: Redactor | None = None,
    ) -> None:
        """Check the config; raises `WorkflowError`.

        `cancelled` ends every wait; `agent` is the User-Agent; `override_metadata` lets a
        write replace what people have written, where the server can; `batch_count` is how
        many rows go in one request at most; `wire` is an `httpx.BaseTransport` for tests;
        `redact` masks the secrets of the run, and learns the token.
        """
        config = MetadataServerConfig.of(config)
        transport = Transport(
            config, cancelled=cancelled, agent=agent, policy=policy, wire=wire, redact=redact
        )
        server = Server(config, transport)
        bare_fields = Fields(server, lambda kind: FINGERPRINT, BARE_PAGE_COUNT)
        super().__init__(server, Existing(server, bare_fields), bare_fields)
        self._bulk = BulkWriter(server, override=override_metadata, row_count=batch_count)
        updater = Updater(server, self._bulk, self._existing, override=override_metadata)
        self._writer = Writer(server, self._existing, updater, override=override_metadata)

    @property
    def url(self) -> str:
        """URL of the API, e.g. `http://localhost:8585/api/v1`; holds no secret."""
        return self._server.url

    @property
    def features(self) -> Features:
        """Version of the server, and what it can do; the first use asks it.

        Raises `ServerError` that says what is wrong with the server, the token or the config.
        """
        return self._server.features

    @property
    def dialect(self) -> Dialect:
        """What the server knows of what records say; as `features`."""
        return self._server.dialect

    @property
    def is_asked(self) -> bool:
        """Whether the server was asked for its version already."""
        return self._server.is_asked

    def close(self) -> None:
        """Close every connection."""
        self._server.close()
        self._existing.close()

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Create or update, parents first; one result per record, in the same order.

        Records that were sent in bulk are `WRITTEN`: the server does not say whether they were
        created, updated or unchanged.
        """
        return write_sealed(records, self._writer.write)

    def write_parcels(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """As `write`, for records with their content."""
        return self._writer.write(parcels)

    def settling(self, parcels: Sequence[Parcel]) -> Iterator[Settled]:
        """As `write_parcels`, with results as soon as they are known; see `Writer.settling`."""
        return self._writer.settling(parcels)

    def takes_batches(self, entity_type: str) -> bool:
        """Whether the server takes many entities of this type in one request, as far as is known.

        Raises `ServerError`.
        """
        kind = KINDS.get(entity_type)
        return kind is not None and self._bulk.takes(kind)

    def hash_of(self, parcel: Parcel) -> str | None:
        """What `list_hashes` shows once the record has been written; None if that is not known."""
        return fingerprint_of(parcel, self._server.dialect)

    def put_run_status(self, pipeline_fqn: str, status: RunStatus) -> None:
        """Report a run of an ingestion pipeline; replaces an earlier report of that run (§9).

        Raises `RecordError` when there is no such pipeline.
        """
        pipeline_fqn = names.spelled(pipeline_fqn)
        path = f"{path_of(_PIPELINES, pipeline_fqn)}/pipelineStatus"
        named = naming(KINDS["ingestionPipeline"], pipeline_fqn)
        if status.runId is not None:
            named = either(named, naming_id("run", status.runId))
        dialect = self._server.dialect

        def send(parts: Sequence[Part]) -> Answer:
            return self._server.transport.request(
                "PUT", path, body=parts[0].content, expendable=True, evidence=named
            )

        part = Part(RunStatus, dumped(status, dialect), dialect)
        answer = self._server.trials.sent([part], send)
        if not answer.is_done:
            raise RecordError(
                f"The run cannot be reported to {pipeline_fqn}: {answer.reason}",
                "Create the ingestion pipeline, or correct ingestionPipelineFQN.",
            )

    def get_run_status(self, pipeline_fqn: str, run_id: str) -> RunStatus | None:
        """What was reported of a run; None if nothing was (§9)."""
        pipeline_fqn = names.spelled(pipeline_fqn)
        below = f"{path_of(_PIPELINES, pipeline_fqn)}/pipelineStatus"
        answer = self._server.get(
            path_of(below, run_id), either(empty(200, 204), naming_id("run", run_id))
        )
        if is_absent(answer, pipeline_fqn) or (answer.is_done and answer.body is None):
            return None
        if not answer.is_done:
            raise RecordError(
                f"The run {run_id} of {pipeline_fqn} cannot be read: {answer.reason}",
                "Correct ingestionPipelineFQN.",
            )
        return parsed(RunStatus, answer.body)


REST = OpenMetadata
"""The client under the name by which connectors know it: `REST(metadata_config)`."""


def get_service_or_create(
    service_json: Mapping[str, Any], metadata_config: MetadataServerConfig | Mapping[str, Any]
) -> Any:
    """The service with the name in `service_json`; created first if the server has none.

    `service_json` holds the fields of a request for a service: `name`, `serviceType` and more;
    the family follows from `serviceType`, or from `type` such as `databaseService`. A source
    that runs in a workflow has `ctx.metadata.get_service_or_create`, whichever sink it has.

    Raises `WorkflowError` when one of the two is wrong, `ServerError` and `RecordError`.
    """
    values = dict(service_json)
    kind = _kind_of(values.pop("type", None), values.get("serviceType"))
    request = validated(kind.request, values)
    with OpenMetadata(metadata_config) as store:
        return store.get_service_or_create(request)


def _kind_of(entity_type: object, service_type: object) -> EntityKind:
    for kind in SERVICE_KINDS.values():
        if entity_type == kind.entity_type:
            return kind
        known = kind.request.model_fields["serviceType"].annotation
        if entity_type is None and service_type in {str(item.value) for item in known or ()}:
            return kind
    raise WorkflowError(
        f"OpenMetadata has no serviceType {service_type!r}",
        "Use one that it has, such as Postgres or CustomDatabase; see the reference.",
        (Problem(("serviceType",), "not a type of service"),),
    )
