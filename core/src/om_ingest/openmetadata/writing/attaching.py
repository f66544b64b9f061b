"""Writes lineage edges and attachments of entities (REST contract §3.1, §4)."""

from __future__ import annotations

from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import kind_of
from om_ingest.model.attachment import (
    AddPipelineStatusRequest,
    AddSampleDataRequest,
    AddTableProfileRequest,
    AddUsageRequest,
)
from om_ingest.model.entity import AttachmentRequest, EntityReference
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.network.transport import json_of, path_of
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.writing.bodies import dumped
from om_ingest.openmetadata.writing.single import Settled
from om_ingest.store import Outcome

_KEPT_BY_SERVER = ("createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges")


def attach(server: Server, record: AddLineageRequest | AttachmentRequest) -> Settled:
    """Write an edge or an attachment; a repetition replaces it."""
    try:
        answer = _sent(server, record)
        if answer.status == 404 and server.ids.forget(_pointers(record)):
            answer = _sent(server, record)  # the entity was created again, with another id
    except RecordError as error:
        return Settled(Outcome.FAILED, error.what)
    except RequestFailedError as error:
        return Settled(Outcome.FAILED, error.what)
    if not answer.is_done:
        return Settled(Outcome.FAILED, answer.reason)
    return Settled(Outcome.WRITTEN)


def _pointers(record: AddLineageRequest | AttachmentRequest) -> list[EntityReference]:
    if not isinstance(record, AddLineageRequest):
        return [record.target]
    edge = record.edge
    pipeline = edge.lineageDetails.pipeline if edge.lineageDetails else None
    return [edge.fromEntity, edge.toEntity, *((pipeline,) if pipeline else ())]


def _sent(server: Server, record: AddLineageRequest | AttachmentRequest) -> Answer:
    body = dumped(record)
    request = server.transport.request
    if isinstance(record, AddLineageRequest):
        return request("PUT", "lineage", body=json_of(_edge(server, body)))
    if isinstance(record, AddPipelineStatusRequest):
        path = f"{path_of('pipelines', record.pipeline)}/status"
        return request("PUT", path, body=json_of(body["pipelineStatus"]))
    target = record.target
    entity_id = server.ids.resolved(dumped(target))["id"]
    below = f"{kind_of(target.type).collection}/{entity_id}"
    if isinstance(record, AddSampleDataRequest):
        return request("PUT", f"{below}/sampleData", body=json_of(body["sampleData"]))
    if isinstance(record, AddTableProfileRequest):
        return request("PUT", f"{below}/tableProfile", body=json_of(body["profile"]))
    if isinstance(record, AddUsageRequest):
        # POST replaces the day's count; PUT would add to it each time that it is sent.
        path = f"usage/{target.type}/{entity_id}"
        return request("POST", path, body=json_of(body["usage"]))
    raise RecordError(
        f"not a record: {type(record).__name__}", "Yield the records of om_ingest.model."
    )


def _edge(server: Server, body: dict[str, Any]) -> dict[str, Any]:
    edge: dict[str, Any] = body["edge"]
    for end in ("fromEntity", "toEntity"):
        edge[end] = server.ids.resolved(edge[end])
    details = edge.get("lineageDetails")
    if details is not None:
        for name in _KEPT_BY_SERVER:
            details.pop(name, None)
        if "pipeline" in details:
            details["pipeline"] = server.ids.resolved(details["pipeline"])
    return body
