"""Writes what lies beside entities: samples, profiles, runs, usage, edges (§3.0, §3.1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import kind_of, unknown_task
from om_ingest.model.attachment import (
    AddPipelineStatusRequest,
    AddSampleDataRequest,
    AddTableProfileRequest,
    AddUsageRequest,
)
from om_ingest.model.entity import AttachmentRequest, EntityReference
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.openmetadata.beside import Beside, day_in
from om_ingest.openmetadata.bodies import dumped
from om_ingest.openmetadata.edges import EdgeWriter, Sent
from om_ingest.openmetadata.evidence import naming, naming_id
from om_ingest.openmetadata.existing import Existing
from om_ingest.openmetadata.ids import found
from om_ingest.openmetadata.network.answers import Answer, Evidence
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.network.transport import path_of
from om_ingest.openmetadata.payloads import Part
from om_ingest.openmetadata.results import RowResult, failed, refused
from om_ingest.openmetadata.server import Server
from om_ingest.store import Outcome

_PIPELINE_COUNT = 1000
"""Of how many pipelines the names of tasks are remembered."""


class Attacher:
    """Writes edges and attachments one by one. Thread-safe."""

    def __init__(self, server: Server, existing: Existing) -> None:
        self._server = server
        self._existing = existing
        self._begun_ms = time.time() * 1000
        self._unreadable: set[str] = set()
        """What the server does not show, so that it is always written."""
        self._lock = threading.Lock()
        self._tasks: dict[str, frozenset[str]] = {}
        """Names of the tasks of pipelines, by FQN."""

    def beside(self, records: Sequence[AttachmentRequest]) -> Beside:
        """What the server has of the attachments of one batch."""
        return Beside(self._server, self._existing, records, self._unreadable, self._begun_ms)

    def attach(
        self, record: AddLineageRequest | AttachmentRequest, edges: EdgeWriter, beside: Beside
    ) -> RowResult:
        """Write an edge or an attachment that is not there; an attachment replaces an earlier
        one.
        """
        try:
            outcome, answer = self._sent(record, edges, beside)
            is_missing = answer is not None and answer.status == 404 and not answer.lacks_route
            if is_missing and self._server.ids.forget(_pointers(record)):
                # The entity was created again, with another id.
                outcome, answer = self._sent(record, edges, beside)
        except (RecordError, RequestFailedError) as error:
            return failed(error)
        return RowResult(outcome) if answer is None or answer.is_done else refused(answer)

    def forget_tasks(self, fqn: str) -> None:
        """Ask for the tasks of a pipeline again: it was written."""
        with self._lock:
            self._tasks.pop(fqn, None)

    def _sent(
        self, record: AddLineageRequest | AttachmentRequest, edges: EdgeWriter, beside: Beside
    ) -> Sent:
        if isinstance(record, AddLineageRequest):
            return edges.put(record)
        if isinstance(record, AddUsageRequest):
            _check_day(record.usage.date)
        body = dumped(record, self._server.dialect)
        outcome = beside.outcome(record, body)
        if outcome is Outcome.UNCHANGED:
            return Sent(outcome)
        answer = self._attachment_sent(record, body)
        beside.wrote()
        return Sent(outcome, answer)

    def _attachment_sent(self, record: AttachmentRequest, body: dict[str, Any]) -> Answer:
        target = record.target
        kind = kind_of(target.type)
        if isinstance(record, AddPipelineStatusRequest):
            fqn, run = body["pipeline"], self._part(record.pipelineStatus, body["pipelineStatus"])
            self._check_tasks(fqn, [task["name"] for task in run.body["taskStatus"]])
            path = f"{path_of(kind.collection, fqn)}/status"
            return self._send("PUT", path, run, naming(kind, fqn))
        entity_id = self._server.ids.resolved(dumped(target, self._server.dialect))["id"]
        below = f"{kind.collection}/{entity_id}"
        named = naming_id(target.type, entity_id)
        if isinstance(record, AddSampleDataRequest):
            rows = self._part(record.sampleData, body["sampleData"])
            return self._send("PUT", f"{below}/sampleData", rows, named)
        if isinstance(record, AddTableProfileRequest):
            profile = self._part(record.profile, body["profile"])
            return self._send("PUT", f"{below}/tableProfile", profile, named)
        if isinstance(record, AddUsageRequest):
            # POST replaces the day's count; PUT would add to it each time that it is sent.
            usage = self._part(record.usage, body["usage"])
            return self._send("POST", f"usage/{target.type}/{entity_id}", usage, named)
        raise RecordError(
            f"not a record: {type(record).__name__}", "Yield the records of om_ingest.model."
        )

    def _part(self, told: Any, body: dict[str, Any]) -> Part:
        return Part(type(told), body, self._server.dialect)

    def _send(self, method: str, path: str, part: Part, evidence: Evidence) -> Answer:
        def send(parts: Sequence[Part]) -> Answer:
            content = parts[0].content
            return self._server.transport.request(method, path, body=content, evidence=evidence)

        return self._server.trials.sent([part], send)

    def _check_tasks(self, fqn: str, given: Iterable[str]) -> None:
        """Raise `RecordError` for a task that the pipeline does not have.

        Servers answer 500 to one of a pipeline without tasks, and would each time.
        """
        unknown = frozenset(given)
        if not unknown or unknown <= self._tasks.get(fqn, frozenset()):
            return
        answer = self._server.by_name("pipeline", fqn, fields="tasks")
        tasks = found("pipeline", fqn, answer).get("tasks") or ()
        known = frozenset(str(task["name"]) for task in tasks)
        with self._lock:
            if len(self._tasks) >= _PIPELINE_COUNT:
                self._tasks.pop(next(iter(self._tasks)))
            self._tasks[fqn] = known
        if unknown - known:
            raise RecordError(unknown_task(fqn, min(unknown - known)), "Add it to its tasks.")


def _check_day(day: str) -> None:
    """Raise `RecordError` for what is no day: a server's database refuses it, which is a 500."""
    if day_in(day) is None:
        what = f"usage.date: {day!r} is no date: write it as YYYY-MM-DD"
        raise RecordError(what, "Correct it.")


def _pointers(record: AddLineageRequest | AttachmentRequest) -> list[EntityReference]:
    if not isinstance(record, AddLineageRequest):
        return [record.target]
    edge = record.edge
    pipeline = edge.lineageDetails.pipeline if edge.lineageDetails else None
    return [edge.fromEntity, edge.toEntity, *((pipeline,) if pipeline else ())]
