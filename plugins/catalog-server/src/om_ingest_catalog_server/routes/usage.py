"""Usage counts and percentile ranks (contract §3.0)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from om_ingest import kinds
from om_ingest.model import UsageRequest
from starlette.responses import Response

from om_ingest_catalog_server import releases, showing
from om_ingest_catalog_server.answers import CHANGE_HEADER, event_answer, href, json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Route

_DAY_COUNT = 30


_FIELD = "usageSummary"


def routes() -> Iterator[Route]:
    """The routes of `/usage`."""
    rank = "Compute percentile ranks of a kind for a day"
    for path in ("usage/{entityType}/{id}", "usage/{entityType}/name/{fqn}"):
        yield Route("POST", path, put, "Set a usage count", Execution.WRITING, body=JSON)
        yield Route("PUT", path, put, "Add to a usage count", Execution.WRITING, body=JSON)
        yield Route("GET", path, get, "Usage counts of several days", Execution.READING)
    yield Route(
        "POST", "usage/compute.percentile/{entityType}/{date}", rank_day, rank, Execution.WRITING
    )


def get(call: ApiCall) -> Response:
    """Usage of an entity on the last `days` up to `date`: one by default, 30 at most."""
    days = min(max(call.query.whole("days", 1) or 1, 1), _DAY_COUNT)
    last = call.query.text("date") or datetime.now(timezone.utc).date().isoformat()
    found = call.stores.reading.attachments.usage(call.entity_type(), call.key, last, days)
    return json_answer(found)


def put(call: ApiCall) -> Response:
    """Set (POST) or add to (PUT) a usage count; the entity with its usage summary."""
    entity_type, is_post = call.entity_type(), call.route.method == "POST"
    kind, status = kinds.KINDS[entity_type], 201 if is_post else 200
    is_event = call.settings.release < releases.SHOWN
    collection = call.stores.writing.collection(kind)
    before = collection.get(call.key, fields={_FIELD}).entity if is_event else {}
    entity = call.stores.writing.attachments.put_usage(
        entity_type, call.key, call.mapped(UsageRequest, call.object()), add=not is_post
    )
    if is_event:
        old = before.get(_FIELD) or showing.no_usage()
        change = {"name": _FIELD, "oldValue": old, "newValue": entity[_FIELD]}
        return event_answer(call, kind, entity, change, status)
    entity["href"] = href(call, kind, entity["id"])
    return json_answer(entity, status, {CHANGE_HEADER: "entityFieldsChanged"})


def rank_day(call: ApiCall) -> Response:
    """Compute percentile ranks; the number of ranked entities."""
    count = call.stores.writing.attachments.compute_percentiles(
        call.entity_type(), call.values["date"]
    )
    return json_answer({"ranked": count}, 201)
