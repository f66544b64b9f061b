"""Rows of a request of their own: they tell whether they were created or changed."""

from __future__ import annotations

from typing import NamedTuple

from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.writing.bodies import Row
from om_ingest.store import Outcome


class Settled(NamedTuple):
    """What became of a row."""

    outcome: Outcome
    reason: str = ""
    """Why it failed; empty otherwise."""


def put_one(server: Server, row: Row) -> Settled:
    """Create or update one entity."""
    try:
        answer = server.transport.request("PUT", row.kind.collection, body=row.content)
        if answer.status == 409:  # something above it is being deleted, or a race for its name
            server.transport.pause()
            answer = server.transport.request("PUT", row.kind.collection, body=row.content)
    except RequestFailedError as error:
        return Settled(Outcome.FAILED, error.what)
    return outcome_of(answer)


def outcome_of(answer: Answer) -> Settled:
    """What the answer to a PUT says (contract §6.1)."""
    if not answer.is_done:
        return Settled(Outcome.FAILED, answer.reason)
    if answer.status == 201 or answer.change == "entityCreated":
        return Settled(Outcome.CREATED)
    unchanged = answer.change == "entityNoChange"
    return Settled(Outcome.UNCHANGED if unchanged else Outcome.UPDATED)
