"""`metadata.ingestion.api.delete`: connectors that mark stale entities by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from om_ingest.kinds import KINDS
from om_ingest.model import ScopeComplete

from om_ingest_compat import running
from om_ingest_compat.connectors.status import Either
from om_ingest_compat.connectors.wrapped import DeleteEntity
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

    `params` names where they lie: `{"service": FQN}`, `{"database": FQN}`. For a state that a base
    class keeps, that scope is called complete, and the run finds what is gone.
    """
    if not isinstance(entity_source_state, SourceState):
        known = set(map(str, entity_source_state))
        for found in metadata.list_all_entities(entity=entity_type, params=params):
            if str(found.fullyQualifiedName) not in known:
                yield _gone(found, mark_deleted_entity)
        return
    status = running.current().status
    for fqn in entity_source_state.take():
        status.filter(fqn, "registered by the connector, and not yielded")
    scope = max(map(str, (params or {}).values()), key=len, default="")
    if scope:
        yield Either(right=ScopeComplete(scope, KINDS[entity_type.entity_type].entity))


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
            yield _gone(found, mark_deleted_entity)


def _gone(found: Any, mark_deleted: bool) -> Either[Any]:
    return Either(right=DeleteEntity(entity=found, mark_deleted_entities=mark_deleted))
