"""What of an entity a caller gets to see (contract §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from om_ingest_catalog import mask_secrets

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind

    from om_ingest_catalog_server.call import Call


def conceal(call: Call, kind: EntityKind, entity: dict[str, Any]) -> None:
    """Mask the secrets in an entity, in place, unless the caller may see them."""
    if kind.segment is not None and not call.sees_secrets:  # only services have connections
        mask_secrets(kind, entity)
