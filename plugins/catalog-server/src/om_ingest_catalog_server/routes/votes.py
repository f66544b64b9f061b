"""Followers and votes of entities of every kind (contract §3.0)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, cast, get_args
from uuid import UUID, uuid4

from om_ingest import kinds
from om_ingest_catalog import Vote
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server.answers import CHANGE_HEADER, entity_of, json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Route

_CHANGED = "entityFieldsChanged"


def routes() -> Iterator[Route]:
    """The routes for every kind; kinds without the field answer 400."""
    for kind in kinds.KINDS.values():
        top, what, write = f"{kind.collection}/{{id}}", kind.entity_type, Execution.WRITING
        yield Route(
            "PUT", f"{top}/followers", follow, f"Add a follower to a {what}", write, kind, JSON
        )
        stop = f"Remove a follower from a {what}"
        yield Route("DELETE", f"{top}/followers/{{userId}}", unfollow, stop, write, kind)
        yield Route("PUT", f"{top}/vote", vote, f"Vote for or against a {what}", write, kind, JSON)


def follow(call: ApiCall) -> Response:
    """Add a follower; the body is the id of a user, as a JSON string."""
    try:
        user = UUID(call.body if isinstance(call.body, str) else "")
    except ValueError:
        raise HTTPException(400, "Invalid request format: the id of a user is needed") from None
    attachments = call.stores.writing.attachments
    entity = attachments.follow(call.kind.entity_type, call.key, user)
    return _changed(call, entity, fieldsAdded=[_followers(user, "newValue")])


def unfollow(call: ApiCall) -> Response:
    """Remove a follower."""
    attachments, user = call.stores.writing.attachments, call.identifier("userId")
    entity = attachments.unfollow(call.kind.entity_type, call.key, user)
    return _changed(call, entity, fieldsDeleted=[_followers(user, "oldValue")])


def _followers(user: UUID, side: str) -> dict[str, Any]:
    return {"name": "followers", side: [{"id": str(user), "type": "user"}]}


def vote(call: ApiCall) -> Response:
    """Store the vote of the token's user, who must be in the catalog."""
    given = call.object().get("updatedVoteType")
    if given not in get_args(Vote) or len(call.object()) != 1:
        raise HTTPException(400, f"[updatedVoteType must be one of {list(get_args(Vote))}]")
    return _changed(
        call,
        call.stores.writing.attachments.vote(
            call.kind.entity_type, call.key, call.actor.name, cast("Vote", given)
        ),
    )


def _changed(call: ApiCall, entity: dict[str, Any], **changes: list[dict[str, Any]]) -> Response:
    """The change event that OpenMetadata answers with; `changes` are those of its description."""
    description = {"previousVersion": entity["version"], **changes}
    event = {
        "id": str(uuid4()),
        "eventType": "entityUpdated" if changes else _CHANGED,
        **({"changeDescription": description} if changes else {}),
        "entityType": call.kind.entity_type,
        "entityId": entity["id"],
        "entityFullyQualifiedName": entity["fullyQualifiedName"],
        "previousVersion": entity["version"],
        "currentVersion": entity["version"],
        "userName": call.actor.name,
        "timestamp": time.time_ns() // 1_000_000,
        "entity": entity_of(call, entity),
    }
    return json_answer(event, 200, {CHANGE_HEADER: _CHANGED})
