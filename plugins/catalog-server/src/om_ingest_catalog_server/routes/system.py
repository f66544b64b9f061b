"""The server about itself (contract §1.3)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import sha1

from om_ingest import kinds
from starlette.responses import Response

from om_ingest_catalog_server.answers import json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import Execution, Route, not_implemented

_STARTED_MS = time.time_ns() // 1_000_000


def routes() -> Iterator[Route]:
    """Version, health, configuration, counters, limits."""
    once = Execution.INLINE
    yield Route("GET", "system/version", version, "The version that --om-version says", once)
    yield Route("GET", "system/health", health, "OK, as plain text", once)
    yield Route("GET", "system/status", status, "What the server depends on, and its state")
    yield Route("GET", "system/config/auth", auth, "How to log in: not at all", once)
    yield Route("GET", "system/config/authorizer", authorizer, "Who may do what", once)
    yield Route("GET", "system/config/jwks", jwks, "The server's keys: none", once)
    yield Route("GET", "system/entities/count", entities, "Live entities by kind")
    yield Route("GET", "system/services/count", services, "Live services by kind")
    yield Route("GET", "limits", limits, "Limits: none", once)
    yield Route("GET", "limits/features/{name}", feature, "The limit of a feature: none", once)
    for name in ("pipeline-service-client", "loginConfig", "customUiThemePreference", "rdf"):
        yield not_implemented("GET", f"system/config/{name}", "Configuration of the UI")
    yield not_implemented("GET", "system/settings", "All settings")
    yield not_implemented("PUT", "system/settings", "Change a setting")
    yield not_implemented("GET", "system/settings/{name}", "One setting")


def version(call: ApiCall) -> Response:
    """What clients compare with their own version."""
    text = call.settings.version
    revision = sha1(text.encode(), usedforsecurity=False).hexdigest()
    return json_answer({"version": text, "revision": revision, "timestamp": _STARTED_MS})


def health(call: ApiCall) -> Response:
    """Answers as long as the server runs."""
    return Response("OK", media_type="text/plain")


def status(call: ApiCall) -> Response:
    """Whether the catalog can be read; there is nothing else that could fail."""
    call.stores.reading.catalog.counts()
    passed = {"description": "The catalog file can be read", "passed": True}
    return json_answer({"database": passed})


def auth(call: ApiCall) -> Response:
    """Tells a UI that nobody has to log in."""
    return json_answer(
        {
            "provider": "no-auth",
            "publicKeyUrls": [],
            "authority": "",
            "clientId": "",
            "callbackUrl": "",
            "jwtPrincipalClaims": ["email", "preferred_username", "sub"],
            "enableSelfSignup": False,
        }
    )


def authorizer(call: ApiCall) -> Response:
    """Whoever may write may write everything."""
    return json_answer({"adminPrincipals": [], "botPrincipals": ["ingestion-bot"]})


def jwks(call: ApiCall) -> Response:
    """No signature is checked, so there is no key."""
    return json_answer({"keys": []})


def entities(call: ApiCall) -> Response:
    """How many live entities there are of each kind that has any."""
    return _counts(call, of_services=False)


def services(call: ApiCall) -> Response:
    """The same of services."""
    return _counts(call, of_services=True)


def _counts(call: ApiCall, *, of_services: bool) -> Response:
    counts = call.stores.reading.catalog.counts()
    return json_answer(
        {
            f"{name}Count": count
            for name, count in counts.items()
            if (kinds.KINDS[name].segment is not None) is of_services
        }
    )


def limits(call: ApiCall) -> Response:
    """OpenMetadata without a subscription has no limits."""
    return json_answer({"enable": False})


def feature(call: ApiCall) -> Response:
    """The same of one feature."""
    return json_answer({"name": call.values["name"], "enabled": False})
