"""Writes records of mixed kinds to a server, those that others depend on first (§3.1, §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, Parcel, Refusals, kind_of
from om_ingest.model import fqn as names
from om_ingest.model.attachment import (
    AddPipelineStatusRequest,
    AddSampleDataRequest,
    AddTableProfileRequest,
    AddUsageRequest,
)
from om_ingest.model.entity import AttachmentRequest, CreateRequest, EntityReference
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.openmetadata.bodies import Row, dumped, row_of
from om_ingest.openmetadata.bulk import BulkWriter, Settled, refused
from om_ingest.openmetadata.evidence import (
    MissingError,
    empty,
    is_absent,
    is_edge,
    naming,
    naming_id,
)
from om_ingest.openmetadata.network.answers import Answer, Evidence
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.network.transport import json_of, path_of
from om_ingest.openmetadata.server import Server
from om_ingest.store import Outcome, WriteResult

_KEPT_BY_SERVER = ("createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges")

_EDGE_COUNT = 3
"""How often an edge is sent that the server does not have afterwards."""


class Writer:
    """Writes batches of records. Thread-safe."""

    def __init__(self, server: Server, bulk: BulkWriter) -> None:
        self._server = server
        self._bulk = bulk

    def write(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """Create or update; one result per record, in the same order.

        Raises `ServerError` when the server fails altogether or refuses us.
        """
        settled: dict[int, Settled] = {}
        refusals = Refusals()
        for places in _waves(parcels):
            self._write_wave(parcels, places, settled, refusals)
        for place, (outcome, reason, missing) in settled.items():
            if missing is not None:
                settled[place] = Settled(outcome, reason, self._server.ids.forget_missing(missing))
        return [WriteResult(parcel.record, *settled[place]) for place, parcel in enumerate(parcels)]

    def _write_wave(
        self,
        parcels: Sequence[Parcel],
        places: list[int],
        settled: dict[int, Settled],
        refusals: Refusals,
    ) -> None:
        """Write records of one kind; children of failed records are not sent."""
        rows: dict[int, Row] = {}
        for place in places:
            parcel, record = parcels[place], parcels[place].record
            if refusals.includes_parent(parcel):
                settled[place] = Settled(Outcome.FAILED, *refusals.add(parcel))
            elif isinstance(record, CreateRequest):
                try:
                    if self._stays(parcel):
                        settled[place] = Settled(Outcome.UNCHANGED)
                    else:
                        rows[place] = row_of(parcel, record, self._server)
                except RecordError as error:
                    failed = _failed(error)
                    added = refusals.add(parcel, failed.reason, failed.missing)
                    settled[place] = Settled(Outcome.FAILED, *added)
            else:
                settled[place] = self._attached(parcel.content)
        for place, result in zip(rows, self._bulk.put(list(rows.values())), strict=True):
            settled[place] = result
            if result.outcome is Outcome.FAILED:
                refusals.add(parcels[place], result.reason, result.missing)
            else:
                refusals.discard(parcels[place])

    def _stays(self, parcel: Parcel) -> bool:
        """Whether it is an existing service that must not be overwritten (§11.2)."""
        kind, config = kind_of(parcel.record), self._server.config
        if kind.segment is None or config.forceEntityOverwriting:
            return False
        fqn = names.quote(parcel.name)
        answer = self._server.by_name(kind.entity_type, fqn)
        if answer.is_done or is_absent(answer, fqn):
            return answer.is_done
        raise RecordError(
            f"it is not known whether the {kind.entity_type} {fqn} is there: {answer.reason}",
            "Do what the server says, or set forceEntityOverwriting.",
        )

    def _attached(self, record: Record) -> Settled:
        if isinstance(record, ScopeComplete):
            return Settled(Outcome.UNCHANGED)
        if isinstance(record, (AddLineageRequest, AttachmentRequest)):
            return attach(self._server, record)
        return Settled(Outcome.FAILED, f"not a record: {type(record).__name__}")


def _waves(parcels: Sequence[Parcel]) -> Iterator[list[int]]:
    """Indexes of records of one kind, independent of each other, in the order of delivery."""

    def key(place: int) -> tuple[int, str, int]:
        parcel = parcels[place]
        return parcel.level, getattr(parcel.record, "entity_type", ""), _nesting(parcel)

    for _, places in groupby(sorted(range(len(parcels)), key=key), key):
        yield list(places)


def _nesting(parcel: Parcel) -> int:
    """Depth of an entity within its own kind, for kinds that contain themselves: containers."""
    kind = KINDS.get(getattr(parcel.record, "entity_type", ""))
    if kind is None or kind.nested_field is None or parcel.identity is None:
        return 0
    try:
        return len(names.split(parcel.identity[1]))
    except RecordError:
        return 0


def attach(server: Server, record: AddLineageRequest | AttachmentRequest) -> Settled:
    """Write an edge or an attachment; a repetition replaces it."""
    try:
        answer = _sent(server, record)
        if answer.status == 404 and server.ids.forget(_pointers(record)):
            answer = _sent(server, record)  # the entity was created again, with another id
    except (RecordError, RequestFailedError) as error:
        return _failed(error)
    return Settled(Outcome.WRITTEN) if answer.is_done else refused(answer)


def _failed(error: RecordError | RequestFailedError) -> Settled:
    missing = error.missing if isinstance(error, MissingError) else None
    return Settled(Outcome.FAILED, error.what, missing)


def _pointers(record: AddLineageRequest | AttachmentRequest) -> list[EntityReference]:
    if not isinstance(record, AddLineageRequest):
        return [record.target]
    edge = record.edge
    pipeline = edge.lineageDetails.pipeline if edge.lineageDetails else None
    return [edge.fromEntity, edge.toEntity, *((pipeline,) if pipeline else ())]


def _sent(server: Server, record: AddLineageRequest | AttachmentRequest) -> Answer:
    body = dumped(record)

    def send(method: str, path: str, body: dict[str, Any], evidence: Evidence) -> Answer:
        return server.transport.request(method, path, body=json_of(body), evidence=evidence)

    if isinstance(record, AddLineageRequest):
        body = _edge(server, body)
        ends = [body["edge"][end]["id"] for end in ("fromEntity", "toEntity")]
        for _ in range(_EDGE_COUNT):
            answer = send("PUT", "lineage", body, empty(200))  # §4
            if not answer.is_done or _has_edge(server, *ends):
                return answer
            server.transport.pause()
        raise RecordError(
            "the server has answered (200) to the edge, and does not have it",
            "Look into the server's log, and for a proxy that answers instead of it.",
        )
    target = record.target
    kind = kind_of(target.type)
    if isinstance(record, AddPipelineStatusRequest):
        path = f"{path_of(kind.collection, record.pipeline)}/status"
        return send("PUT", path, body["pipelineStatus"], naming(kind, record.pipeline))
    entity_id = server.ids.resolved(dumped(target))["id"]
    below = f"{kind.collection}/{entity_id}"
    named = naming_id(target.type, entity_id)
    if isinstance(record, AddSampleDataRequest):
        return send("PUT", f"{below}/sampleData", body["sampleData"], named)
    if isinstance(record, AddTableProfileRequest):
        return send("PUT", f"{below}/tableProfile", body["profile"], named)
    if isinstance(record, AddUsageRequest):
        # POST replaces the day's count; PUT would add to it each time that it is sent.
        return send("POST", f"usage/{target.type}/{entity_id}", body["usage"], named)
    raise RecordError(
        f"not a record: {type(record).__name__}", "Yield the records of om_ingest.model."
    )


def _has_edge(server: Server, from_id: str, to_id: str) -> bool:
    """Whether an edge is not missing: the answer to its PUT names nothing, so it is read back.

    A server that cannot show edges, or does not allow it, leaves the answer to the PUT.
    """
    path = path_of("lineage", "getLineageEdge", from_id, to_id)
    return not is_absent(server.get(path, is_edge), "Lineage edge")


def _edge(server: Server, body: dict[str, Any]) -> dict[str, Any]:
    edge: dict[str, Any] = body["edge"]
    for end in ("fromEntity", "toEntity"):
        edge[end] = server.ids.resolved(edge[end])
    # Servers up to 1.6 keep an edge without details, but answer 404 when it is read back.
    details = edge.setdefault("lineageDetails", {})
    for name in _KEPT_BY_SERVER:
        details.pop(name, None)
    if "pipeline" in details:
        details["pipeline"] = server.ids.resolved(details["pipeline"])
    return body
