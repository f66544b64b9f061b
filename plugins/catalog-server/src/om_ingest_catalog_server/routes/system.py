"""Version, health, configuration and counters of the server (contract §1.3)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import sha1

from om_ingest import kinds
from starlette.responses import Response

from om_ingest_catalog_server import releases
from om_ingest_catalog_server.answers import json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import Execution, Route, not_implemented

_STARTED_MS = time.time_ns() // 1_000_000


def routes() -> Iterator[Route]:
    """The routes of `/system` and `/limits`."""
    once = Execution.INLINE
    yield Route("GET", "system/version", version, "Get the version, as given by --om-version", once)
    yield Route("GET", "system/health", health, "Check the health; OK as plain text", once)
    yield Route("GET", "system/status", status, "Get the state of the catalog")
    yield Route("GET", "system/config/auth", auth, "Get the login configuration: none", once)
    yield Route("GET", "system/config/authorizer", authorizer, "Get the authorizer: none", once)
    yield Route("GET", "system/config/jwks", jwks, "Get the public keys: none", once)
    yield Route("GET", "system/entities/count", entities, "Count live entities by kind")
    yield Route("GET", "system/services/count", services, "Count live services by kind")
    yield Route("GET", "limits", limits, "Get the limits: none", once)
    yield Route("GET", "limits/features/{name}", feature, "Get the limit of a feature: none", once)
    for name in ("pipeline-service-client", "loginConfig", "customUiThemePreference", "rdf"):
        yield not_implemented("GET", f"system/config/{name}", "Configuration of the UI")
    yield not_implemented("GET", "system/settings", "All settings")
    yield not_implemented("PUT", "system/settings", "Change a setting")
    yield not_implemented("GET", "system/settings/{name}", "One setting")


def version(call: ApiCall) -> Response:
    """The version, which clients compare with their own."""
    text = call.settings.reported
    revision = sha1(text.encode(), usedforsecurity=False).hexdigest()
    return json_answer({"version": text, "revision": revision, "timestamp": _STARTED_MS})


def health(call: ApiCall) -> Response:
    """`OK` as long as the server runs."""
    return Response("OK", media_type="text/plain")


def status(call: ApiCall) -> Response:
    """Whether the catalog can be read, the only dependency of the server."""
    call.stores.reading.catalog.counts()
    passed = {"description": "The catalog file can be read", "passed": True}
    return json_answer({"database": passed})


def auth(call: ApiCall) -> Response:
    """No login is required."""
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
    """There are no permissions beyond the token."""
    return json_answer({"adminPrincipals": [], "botPrincipals": ["ingestion-bot"]})


def jwks(call: ApiCall) -> Response:
    """No keys: signatures are not verified."""
    return json_answer({"keys": []})


def entities(call: ApiCall) -> Response:
    """Numbers of live entities by kind, without services."""
    return _counts(call, of_services=False)


def services(call: ApiCall) -> Response:
    """Numbers of live services by kind."""
    return _counts(call, of_services=True)


def _counts(call: ApiCall, *, of_services: bool) -> Response:
    counts = call.stores.reading.catalog.counts()
    return json_answer(
        {
            f"{name}Count": count
            for name, count in counts.items()
            if (kinds.KINDS[name].segment is not None) is of_services
            and releases.has_kind(call.settings.number, name)
        }
    )


def limits(call: ApiCall) -> Response:
    """No limits, as in OpenMetadata without a subscription."""
    return json_answer({"enable": False})


def feature(call: ApiCall) -> Response:
    """No limit for the feature."""
    return json_answer({"name": call.values["name"], "enabled": False})
