"""Routes of users beyond the standard ones (contract §1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from om_ingest import NotFoundError, kinds
from starlette.responses import Response

from om_ingest_catalog_server.answers import href, json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import Execution, Route, not_implemented

_DOMAIN = "open-metadata.org"
_USER = kinds.KINDS["user"]


def routes() -> Iterator[Route]:
    """The user of the token; accounts with passwords are not implemented."""
    logged_in = "Get the user of the token"
    yield Route(
        "GET",
        "users/loggedInUser",
        logged_in_user,
        logged_in,
        Execution.INLINE,
        _USER,
        tells_identity=True,
    )
    for path in (
        "login",
        "logout",
        "signup",
        "refresh",
        "registrationConfirmation",
        "resendRegistrationToken",
        "generatePasswordResetLink",
        "password/reset",
    ):
        yield not_implemented("POST", f"users/{path}", "Accounts with passwords")
    yield not_implemented("GET", "users/auth-mechanism/{id}", "The token of a bot")
    yield not_implemented("GET", "users/token/{id}", "The token of a bot")
    yield not_implemented("PUT", "users/generateToken/{id}", "The token of a bot")


def logged_in_user(call: ApiCall) -> Response:
    """The user of the token, from the catalog if it is there, else from the token's claims."""
    actor = call.actor
    try:
        entity = call.readable.get(actor.name, fields=call.fields).entity
    except NotFoundError:
        entity = {
            "id": str(uuid5(NAMESPACE_URL, f"{_DOMAIN}/users/{actor.name}")),
            "name": actor.name,
            "fullyQualifiedName": actor.name,
            "email": f"{actor.name}@{_DOMAIN}",
            "isBot": actor.is_bot and actor.impersonated_by is None,
            "isAdmin": False,
            "version": 0.1,
            "updatedAt": 0,
            "updatedBy": actor.name,
            "deleted": False,
        }
    entity["href"] = href(call, _USER, entity["id"])
    return json_answer(entity)
