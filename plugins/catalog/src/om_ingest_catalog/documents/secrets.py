"""Documents for those who are not to see the secrets of a connection (contract §2)."""

from __future__ import annotations

from typing import Any

from om_ingest.kinds.kind import EntityKind
from om_ingest.model.secrets import masked

from om_ingest_catalog.rows.body import Body, dump, parse

_CONNECTION = "connection"
_CHANGES = ("changeDescription", "incrementalChangeDescription")
_LISTS = ("fieldsAdded", "fieldsUpdated", "fieldsDeleted")


def mask_secrets(kind: EntityKind, entity: Body) -> None:
    """Put a mask over each secret in the JSON of an entity of the kind, in place.

    Only connections of services have any; a write that brings the mask back keeps them.
    """
    if kind.segment is None:
        return
    if _CONNECTION in entity:
        entity[_CONNECTION] = masked(entity[_CONNECTION])
    for description in (entity.get(name) or {} for name in _CHANGES):
        for change in (change for name in _LISTS for change in description.get(name, ())):
            if change["name"] == _CONNECTION:
                for side in change.keys() & {"oldValue", "newValue"}:
                    change[side] = _masked_text(change[side])


def _masked_text(value: Any) -> Any:
    """A side of a change, which is JSON as text."""
    return dump(masked(parse(value))) if isinstance(value, str) else masked(value)
