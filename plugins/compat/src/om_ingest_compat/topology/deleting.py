"""`metadata.ingestion.api.delete`: connectors that mark stale entities by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from om_ingest.model import ScopeComplete

from om_ingest_compat import running
from om_ingest_compat.client.open_metadata import scope_of
from om_ingest_compat.connectors.status import Either
from om_ingest_compat.connectors.wrapped import DeleteEntity
from om_ingest_compat.shims.entities import kind_named, text_of
from om_ingest_compat.topology.registered import SourceState


def delete_entity_from_source(
    metadata: Any,
    entity_type: Any,
    entity_source_state: Any,
    mark_deleted_entity: bool = True,
    params: Mapping[str, Any] | None = None,
    **_: Any,
) -> Iterator[Any]:
    """Yield what marks the entities of a kind as deleted that are not in a state.

    `params` names where they lie: `{"service": FQN}`, `{"database": FQN}`. That scope is called
    complete, and the run finds what is gone: what is neither in the state nor was yielded.
    """
    kind, run, state = kind_named(entity_type), running.current(), entity_source_state
    if kind is None:
        return
    scope = ScopeComplete(scope_of(kind, params), kind.entity)
    found = state.take() if isinstance(state, SourceState) else map(text_of, state)
    run.keep(kind.entity_type, found)
    yield Either(right=scope)


def delete_entity_by_name(
    metadata: Any,
    entity_type: Any,
    entity_names: Iterable[Any],
    mark_deleted_entity: bool = True,
    **_: Any,
) -> Iterator[Any]:
    """Yield what marks the entities with these FQNs as deleted; others are passed over."""
    for name in entity_names:
        found = metadata.get_by_name(entity=entity_type, fqn=name)
        if found is not None:
            yield Either(
                right=DeleteEntity(entity=found, mark_deleted_entities=mark_deleted_entity)
            )
