"""Sample data, and results of connection tests (contract §2, §3.0)."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import kinds
from om_ingest.model import TableData, TopicSampleData
from starlette.responses import Response

from om_ingest_catalog_server import showing
from om_ingest_catalog_server.answers import entity_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Route

_SAMPLED = ("table", "topic", "container", "searchIndex", "file")
_WITHOUT_DELETE = "searchIndex"  # OpenMetadata has no DELETE for its sample data


def routes() -> Iterator[Route]:
    """The routes of the kinds that have data or a connection."""
    write = Execution.WRITING
    for name in _SAMPLED:
        kind = kinds.KINDS[name]
        path = f"{kind.collection}/{{id}}/sampleData"
        yield Route("GET", path, get, f"Get a {name} with its sample data", Execution.READING, kind)
        yield Route("PUT", path, put, f"Store sample data of a {name}", write, kind, JSON)
        if name != _WITHOUT_DELETE:
            yield Route("DELETE", path, delete, f"Delete the sample data of a {name}", write, kind)
    for kind in kinds.SERVICE_KINDS.values():
        path = f"{kind.collection}/{{id}}/testConnectionResult"
        yield Route("PUT", path, put_test, "Store a connection test result", write, kind, JSON)


def get(call: ApiCall) -> Response:
    """The entity with its sample data, if it has any."""
    attachments = call.stores.reading.attachments
    return entity_answer(call, attachments.sample_data(call.kind.entity_type, call.key))


def put(call: ApiCall) -> Response:
    """Store sample data; the entity with it."""
    attachments = call.stores.writing.attachments
    has_rows = any(path[-1] == "columns" for path in call.kind.members)
    data = call.mapped(TableData if has_rows else TopicSampleData, call.object())
    entity = attachments.put_sample_data(call.kind.entity_type, call.key, data)
    return entity_answer(call, entity, complete=showing.sampled)


def delete(call: ApiCall) -> Response:
    """Delete the sample data; the entity without it."""
    attachments = call.stores.writing.attachments
    entity = attachments.delete_sample_data(call.kind.entity_type, call.key)
    return entity_answer(call, entity)


def put_test(call: ApiCall) -> Response:
    """Store the result of a connection test; the service with it."""
    attachments = call.stores.writing.attachments
    entity = attachments.put_test_connection(call.kind.entity_type, call.key, call.object())
    return entity_answer(call, entity)
