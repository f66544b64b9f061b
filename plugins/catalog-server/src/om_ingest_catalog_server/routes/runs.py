"""Runs of ingestion pipelines: statuses, progress, metrics and logs (contract §9)."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator
from typing import cast

from om_ingest import kinds
from om_ingest.model import RunStatus
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server import releases
from om_ingest_catalog_server.answers import (
    empty_answer,
    entity_answer,
    event_answer,
    json_answer,
    series_answer,
)
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Route, not_implemented
from om_ingest_catalog_server.run_bodies import LOGS, METRICS, PROGRESS, check
from om_ingest_catalog_server.run_reports import MAX_LOG_CHARACTERS

_KIND = kinds.KINDS["ingestionPipeline"]
_TOP = _KIND.collection
_PAGE_CHARACTERS = 1024 * 1024
_GZIP = 31  # zlib's number for a gzip header, and the largest window


def routes() -> Iterator[Route]:
    """Statuses are kept in the catalog; progress, metrics and logs in memory."""
    read, write = Execution.READING, Execution.WRITING
    path = f"{_TOP}/{{fqn}}/pipelineStatus"
    yield Route("GET", path, statuses, "List runs, latest first", read, _KIND)
    yield Route("PUT", path, put_status, "Store the status of a run", write, _KIND, JSON)
    yield Route("GET", f"{path}/{{runId}}", status, "Get a run; 204 if unknown", read, _KIND)
    by_id = f"{_TOP}/{{id}}/pipelineStatus"
    yield Route("DELETE", by_id, delete_statuses, "Delete all runs", write, _KIND)
    yield Route("DELETE", f"{by_id}/{{runId}}", delete_statuses, "Delete a run", write, _KIND)

    run = "{fqn}/{runId}"
    yield Route(
        "PUT", f"{_TOP}/progress/{run}", put_progress, "Report progress", read, _KIND, JSON, (2, 0)
    )
    yield Route(
        "POST", f"{_TOP}/metrics/{run}", put_metrics, "Report metrics", read, _KIND, JSON, (2, 0)
    )
    logs = f"{_TOP}/logs/{{fqn}}"
    yield Route("POST", f"{_TOP}/logs/{run}", add_log, "Append to a log", read, _KIND, JSON)
    yield Route("POST", f"{_TOP}/logs/{run}/close", close_log, "Close a log", read, _KIND)
    yield Route("GET", logs, log, "Get the log of the latest run", read, _KIND)
    yield Route("GET", f"{_TOP}/logs/{run}", log, "Get the log of a run", read, _KIND)

    yield not_implemented("GET", f"{_TOP}/logs/{{fqn}}/stream/{{runId}}", "A log, as it grows")
    yield not_implemented(
        "GET", f"{_TOP}/progress/{{fqn}}/stream/{{runId}}", "Progress, as it comes"
    )
    yield not_implemented(
        "GET", f"{_TOP}/progress/service/{{serviceType}}/{{fqn}}/stream", "Progress, as it comes"
    )
    for action in ("trigger", "deploy", "kill", "toggleIngestion"):
        yield not_implemented("POST", f"{_TOP}/{action}/{{id}}", "Orchestration")
    yield not_implemented("GET", f"{_TOP}/status", "Orchestration")
    yield not_implemented("GET", f"{_TOP}/ip", "Orchestration")


def statuses(call: ApiCall) -> Response:
    """The runs from `startTs` to `endTs`; without a range, the latest five."""
    start, end = call.query.span
    found = call.stores.reading.attachments.run_statuses(
        call.key, start, end, call.query.whole("limit")
    )
    return series_answer(call, found)


def put_status(call: ApiCall) -> Response:
    """Store the status of a run; the ingestion pipeline with its latest runs."""
    attachments = call.stores.writing.attachments
    body = call.mapped(RunStatus, call.object())
    if call.settings.release >= releases.SHOWN:
        return entity_answer(call, attachments.put_run_status(call.key, body))
    run = str(body.get("runId"))
    before = attachments.run_status(call.key, run)
    pipeline = attachments.put_run_status(call.key, body)
    sides = {"oldValue": before, "newValue": attachments.run_status(call.key, run)}
    change = {name: {"status": [], **side} for name, side in sides.items() if side}
    pipeline["pipelineStatuses"] = change["newValue"]
    return event_answer(call, _KIND, pipeline, {"name": "pipelineStatus", **change}, 201)


def status(call: ApiCall) -> Response:
    """One run; 204 if it is unknown, as clients expect."""
    found = call.stores.reading.attachments.run_status(call.key, call.values["runId"])
    return empty_answer(204) if found is None else json_answer(found)


def delete_statuses(call: ApiCall) -> Response:
    """Delete one run or all; the ingestion pipeline with the remaining ones."""
    run = call.values.get("runId")
    pipeline = call.stores.writing.attachments.delete_run_status(call.key, run)
    return entity_answer(call, pipeline)


def put_progress(call: ApiCall) -> Response:
    """Store the progress of a run; 200 without a body."""
    return _store_report(call, "progress", PROGRESS)


def put_metrics(call: ApiCall) -> Response:
    """Store metrics of a run; 200 without a body."""
    return _store_report(call, "metrics", METRICS)


def _store_report(call: ApiCall, name: str, fields: dict[str, tuple[type, ...]]) -> Response:
    body = check(call.object(), fields)
    if body["runId"] != call.values["runId"]:
        raise HTTPException(400, "[runId must be the one in the path]")
    call.stores.run_reports.report(_pipeline_id(call), call.values["runId"], name, body)
    return empty_answer()


def add_log(call: ApiCall) -> Response:
    """Append to the log of a run; 200 without a body."""
    body = check(call.object(), LOGS)
    text = body["logs"]
    if body.get("compressed"):
        text = _decompressed(text)
    call.stores.run_reports.add_to_log(_pipeline_id(call), call.values["runId"], text)
    return empty_answer()


def close_log(call: ApiCall) -> Response:
    """Mark the log of a run as complete; 200 without a body."""
    call.stores.run_reports.close_log(_pipeline_id(call), call.values["runId"])
    return empty_answer()


def log(call: ApiCall) -> Response:
    """Up to `limit` characters of a log from `after` on, and the position to continue at."""
    pipeline, journal = _pipeline_id(call), call.stores.run_reports
    run = call.values.get("runId") or journal.latest_run(pipeline) or ""
    start = cast("int", call.query.whole("after", 0, most=2**53))
    count = cast("int", call.query.whole("limit", _PAGE_CHARACTERS, least=1))
    text, end, total = journal.log(pipeline, run, start, count)
    answer = {"logs": text, "total": str(total)}
    if end < total:
        answer["after"] = str(end)
    return json_answer(answer)


def _pipeline_id(call: ApiCall) -> str:
    """The id of the ingestion pipeline in the path; raises `NotFoundError`."""
    return str(call.readable.get(call.key, fields=frozenset()).entity["id"])


def _decompressed(text: str) -> str:
    """The text of a log in gzip and base64, as clients send long ones; limited in size."""
    try:
        unpacker = zlib.decompressobj(_GZIP)
        unpacked = unpacker.decompress(base64.b64decode(text, validate=True), MAX_LOG_CHARACTERS)
    except (binascii.Error, ValueError, zlib.error):
        raise HTTPException(400, "[logs must be base64 of gzip, as compressed says]") from None
    return unpacked.decode("utf-8", "replace")
