"""Writes one entity per request; the answer tells whether it was created or changed."""

from __future__ import annotations

from typing import NamedTuple

from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.writing.bodies import Row
from om_ingest.store import Outcome


class Settled(NamedTuple):
    """Result of one row."""

    outcome: Outcome
    reason: str = ""
    """Why it failed; empty otherwise."""


def put_one(server: Server, row: Row) -> Settled:
    """Create or update one entity."""
    try:
        answer = server.transport.request("PUT", row.kind.collection, body=row.content)
        if answer.status == 409:  # a parent is being deleted, or a concurrent create
            server.transport.pause()
            answer = server.transport.request("PUT", row.kind.collection, body=row.content)
    except RequestFailedError as error:
        return Settled(Outcome.FAILED, error.what)
    return outcome_of(answer)


def outcome_of(answer: Answer) -> Settled:
    """Result from the answer to a PUT (contract §6.1)."""
    if not answer.is_done:
        return Settled(Outcome.FAILED, answer.reason)
    if answer.status == 201 or answer.change == "entityCreated":
        return Settled(Outcome.CREATED)
    unchanged = answer.change == "entityNoChange"
    return Settled(Outcome.UNCHANGED if unchanged else Outcome.UPDATED)
