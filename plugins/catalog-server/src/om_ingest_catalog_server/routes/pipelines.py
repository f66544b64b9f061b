"""Runs of pipelines (contract §3.0)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from om_ingest import kinds
from om_ingest.model import PipelineStatus
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server import releases, showing
from om_ingest_catalog_server.answers import (
    CHANGE_HEADER,
    entity_answer,
    series_answer,
)
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.failures import UnhandledError
from om_ingest_catalog_server.route import JSON, Execution, Route

_PIPELINE = kinds.KINDS["pipeline"]


def routes() -> Iterator[Route]:
    """The routes of `/pipelines/{fqn}/status`."""
    path, write = "pipelines/{fqn}/status", Execution.WRITING
    yield Route("GET", path, statuses, "List runs, latest first", Execution.READING, _PIPELINE)
    yield Route("PUT", path, put, "Store a run", write, _PIPELINE, JSON)
    yield Route("PUT", f"{path}/bulk", put_many, "Store many runs", write, _PIPELINE, JSON)
    yield Route("DELETE", f"{path}/{{timestamp}}", delete, "Delete a run", write, _PIPELINE)


def statuses(call: ApiCall) -> Response:
    """The runs from `startTs` to `endTs`."""
    start, end = call.query.span
    found = call.stores.reading.attachments.pipeline_statuses(
        call.key, start, end, call.query.whole("limit")
    )
    return series_answer(call, found)


def put(call: ApiCall) -> Response:
    """Store a run; the pipeline with its latest run."""
    return _put(call, call.mapped(PipelineStatus, call.object()))


def put_many(call: ApiCall) -> Response:
    """Store all runs of the body, or none; the pipeline with its latest run."""
    bodies = call.array()
    if not all(isinstance(body, dict) for body in bodies):
        raise HTTPException(400, "Invalid request format: an array of objects is needed")
    return _put(call, *call.mapped(PipelineStatus, bodies))


def _put(call: ApiCall, *bodies: dict[str, Any]) -> Response:
    if any(body.get("taskStatus") is None for body in bodies):
        # 500 in each release; a 400 says as much, and this server has no faults of its own.
        thrown = "PipelineStatus.getTaskStatus() is null"
        raise UnhandledError("[taskStatus must not be null]", 400, thrown=thrown)
    pipeline = call.stores.writing.attachments.put_pipeline_status(call.key, *bodies)
    if call.settings.release < releases.SHOWN:
        change = {"name": "pipelineStatus", "newValue": bodies[-1]}
        pipeline["changeDescription"] = showing.described(change, pipeline["version"])
    return entity_answer(call, pipeline, {CHANGE_HEADER: "entityUpdated"})


def delete(call: ApiCall) -> Response:
    """Delete a run; the pipeline with its latest remaining run."""
    at = call.milliseconds("timestamp")
    pipeline = call.stores.writing.attachments.delete_pipeline_status(call.key, at)
    return entity_answer(call, pipeline)
