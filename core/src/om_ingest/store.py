"""The contract of a store: a place that keeps entities by FQN, and what became of each record."""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from om_ingest.errors import RecordError
from om_ingest.kinds import Identity, Parcel, fqn_of, kind_of
from om_ingest.model.entity import CreateRequest, Entity, EntityReference
from om_ingest.model.lineage import AddLineageRequest, EntityLineage
from om_ingest.model.records import Record

if TYPE_CHECKING:
    from typing_extensions import Self

    # These load families that many a connector does not have.
    from om_ingest.model.attachment import AddPipelineStatusRequest, AddSampleDataRequest

EntityT = TypeVar("EntityT", bound=Entity)
MethodT = TypeVar("MethodT", bound=Callable[..., Any])


class Closeable(ABC):
    """Something that holds resources; also a context manager."""

    def close(self) -> None:
        """Release everything; called exactly once, also after an error."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class Outcome(str, Enum):
    """What became of one record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WRITTEN = "written"
    """Created, updated or unchanged: the target does not say which."""

    LEFT_OUT = "leftOut"
    """The target cannot hold it, such as a kind that is newer than a server. It is no failure."""

    FAILED = "failed"


class WriteResult(NamedTuple):
    """One record, and what became of it."""

    record: Record
    outcome: Outcome
    reason: str = ""
    """Why it failed or was left out, in one line; empty otherwise."""

    missing: Identity | None = None
    """What the record refers to and the target does not have, if that is why it failed: the
    record is then tried again at the end of the run. None otherwise."""


class DeleteResult(NamedTuple):
    """One entity that was to be marked as deleted, and what became of it."""

    fqn: str
    """As it was given."""

    deleted: bool
    """Whether this call deleted it; False as well when it was gone already."""

    reason: str = ""
    """Why it could not be deleted, in one line; empty otherwise."""


def write_sealed(
    records: Sequence[Record], write: Callable[[Sequence[Parcel]], Iterable[WriteResult]]
) -> list[WriteResult]:
    """Write the parcels of records; one result per record, in the same order.

    Records that are not valid, or cannot be written as JSON, fail; the others are written.
    """
    parcels, refused = [], {}
    for place, record in enumerate(records):
        try:
            parcels.append(Parcel.sealed(record))
        except RecordError as error:
            refused[place] = WriteResult(record, Outcome.FAILED, error.what)
    results = iter(write(parcels))
    return [refused.get(place) or next(results) for place in range(len(records))]


