"""Identity of the caller, from the claims of the token (REST contract §1.1)."""

from __future__ import annotations

import base64
import binascii
import json
from functools import lru_cache
from typing import Any

from om_ingest_catalog import Actor
from starlette.exceptions import HTTPException

_SCHEME = "Bearer "  # literal and case-sensitive, as OpenMetadata reads it
_PRINCIPAL_CLAIMS = ("email", "preferred_username", "sub")
_MAX_NAME = 256


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization` header; None if there is none."""
    if authorization is None or not authorization.startswith(_SCHEME):
        return None
    return authorization[len(_SCHEME) :].strip() or None


@lru_cache(maxsize=256)
def actor_of(token: str | None) -> Actor:
    """The actor of a token's claims; the signature is not verified.

    Without a token, or if it is not a JWT with a name, it is `ingestion-bot`, the bot of
    OpenMetadata's ingestion.
    """
    claims = _claims(token) if token else {}
    for claim in _PRINCIPAL_CLAIMS:
        value = claims.get(claim)
        if isinstance(value, str) and (name := value.partition("@")[0].strip().lower()):
            return Actor(name[:_MAX_NAME], claims.get("isBot") is True)
    return Actor()


def impersonated(user: str | None, actor: Actor) -> Actor:
    """The actor on behalf of `user`, the value of `X-Impersonate-User`; unchanged without one.

    The rules for bots still apply. Raises `HTTPException` (403) if the actor is not a bot.
    """
    name = (user or "").strip().lower()[:_MAX_NAME]
    if not name:
        return actor
    if not actor.is_bot:
        raise HTTPException(
            403,
            f"Principal: CatalogPrincipal{{name='{actor.name}'}} operations [Impersonate]"
            " not allowed",
        )
    return actor._replace(name=name, impersonated_by=actor.name)


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
