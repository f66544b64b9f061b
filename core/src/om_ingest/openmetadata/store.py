"""An OpenMetadata server as a `MetadataStore`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from om_ingest.kinds import Parcel
from om_ingest.model.entity import Entity
from om_ingest.model.lineage import EntityLineage
from om_ingest.model.records import Record
from om_ingest.openmetadata.changing import Changer
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.features import Features
from om_ingest.openmetadata.network.transport import Transport
from om_ingest.openmetadata.reading.reader import Reader
from om_ingest.openmetadata.runs import Runs
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.writing.bulk import ROW_COUNT, BulkWriter
from om_ingest.openmetadata.writing.writer import Writer
from om_ingest.store import EntityT, MetadataStore, WriteResult

if TYPE_CHECKING:
    from om_ingest.cancellation import Cancellation
    from om_ingest.model.ingestion_pipeline import RunStatus
    from om_ingest.openmetadata.network.retry import RetryPolicy


class OpenMetadata(MetadataStore):
    """Reads and writes the entities of a server over REST; any thread may use it.

    Building it connects to nothing. What may pass is tried again, for everybody together
    while the server is away: `retryBudget_s`. Every method raises `ServerError` when that is
    used up or the server refuses us; `write` then says nothing of its records.

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
    ) -> None:
        """Check the config; raises `WorkflowError`.

        `cancelled` ends every wait; `agent` is the User-Agent; `override_metadata` lets a
        write replace what people have written, where the server can; `batch_count` is how
        many rows go in one request at most; `wire` is an `httpx.BaseTransport` for tests.
        """
        config = MetadataServerConfig.of(config)
        transport = Transport(config, cancelled=cancelled, agent=agent, policy=policy, wire=wire)
        self._server = Server(config, transport)
        self._reader = Reader(self._server)
        bulk = BulkWriter(self._server, override=override_metadata, row_count=batch_count)
        self._writer = Writer(self._server, bulk)
        self._changer = Changer(self._server, self._reader)
        self._runs = Runs(self._server)

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

    def close(self) -> None:
        """Close every connection."""
        self._server.close()

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Create or update, parents first; one result per record, in the same order.

        Rows that went in a batch are `WRITTEN`: a server does not say what it did with them.
        """
        return self._writer.write([Parcel.of(record) for record in records])

    def write_parcels(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """As `write`, for records whose identity is known already."""
        return self._writer.write(parcels)

    def get_by_name(
        self, entity: type[EntityT], fqn: str, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this FQN, or None."""
        return self._reader.by_name(entity, fqn, include=_include(include_deleted))

    def get_by_id(
        self, entity: type[EntityT], entity_id: object, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this id (a UUID or its text), or None."""
        return self._reader.by_id(entity, entity_id, include=_include(include_deleted))

    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of one kind, lazily, in the server's order; `scope` is an FQN they lie below."""
        return self._reader.all_of(entity, scope, include=_include(include_deleted))

    def list_fqns(self, entity: type[Entity], *, scope: str | None = None) -> Iterator[str]:
        """FQNs of live entities of one kind, lazily; `scope` as for `list_entities`."""
        return self._reader.fqns_of(entity, scope)

    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The lineage graph around an entity, three steps far at most; None when there is none."""
        return self._reader.lineage(entity, fqn, upstream_depth, downstream_depth)

    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Mark as deleted, or remove for good if `hard`; False when there is none.

        Raises `RecordError` when it has live children and `recursive` is not set.
        """
        return self._changer.delete(entity, fqn, recursive=recursive, hard=hard)

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Undo a soft delete, with the children deleted by it; None when there is none."""
        return self._changer.restore(entity, fqn)

    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Apply a JSON Patch (RFC 6902); the entity then, None when there is none."""
        return self._changer.patch(entity, fqn, operations)

    def delete_unseen(
        self, entity: type[Entity], scope: str, seen: Collection[str], *, dry_run: bool = False
    ) -> list[str]:
        """Mark everything of a kind below a scope as deleted that is not among `seen`; its FQNs.

        Servers from 2.0 on do it in one request. An empty `seen` deletes nothing (§5.2).
        """
        return self._changer.delete_unseen(entity, scope, seen, dry_run=dry_run)

    def delete_stale(self, entity: type[Entity], scope: str, fqns: Sequence[str]) -> int:
        """Mark entities below a scope as deleted, with what lies below them; how many were live."""
        return self._changer.delete_stale(entity, scope, fqns)

    def put_run_status(self, pipeline_fqn: str, status: RunStatus) -> None:
        """Report a run of an ingestion pipeline, in place of what was reported of it before.

        Raises `RecordError` when there is no such pipeline.
        """
        self._runs.put(pipeline_fqn, status)

    def get_run_status(self, pipeline_fqn: str, run_id: str) -> RunStatus | None:
        """What was reported of a run; None if nothing was."""
        return self._runs.get(pipeline_fqn, run_id)


REST = OpenMetadata
"""The client under the name by which connectors know it: `REST(metadata_config)`."""


def _include(include_deleted: bool) -> str:
    return "all" if include_deleted else "non-deleted"
