"""Routes for `om-ingest serve` that break its rules; om-ingest-catalog-server loads them."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest_catalog_server import ApiCall, Execution, Route
from starlette.responses import Response


def raising() -> Iterator[Route]:
    """A route whose handler raises, in the event loop, with what ends a process."""
    yield Route("GET", "/hostile/exit", _exit, "Ends the server", Execution.INLINE)


def replacing() -> Iterator[Route]:
    """A route in the place of one of OpenMetadata's."""
    yield Route("GET", "/api/v1/system/version", _exit, "Another version")


def dying() -> Iterator[Route]:
    """A route, and then an exception."""
    yield Route("GET", "/hostile-dies", _exit, "Never added")
    raise RuntimeError("no more routes")


def _exit(call: ApiCall) -> Response:
    raise SystemExit(0)
