"""Usage counts and percentile ranks (contract §3.0)."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import kinds
from starlette.responses import Response

from om_ingest_catalog_server.answers import CHANGE_HEADER, href, json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Route, not_implemented


def routes() -> Iterator[Route]:
    """The routes of `/usage`."""
    rank = "Compute percentile ranks of a kind for a day"
    for path in ("usage/{entityType}/{id}", "usage/{entityType}/name/{fqn}"):
        yield Route("POST", path, put, "Set a usage count", Execution.WRITING, body=JSON)
        yield Route("PUT", path, put, "Add to a usage count", Execution.WRITING, body=JSON)
        yield not_implemented("GET", path, "Usage over several days")
    yield Route(
        "POST", "usage/compute.percentile/{entityType}/{date}", rank_day, rank, Execution.WRITING
    )


def put(call: ApiCall) -> Response:
    """Set (POST) or add to (PUT) a usage count; the entity with its usage summary."""
    entity_type, is_post = call.entity_type(), call.route.method == "POST"
    entity = call.stores.writing.attachments.put_usage(
        entity_type, call.key, call.object(), add=not is_post
    )
    entity["href"] = href(call, kinds.KINDS[entity_type], entity["id"])
    return json_answer(entity, 201 if is_post else 200, {CHANGE_HEADER: "entityFieldsChanged"})


def rank_day(call: ApiCall) -> Response:
    """Compute percentile ranks; the number of ranked entities."""
    count = call.stores.writing.attachments.compute_percentiles(
        call.entity_type(), call.values["date"]
    )
    return json_answer({"ranked": count}, 201)
