"""How often entities are used (contract §3.0)."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import kinds
from starlette.responses import Response

from om_ingest_catalog_server.answers import CHANGE_HEADER, href, json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Route, not_implemented


def routes() -> Iterator[Route]:
    """Count uses of a day, and rank them."""
    rank = "Rank the entities of a kind that were used on a day"
    for path in ("usage/{entityType}/{id}", "usage/{entityType}/name/{fqn}"):
        yield Route("POST", path, put, "Set a day's number of uses", Execution.WRITING, body=JSON)
        yield Route("PUT", path, put, "Add to a day's number of uses", Execution.WRITING, body=JSON)
        yield not_implemented(
            "GET", path, "Usage over some days; `fields=usageSummary` has the latest"
        )
    yield Route(
        "POST", "usage/compute.percentile/{entityType}/{date}", rank_day, rank, Execution.WRITING
    )


def put(call: ApiCall) -> Response:
    """The entity with what is known of its use; 201 to POST, 200 to PUT."""
    entity_type, is_post = call.entity_type(), call.route.method == "POST"
    entity = call.stores.writing.attachments.put_usage(
        entity_type, call.key, call.object(), add=not is_post
    )
    entity["href"] = href(call, kinds.KINDS[entity_type], entity["id"])
    return json_answer(entity, 201 if is_post else 200, {CHANGE_HEADER: "entityFieldsChanged"})


def rank_day(call: ApiCall) -> Response:
    """How many entities were ranked."""
    count = call.stores.writing.attachments.compute_percentiles(
        call.entity_type(), call.values["date"]
    )
    return json_answer({"ranked": count}, 201)
