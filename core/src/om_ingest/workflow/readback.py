"""Read-your-writes: the store that a source sees delivers what is pending before it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from om_ingest.errors import PluginFaultError, RecordError
from om_ingest.model.entity import Entity
from om_ingest.model.identity import identity_at
from om_ingest.model.kinds import kind_of
from om_ingest.model.lineage import EntityLineage
from om_ingest.model.records import Record
from om_ingest.sink import EntityT, MetadataStore, Outcome, WriteResult
from om_ingest.workflow.references import References


class ReadYourWrites(MetadataStore):
    """`ctx.metadata`: every call first delivers the records yielded so far.

    Bound to the sink's store when the run begins; before that, in `Source.create`, any
    use raises `PluginFaultError`. Closing it closes nothing: the sink owns the store.
    """

    def __init__(self) -> None:
        self._store: MetadataStore | None = None
        self._deliver: Callable[[], None] = lambda: None
        self._learn: Callable[[Entity], None] = lambda found: None
        self._deliver_for: Callable[[str, str], None] = lambda entity_type, fqn: None

    def bind(
        self,
        store: MetadataStore,
        deliver: Callable[[], None],
        deliver_for: Callable[[str, str], None] | None = None,
        learn: Callable[[Entity], None] = lambda found: None,
    ) -> None:
        """Use this store from now on; `deliver` flushes pending records.

        `deliver_for` flushes at least those that reading one entity by its FQN needs; without
        it, all are. `learn` is told what was found.
        """
        self._store = store
        self._deliver = deliver
        self._learn = learn
        self._deliver_for = deliver_for or (lambda entity_type, fqn: deliver())

    def _ready(self, entity_type: str | None = None, fqn: str = "") -> MetadataStore:
        if self._store is None:
            raise PluginFaultError(
                "The source used ctx.metadata before the run began",
                "Move this from create or __init__ to prepare or next_record.",
            )
        if entity_type is None:
            self._deliver()
        else:
            self._deliver_for(*identity_at(entity_type, fqn))
        return self._store

    def flush(self) -> None:
        """Deliver everything that was yielded, and wait until it has arrived."""
        self._ready().flush()

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Write at once, after everything that was yielded before."""
        store = self._ready()
        references = References(lambda: store, lambda: None)
        results: list[WriteResult] = []
        for record in records:
            try:
                results += store.write([references.resolved(record)])
            except RecordError as error:
                results.append(WriteResult(record, Outcome.FAILED, error.what))
        return results

    def get_by_name(
        self, entity: type[EntityT], fqn: str, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this FQN, or None."""
        store = self._ready(kind_of(entity).entity_type, fqn)
        found = store.get_by_name(entity, fqn, include_deleted=include_deleted)
        if found is not None:
            self._learn(found)
        return found

    def get_by_id(
        self, entity: type[EntityT], entity_id: object, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this id, or None."""
        return self._ready().get_by_id(entity, entity_id, include_deleted=include_deleted)

    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of one kind ordered by FQN, lazily."""
        return self._ready().list_entities(entity, scope=scope, include_deleted=include_deleted)

    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The lineage graph around an entity."""
        return self._ready().get_lineage(
            entity, fqn, upstream_depth=upstream_depth, downstream_depth=downstream_depth
        )

    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Delete an entity."""
        return self._ready().delete(entity, fqn, recursive=recursive, hard=hard)

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Undo a soft delete."""
        return self._ready().restore(entity, fqn)

    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Apply a JSON Patch."""
        return self._ready(kind_of(entity).entity_type, fqn).patch(entity, fqn, operations)
