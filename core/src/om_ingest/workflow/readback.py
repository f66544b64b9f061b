"""Read-your-writes: the store that sources and processors see delivers before it reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from om_ingest.errors import PluginFaultError, RecordError
from om_ingest.kinds import kind_of
from om_ingest.kinds.identity import identity_at
from om_ingest.masking import Redactor
from om_ingest.model.entity import Entity
from om_ingest.model.records import Record
from om_ingest.store import ForwardingStore, MetadataStore, Outcome, WriteResult
from om_ingest.workflow.references import References

_OF_ONE_ENTITY = frozenset({"get_by_name", "patch"})
"""Methods that need only what one entity depends on; all others need everything delivered."""


class ReadYourWrites(ForwardingStore):
    """`ctx.metadata`: every call first delivers the records yielded so far.

    Bound to the sink's store when the run begins; before that, in `create`, any use raises
    `PluginFaultError`, which names its `user`.
    """

    def __init__(self, user: str = "The source") -> None:
        self._user = user
        self._redact: Redactor | None = None
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
        redact: Redactor | None = None,
    ) -> None:
        """Use this store from now on; `deliver` flushes pending records.

        `deliver_for` flushes at least those that reading one entity by its FQN needs; without
        it, all are flushed. `learn` is called with each entity found. The secrets that `redact`
        knows are masked in the connections of services that are written.
        """
        self._store = store
        self._deliver = deliver
        self._learn = learn
        self._redact = redact
        self._deliver_for = deliver_for or (lambda entity_type, fqn: deliver())

    def _target(self) -> MetadataStore:
        if self._store is None:
            raise PluginFaultError(
                f"{self._user} used ctx.metadata before the run began",
                "Move this from create or __init__ to prepare, next_record or process.",
            )
        return self._store

    def _forward(self, method: str, **arguments: Any) -> Any:
        self._target()
        if method in _OF_ONE_ENTITY:
            entity_type = kind_of(arguments["entity"]).entity_type
            self._deliver_for(*identity_at(entity_type, arguments["fqn"]))
        else:
            self._deliver()
        found = super()._forward(method, **arguments)
        if method == "get_by_name" and found is not None:
            from om_ingest.context import as_read  # many sources read nothing

            self._learn(found)
            return as_read(found)
        return found

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Write at once, after everything that was yielded before."""
        store = self._target()
        self._deliver()
        references = References(lambda: store, lambda: None, self._redact)
        results: list[WriteResult] = []
        for record in records:
            try:
                results += store.write([references.resolved(record)])
            except RecordError as error:
                results.append(WriteResult(record, Outcome.FAILED, error.what))
        return results
