"""What of a service's connection a caller gets to see (contract §2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from om_ingest.model.secrets import masked

if TYPE_CHECKING:
    from om_ingest.model.kinds import EntityKind

    from om_ingest_catalog_server.call import Call

_CONNECTION = "connection"
_CHANGES = ("changeDescription", "incrementalChangeDescription")
_LISTS = ("fieldsAdded", "fieldsUpdated", "fieldsDeleted")


def conceal(call: Call, kind: EntityKind, entity: dict[str, Any]) -> None:
    """Mask the secrets in an entity, in place, unless the caller may see them."""
    if kind.segment is None or call.sees_secrets:  # only services have connections
        return
    if _CONNECTION in entity:
        entity[_CONNECTION] = masked(entity[_CONNECTION])
    for description in (entity.get(name) or {} for name in _CHANGES):
        for change in (change for name in _LISTS for change in description.get(name, ())):
            if change["name"] == _CONNECTION:
                change.update({side: _masked_text(change[side]) for side in _sides(change)})


def _sides(change: dict[str, Any]) -> set[str]:
    return change.keys() & {"oldValue", "newValue"}


def _masked_text(value: Any) -> Any:
    """A value of a change, which is JSON text unless it is plain."""
    return json.dumps(masked(json.loads(value))) if isinstance(value, str) else masked(value)
