"""The contract of a sink: where records go, and how a source reads them back.

A sink never raises for one bad record: it reports it as failed. It raises
`DeliveryError` (or `ServerError`) when it can take no more at all.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from pydantic import BaseModel

from om_ingest.delivery import RunEnd, SinkContext
from om_ingest.errors import RecordError
from om_ingest.model.entity import CreateRequest, Entity, EntityReference
from om_ingest.model.kinds import fqn_of, kind_of, own_name, parent_of
from om_ingest.model.lineage import AddLineageRequest, EntityLineage
from om_ingest.model.records import Record
from om_ingest.source import Closeable

if TYPE_CHECKING:  # these load families that many a connector does not have
    from om_ingest.model.attachment import AddPipelineStatusRequest, AddSampleDataRequest

EntityT = TypeVar("EntityT", bound=Entity)


class Outcome(str, Enum):
    """What became of one record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WRITTEN = "written"
    """Created, updated or unchanged: the target does not say which."""

    FAILED = "failed"


class WriteResult(NamedTuple):
    """One record, and what became of it."""

    record: Record
    outcome: Outcome
    reason: str = ""
    """Why it failed, in one line; empty otherwise."""


class MetadataStore(Closeable):
    """A place that keeps entities by FQN: the embedded catalog, or a server.

    Every write is atomic per record, and idempotent: the same request twice is
    `UNCHANGED` the second time.
    """

    @abstractmethod
    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Create or update; one result per record, in the same order.

        A child may stand before its parent in `records` only if the parent exists.
        """

    @abstractmethod
    def get_by_name(
        self, entity: type[EntityT], fqn: str, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this FQN, or None."""

    @abstractmethod
    def get_by_id(
        self, entity: type[EntityT], entity_id: object, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this id (a UUID or its text), or None."""

    @abstractmethod
    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of one kind ordered by FQN, lazily; `scope` is an FQN they lie below."""

    @abstractmethod
    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The lineage graph around an entity; None when there is no such entity."""

    @abstractmethod
    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Mark as deleted, or remove for good if `hard`; False when there is none.

        Raises `RecordError` when it has live children and `recursive` is not set.
        """

    @abstractmethod
    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Undo a soft delete, with the children deleted by it; None when there is none."""

    @abstractmethod
    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Apply a JSON Patch (RFC 6902) to a live entity as it is read; None when there is none.

        Raises `RecordError` when the operations, or what results from them, cannot be.
        """

    def flush(self) -> None:
        """Return once everything that was written or yielded before has arrived.

        A source calls it where something outside has to find its records; reading back what
        was yielded needs no such call.
        """

    def list_fqns(self, entity: type[Entity], *, scope: str | None = None) -> Iterator[str]:
        """FQNs of live entities of one kind, lazily; `scope` as for `list_entities`."""
        return (found.fullyQualifiedName for found in self.list_entities(entity, scope=scope))

    def delete_stale(self, entity: type[Entity], scope: str, fqns: Sequence[str]) -> int:
        """Mark entities below a scope as deleted, with what lies below them; how many were live."""
        return sum(self.delete(entity, fqn, recursive=True) for fqn in fqns)

    def create_or_update(self, request: CreateRequest) -> Any:
        """Write one request now and return the entity; raises `RecordError` if refused."""
        (result,) = self.write([request])
        if result.outcome is Outcome.FAILED:
            raise RecordError(result.reason, "Correct the request.")
        return self.get_by_name(kind_of(request).entity, self.fqn_of(request))

    def get_service_or_create(self, request: CreateRequest) -> Any:
        """The service with the request's name; created first if there is none."""
        found = self.get_by_name(kind_of(request).entity, self.fqn_of(request))
        return found if found is not None else self.create_or_update(request)

    def add_lineage(self, request: AddLineageRequest) -> None:
        """Write one edge now; raises `RecordError` if an end does not exist."""
        self._add(request, "Write both ends first.")

    def add_sample_data(self, request: AddSampleDataRequest) -> None:
        """Write samples now; raises `RecordError` if they belong to nothing, or do not fit it."""
        self._add(request, "Write the entity first, and give it what it has columns for.")

    def add_pipeline_status(self, request: AddPipelineStatusRequest) -> None:
        """Write one run of a pipeline now; raises `RecordError` if there is no such pipeline."""
        self._add(request, "Write the pipeline first; times are in milliseconds since 1970.")

    def _add(self, record: Record, remedy: str) -> None:
        (result,) = self.write([record])
        if result.outcome is Outcome.FAILED:
            raise RecordError(result.reason, remedy)

    def fqn_of(self, request: CreateRequest) -> str:
        """The FQN that a request addresses; a parent given by id is looked up.

        Raises `RecordError` when there is no such parent.
        """
        parent = parent_of(request)
        if not isinstance(parent, EntityReference) or parent.fullyQualifiedName:
            return fqn_of(request)
        found = self.get_by_id(kind_of(parent.type).entity, parent.id)
        if found is None:
            raise RecordError(
                f"There is no {parent.type} with id {parent.id}",
                "Write the parent before its children.",
            )
        return kind_of(request).fqn_below(found.fullyQualifiedName, own_name(request))


class Sink(Closeable):
    """Delivers records. `create` only checks the config; `prepare` opens the target."""

    shorthand: ClassVar[str | None] = None
    """The key of its config that `--sink TYPE:VALUE` sets; None if there is none."""

    config_class: ClassVar[type[BaseModel] | None] = None
    """The model of its config, for `om-ingest schema`; None if it declares none."""

    keeps_journal: ClassVar[bool] = False
    """Whether it asks `SinkContext.journal` what has to be sent, and acknowledges it there.
    Its `target` must then name one place, wherever a run starts."""

    @classmethod
    @abstractmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Sink:
        """Check the config, touching nothing; raises `WorkflowError`."""

    def check(self) -> None:
        """Look whether `prepare` would succeed, changing nothing; raises `OmIngestError`."""

    def prepare(self) -> None:
        """Open the target; called once, before the first record."""

    def rehearsal(self) -> MetadataStore | None:
        """A store that starts as the target is now and is thrown away, for a dry run.

        None, unless overridden: an empty one will do.
        """
        return None

    @property
    @abstractmethod
    def store(self) -> MetadataStore:
        """Where a source reads back what was written; flushed before. Valid after `prepare`."""

    def existing(self) -> MetadataStore | None:
        """Where what earlier runs delivered can be found, to mark what is gone as deleted.

        None, unless overridden: such a target is written anew by each run.
        """
        return None

    @property
    @abstractmethod
    def target(self) -> str:
        """Where the records go, for people, e.g. `catalog demo.db`; holds no secret."""

    @abstractmethod
    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        """Take records, in order; the results of any that are settled by now.

        Every record is settled exactly once, at the latest by the next `flush`; a result
        holds the very object that was handed over.
        """

    def flush(self) -> Iterable[WriteResult]:
        """Deliver everything taken so far; the results that are still owed.

        Called at the end, and before each time that the source reads back.
        """
        return ()

    def flush_for(self, entity_type: str, fqn: str) -> Iterable[WriteResult]:
        """Deliver what the source needs to read one entity back; everything, unless overridden."""
        return self.flush()

    def finish(self, end: RunEnd) -> None:
        """Learn how the run ended; nothing to do unless overridden.

        Called once between the last write and `close`, however the run ended, if `prepare`
        succeeded. May raise `DeliveryError`.
        """


class Processor(Closeable):
    """Looks at each record on its way to the sink."""

    config_class: ClassVar[type[BaseModel] | None] = None
    """The model of its config, for `om-ingest schema`; None if it declares none."""

    @classmethod
    @abstractmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Processor:
        """Check the config; raises `WorkflowError`."""

    @abstractmethod
    def process(self, record: Record) -> Record | None:
        """The record to deliver, changed or not; None filters it out."""
