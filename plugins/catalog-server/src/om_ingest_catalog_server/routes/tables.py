"""Profiles, joins, data models, metrics and columns of tables (contract §3.0)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from om_ingest import kinds
from om_ingest.model import CreateTableProfileRequest, DataModel, TableJoins
from om_ingest_catalog import Attachments, ProfileType
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server.answers import entity_answer, json_answer, series_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Handler, Route, not_implemented

_TABLE = kinds.KINDS["table"]
_PROFILES: dict[str, ProfileType] = {"table": "table", "column": "column", "system": "system"}
_PAGE = 50


def routes() -> Iterator[Route]:
    """The routes below `/tables/{id}` and `/tables/{fqn}`."""
    by_id, by_fqn, by_name = "tables/{id}", "tables/{fqn}", "tables/name/{fqn}"
    yield _put(f"{by_id}/tableProfile", put_profile, "Store profiles of a table and its columns")
    yield _get(f"{by_fqn}/tableProfile/latest", latest, "Get a table with its latest profiles")
    for name in _PROFILES:
        yield _get(f"{by_fqn}/{name}Profile", profiles, f"List {name} profiles, latest first")
    one = "{fqn}/{profiled}/{timestamp}/profile"
    yield _delete(f"tables/{one}", delete_profile, "Delete the profile with a timestamp")
    yield _put(f"{by_id}/joins", put_joins, "Store the joins of a table")
    yield _put(f"{by_id}/dataModel", put_data_model, "Store the data model of a table")
    config = f"{by_id}/tableProfilerConfig"
    yield _get(config, profiler_config, "Get a table with its profiler configuration")
    yield _put(config, put_profiler_config, "Store the profiler configuration of a table")
    yield _delete(config, delete_profiler_config, "Delete the profiler configuration of a table")
    metric = f"{by_id}/customMetric"
    yield _put(metric, put_metric, "Store a custom metric of a table or column")
    yield _delete(f"{metric}/{{name}}", delete_metric, "Delete a metric of a table")
    yield _delete(f"{metric}/{{column}}/{{name}}", delete_metric, "Delete a metric of a column")
    for path in (by_id, by_name):
        yield _get(f"{path}/columns", columns, "List the columns of a table")
        yield not_implemented("GET", f"{path}/columns/search", "Search columns by name")
    observed = f"{by_id}/pipelineObservability"
    yield not_implemented("GET", observed, "List the pipelines that write a table")
    yield not_implemented("PUT", observed, "Store the pipelines that write a table")
    yield not_implemented("DELETE", observed, "Remove the pipelines that write a table")
    yield not_implemented(
        "PUT", f"{observed}/{{pipelineFqn}}", "Store a pipeline that writes a table"
    )
    yield not_implemented(
        "DELETE", f"{observed}/{{pipelineFqn}}", "Forget a pipeline that writes a table"
    )


def _get(path: str, handler: Handler, summary: str) -> Route:
    return Route("GET", path, handler, summary, Execution.READING, _TABLE)


def _put(path: str, handler: Handler, summary: str) -> Route:
    return Route("PUT", path, handler, summary, Execution.WRITING, _TABLE, JSON)


def _delete(path: str, handler: Handler, summary: str) -> Route:
    return Route("DELETE", path, handler, summary, Execution.WRITING, _TABLE)


def put_profile(call: ApiCall) -> Response:
    """Store profiles; the table with its latest profile."""
    profile = call.mapped(CreateTableProfileRequest, call.object())
    return entity_answer(call, _written(call).put_table_profile(call.key, profile))


def latest(call: ApiCall) -> Response:
    """The table with the latest profiles of itself and its columns."""
    return entity_answer(call, call.stores.reading.attachments.latest_profile(call.key))


def profiles(call: ApiCall) -> Response:
    """The profiles from `startTs` to `endTs`."""
    name = call.route.segments[-1].removesuffix("Profile")
    start, end = call.query.span
    found = call.stores.reading.attachments.profiles(call.key, _PROFILES[name], start, end)
    return series_answer(call, found)


def delete_profile(call: ApiCall) -> Response:
    """Delete a profile; 404 if there is none."""
    name = call.values["profiled"]
    if name not in _PROFILES:
        raise HTTPException(400, f"A profile is one of {list(_PROFILES)}, not of {name}")
    at = call.milliseconds("timestamp")
    _written(call).delete_profile(call.key, _PROFILES[name], at)
    return json_answer({})


def put_joins(call: ApiCall) -> Response:
    """Store joins; the table with the sums of its joins."""
    joins = call.mapped(TableJoins, call.object())
    return entity_answer(call, _written(call).put_joins(call.key, joins))


def put_data_model(call: ApiCall) -> Response:
    """Store a data model; the table with it."""
    data_model = call.mapped(DataModel, call.object())
    return entity_answer(call, _written(call).put_data_model(call.key, data_model))


def profiler_config(call: ApiCall) -> Response:
    """The table with its profiler configuration, if it has one."""
    return entity_answer(call, call.stores.reading.attachments.profiler_config(call.key))


def put_profiler_config(call: ApiCall) -> Response:
    """Store a profiler configuration; the table with it."""
    return entity_answer(call, _written(call).put_profiler_config(call.key, call.object()))


def delete_profiler_config(call: ApiCall) -> Response:
    """Delete the profiler configuration; the table without it."""
    return entity_answer(call, _written(call).delete_profiler_config(call.key))


def put_metric(call: ApiCall) -> Response:
    """Store a custom metric; the table with its metrics."""
    return entity_answer(call, _written(call).put_custom_metric(call.key, call.object()))


def delete_metric(call: ApiCall) -> Response:
    """Delete a custom metric; the table without it."""
    name, column = call.values["name"], call.values.get("column")
    return entity_answer(call, _written(call).delete_custom_metric(call.key, name, column))


def columns(call: ApiCall) -> Response:
    """Up to `limit` columns from `offset` on."""
    start = cast("int", call.query.whole("offset", 0))
    count = cast("int", call.query.whole("limit", _PAGE, least=1, most=1000))
    found = call.readable.get(
        call.key, include=call.query.include, fields=call.fields | {"columns"}
    )
    every = found.entity["columns"]
    paging = {"offset": start, "limit": count, "total": len(every)}
    return json_answer({"data": every[start : start + count], "paging": paging})


def _written(call: ApiCall) -> Attachments:
    return call.stores.writing.attachments