class MetadataStore(Closeable):
    """A place that keeps entities by FQN: the embedded catalog, or a server.

    A store has to write, read by name, list and delete; the other methods have defaults. A write
    is atomic per record, and idempotent: the same request is `UNCHANGED` the second time.
    """

    def __init_subclass__(cls, **config: Any) -> None:
        super().__init_subclass__(**config)
        if "write" in vars(cls) and "write_parcels" not in vars(cls):  # not an inherited one
            cls.write_parcels = MetadataStore.write_parcels  # type: ignore[method-assign]  # per class

    @abstractmethod
    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Create or update; one result per record, in the same order.

        A child may stand before its parent in `records` only if the parent exists.
        """

    def write_parcels(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """Write records as they were when they came: what a `StoreSink` calls.

        `write`, unless a store overrides it because it needs what a parcel holds. A record that
        was changed since is replaced by a copy of what it was; its result holds the record.
        """
        contents = [parcel.content for parcel in parcels]
        originals = {
            id(content): parcel.record
            for content, parcel in zip(contents, parcels, strict=True)
            if content is not parcel.record
        }
        return [
            result._replace(record=originals.get(id(result.record), result.record))
            for result in self.write(contents)
        ]

    @abstractmethod
    def get_by_name(
        self, entity: type[EntityT], fqn: str, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this FQN, or None."""

    @abstractmethod
    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of one kind ordered by FQN, lazily; `scope` is an FQN they lie below."""

    @abstractmethod
    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Mark as deleted, or remove for good if `hard`; False when there is none.

        Raises `RecordError` when it has live children and `recursive` is not set.
        """

    def get_by_id(
        self, entity: type[EntityT], entity_id: object, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this id (a UUID or its text), or None; by default a search of all."""
        listed = self.list_entities(entity, include_deleted=include_deleted)
        return next((found for found in listed if str(found.id) == str(entity_id)), None)

    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The lineage graph around an entity; None without it, and in a store without edges."""
        return None

    def delete_lineage(self, start: EntityReference, target: EntityReference) -> bool:
        """Remove the edge between two entities, which are given by type and FQN.

        False when there is none, and in a store that does not override it.
        """
        return False

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Undo a soft delete, with the children deleted by it; None where there is none."""
        return None

    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Apply a JSON Patch (RFC 6902) to a live entity as it is read; None when there is none.

        Raises `RecordError` if it is invalid, and in a store that does not override it.
        """
        raise RecordError(
            f"{type(self).__name__} cannot apply a JSON Patch", "Write the whole entity."
        )

    def delivers_changes(self) -> bool:
        """Whether `patch`, `delete` and `restore` reach the place that records go to."""
        return True

    def flush(self) -> None:
        """Return once everything that was written or yielded before has arrived.

        For what looks at the target from outside: reading back needs no such call.
        """

    def list_fqns(self, entity: type[Entity], *, scope: str | None = None) -> Iterator[str]:
        """FQNs of live entities of one kind, lazily; `scope` as for `list_entities`."""
        return (found.fullyQualifiedName for found in self.list_entities(entity, scope=scope))

    def delete_stale(self, entity: type[Entity], fqns: Sequence[str]) -> Iterator[DeleteResult]:
        """Mark exactly these entities as deleted, with what lies below them; a result for each.

        Lazily: whoever takes no more results ends it. An entity that cannot be deleted does not
        keep the others; raises what concerns them all, such as `ServerError`.
        """
        for fqn in fqns:
            yield self._deleted(entity, fqn)

    def _deleted(self, entity: type[Entity], fqn: str) -> DeleteResult:
        try:
            return DeleteResult(fqn, self.delete(entity, fqn, recursive=True))
        except RecordError as error:
            return DeleteResult(fqn, deleted=False, reason=error.what)

    def create_or_update(self, request: CreateRequest) -> Any:
        """Write one request now and return the entity; raises `RecordError` if refused."""
        self._add(request, "Correct the request.")
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
        if result.outcome in (Outcome.FAILED, Outcome.LEFT_OUT):
            raise RecordError(result.reason, remedy)

    def fqn_of(self, request: CreateRequest) -> str:
        """The FQN that a request addresses. Raises `RecordError` for a parent's unknown id."""
        return fqn_of(request, self._fqn_behind)

    def _fqn_behind(self, reference: EntityReference) -> str:
        found = self.get_by_id(kind_of(reference.type).entity, reference.id)
        if found is None:
            what = f"There is no {reference.type} with id {reference.id}"
            raise RecordError(what, "Write the parent before its children.")
        return found.fullyQualifiedName


def _forwarded(method: MethodT) -> MethodT:
    """The method of a `ForwardingStore` that passes the call on, each argument by its name."""
    signature = inspect.signature(method)

    def forward(self: ForwardingStore, *positional: Any, **named: Any) -> Any:
        call = signature.bind(self, *positional, **named)
        call.apply_defaults()
        _, *arguments = call.arguments.items()
        return self._forward(method.__name__, **dict(arguments))

    functools.update_wrapper(forward, method, updated=())
    return cast(MethodT, forward)


class ForwardingStore(MetadataStore):
    """A store that passes calls on to another one; a subclass overrides what it changes.

    Methods that are made of others, such as `create_or_update`, call those of this store.
    Closing it closes nothing: the target belongs to whoever opened it.
    """

    @abstractmethod
    def _target(self) -> MetadataStore:
        """The store that answers."""

    def _forward(self, method: str, **arguments: Any) -> Any:
        """Call a method of the target; every call passes through here."""
        return getattr(self._target(), method)(**arguments)

    write = _forwarded(MetadataStore.write)
    get_by_name = _forwarded(MetadataStore.get_by_name)
    get_by_id = _forwarded(MetadataStore.get_by_id)
    list_entities = _forwarded(MetadataStore.list_entities)
    list_fqns = _forwarded(MetadataStore.list_fqns)
    get_lineage = _forwarded(MetadataStore.get_lineage)
    delete_lineage = _forwarded(MetadataStore.delete_lineage)
    delete = _forwarded(MetadataStore.delete)
    delete_stale = _forwarded(MetadataStore.delete_stale)
    restore = _forwarded(MetadataStore.restore)
    patch = _forwarded(MetadataStore.patch)
    flush = _forwarded(MetadataStore.flush)
    delivers_changes = _forwarded(MetadataStore.delivers_changes)
