"""Writes lineage edges, completed with what is there (OpenMetadata REST contract §4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from om_ingest.errors import RecordError
from om_ingest.kinds import KEPT_BY_SERVER, KINDS, changed_fields, settled_edge
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.openmetadata.bodies import dumped
from om_ingest.openmetadata.evidence import empty, graph_around, graph_into, is_absent, is_edge
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import path_of
from om_ingest.openmetadata.payloads import Part
from om_ingest.openmetadata.server import Server
from om_ingest.store import Outcome

Body = dict[str, Any]

_TRIAL_COUNT = 3
"""How often an edge is sent that the server does not have afterwards."""


class Sent(NamedTuple):
    """What became of an edge or an attachment."""

    outcome: Outcome
    """The outcome, unless the answer is a refusal."""

    answer: Answer | None = None
    """The answer to the last write; None where nothing was to be written."""


class EdgeWriter:
    """Writes edges one by one. Not thread-safe; lives as long as one batch.

    Edges are read in the graph around the entity that they lead to, which names both ends; the
    answer to a GET of one edge names neither. The graph is read once for edges that follow each
    other. With `override`, what the source says wins also where it would keep what is there.
    """

    def __init__(self, server: Server, *, override: bool = False) -> None:
        self._server = server
        self._override = override
        self._target = ""
        self._upstream: dict[str, Body] | None = None
        """Edges into `_target` by the id of their start; None if the server does not show them."""

    def put(self, record: AddLineageRequest) -> Sent:
        """Write an edge unless it is there as the record has it. Raises `RecordError`."""
        body = dumped(record, self._server.dialect)
        edge: Body = body["edge"]
        self._look_up(edge["toEntity"])
        for end in ("toEntity", "fromEntity"):
            edge[end] = self._server.ids.resolved(edge[end])
        # Servers up to 1.6 keep an edge without details, but answer 404 when it is read back.
        said: Body = edge.setdefault("lineageDetails", {})
        for name in KEPT_BY_SERVER:
            said.pop(name, None)
        if "pipeline" in said:
            said["pipeline"] = self._server.ids.resolved(said["pipeline"])
        start, target = edge["fromEntity"]["id"].lower(), edge["toEntity"]
        outcome, stored = self._stored(start, target)
        if stored is not None:
            before = settled_edge(stored.get("lineageDetails") or {}, {})
            details = settled_edge(before, said, override=self._override)
            if outcome is Outcome.UPDATED and not changed_fields(before, details):
                return Sent(Outcome.UNCHANGED)
            edge["lineageDetails"] = details
            if "pipeline" in details:
                details["pipeline"] = self._server.ids.resolved(details["pipeline"])
            if description := stored.get("description"):
                texts = settled_edge({"description": description}, edge, override=self._override)
                edge["description"] = texts["description"]
        answer, is_seen = self._sent(body, said)
        if answer.is_done and self._upstream is not None:
            self._upstream[start] = edge
        return Sent(outcome if is_seen else Outcome.WRITTEN, answer)

    def _stored(self, start: str, target: Body) -> tuple[Outcome, Body | None]:
        """What a PUT of an edge comes to, as far as that is known; the edge that is there."""
        if self._target != target["id"]:
            self._upstream, self._target = self._read_upstream(target), target["id"]
        if self._upstream is not None:
            stored = self._upstream.get(start)
            return Outcome.CREATED if stored is None else Outcome.UPDATED, stored
        answer = self._edge(start, target["id"])
        stored = {"lineageDetails": answer.body["edge"]} if answer.is_done else None
        return Outcome.WRITTEN, stored

    def _read_upstream(self, target: Body) -> dict[str, Body] | None:
        path = path_of("lineage", target["type"], target["id"])
        check = graph_around(target["id"])
        answer = self._server.get(path, check, upstreamDepth=1, downstreamDepth=0)
        return _edges_into(target["id"], answer.body) if answer.is_done else None

    def _look_up(self, target: Body) -> None:
        """Read the graph around an entity that is given by its FQN, if its id is not known.

        It tells the id, and those of the entities that edges to it begin at.
        """
        kind, fqn, ids = (
            KINDS.get(target["type"]),
            target.get("fullyQualifiedName"),
            self._server.ids,
        )
        if kind is None or not fqn or target.get("id") or ids.known_id(kind.entity_type, fqn):
            return
        path = path_of("lineage", kind.entity_type, "name", kind.spelled(fqn))
        check = graph_into(kind, fqn)
        answer = self._server.get(path, check, upstreamDepth=1, downstreamDepth=0)
        if not answer.is_done:
            return
        root = answer.body["entity"]
        for node in (root, *(answer.body.get("nodes") or ())):
            if node.get("type") in KINDS and not node.get("deleted"):
                ids.note(node["type"], node["fullyQualifiedName"], node["id"])
        self._target, self._upstream = root["id"], _edges_into(root["id"], answer.body)

    def _sent(self, body: Body, said: Body) -> tuple[Answer, bool]:
        """The answer to the PUT of an edge, and whether the server shows the edge afterwards."""
        edge, transport = body["edge"], self._server.transport

        def send(parts: Sequence[Part]) -> Answer:
            content = parts[0].content
            return transport.request("PUT", "lineage", body=content, evidence=empty(200))

        ids = edge["fromEntity"]["id"], edge["toEntity"]["id"]
        for _ in range(_TRIAL_COUNT):
            while True:
                part = Part(AddLineageRequest, body, self._server.dialect)
                answer = self._server.trials.sent([part], send)
                if answer.is_done or not _drop_refused(edge["lineageDetails"], said, answer):
                    break
            if not answer.is_done:
                return answer, False
            seen = self._edge(*ids)  # the answer to the PUT names nothing
            if not is_absent(seen, "Lineage edge"):  # a server that cannot show edges is believed
                return answer, seen.is_done
            transport.pause()
        raise RecordError(
            "the server has answered (200) to the edge, and does not have it",
            "Look into the server's log, and for a proxy that answers instead of it.",
        )

    def _edge(self, start: str, target: str) -> Answer:
        return self._server.get(path_of("lineage", "getLineageEdge", start, target), is_edge)


def _edges_into(entity_id: str, graph: Body) -> dict[str, Body]:
    """The edges of a graph that lead to an entity, by the id of their start."""
    return {
        edge["fromEntity"].lower(): edge
        for edge in graph.get("upstreamEdges") or ()
        if edge["toEntity"].lower() == entity_id.lower()
    }


def _drop_refused(details: Body, said: Body, answer: Answer) -> bool:
    """Drop from details what a refusal names and the source does not say; whether there was any.

    That is a column or a pipeline that the stored edge has, and that is there no longer.
    """
    message = str(answer.body.get("message")) if isinstance(answer.body, dict) else ""
    if "pipeline" not in said and str(details.get("pipeline", {}).get("id", "\n")) in message:
        del details["pipeline"]
        return True
    named = {column for column in _columns(details) - _columns(said) if column in message}
    if not named:
        return False
    gone = max(named, key=len)  # one name may begin with another
    kept = []
    for item in details["columnsLineage"]:
        columns = [column for column in item.get("fromColumns") or () if column != gone]
        is_whole = columns or not item.get("fromColumns") or item.get("toColumn") in _columns(said)
        if item.get("toColumn") != gone and is_whole:
            kept.append({**item, "fromColumns": columns})
    details["columnsLineage"] = kept
    return True


def _columns(details: Body) -> set[str]:
    found: set[str] = set()
    for item in details.get("columnsLineage") or ():
        found.update(item.get("fromColumns") or (), {item.get("toColumn") or ""})
    return found - {""}
