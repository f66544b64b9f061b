"""Bulk operations (contract §5)."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import kinds
from om_ingest.kinds import EntityKind
from starlette.responses import Response

from om_ingest_catalog_server import releases
from om_ingest_catalog_server.answers import json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Route


def routes() -> Iterator[Route]:
    """Bulk PUT and `deleteStale` for the kinds that have them."""
    for kind in kinds.KINDS.values():
        top, what = kind.collection, kind.entity_type
        if kind.bulk:
            put_many = f"Create or update many {what} entities"
            path, write = f"{top}/bulk", Execution.WRITING
            yield Route(
                "PUT", path, put, put_many, write, kind, JSON, releases.BULK, deferrable=True
            )
        if _has_stale(kind):
            path, stale = f"{top}/deleteStale", f"Delete each {what} that a run did not see"
            yield Route(
                "DELETE", path, delete_stale, stale, Execution.WRITING, kind, JSON, releases.STALE
            )


def _has_stale(kind: EntityKind) -> bool:
    """Whether a kind has `deleteStale` (contract §3.0)."""
    return kind.bulk and kind.soft_delete and kind.parent is not None


def put(call: ApiCall) -> Response:
    """Create or update the entities of the body; 200 with one result per row, also if all fail."""
    bodies = call.mapped(call.kind.request, call.array())
    override = call.query.flag("overrideMetadata") and call.settings.release >= releases.OVERRIDE
    if not call.query.flag("async"):
        return json_answer(call.writable.bulk(bodies, call.actor, override=override).as_dict())
    call.stores.later(lambda: call.writable.bulk(bodies, call.actor, override=override))
    accepted = {
        "status": "success",
        "numberOfRowsProcessed": len(bodies),
        "numberOfRowsPassed": 0,
        "numberOfRowsFailed": 0,
    }
    return json_answer(accepted, 202)


def delete_stale(call: ApiCall) -> Response:
    """Delete entities that were not seen in a scope; one result per row."""
    return json_answer(call.writable.delete_stale(call.object(), call.actor).as_dict())
