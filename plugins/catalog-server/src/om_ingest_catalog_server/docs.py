"""The pages `/docs` and `/docs.json`: routes that are implemented, and those that are not."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from om_ingest_catalog_server.answers import json_answer
from om_ingest_catalog_server.monitoring import ROUTES

if TYPE_CHECKING:
    from om_ingest_catalog_server.route import Route
    from om_ingest_catalog_server.settings import ServerSettings

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.15rem .6rem;border-bottom:1px solid #8884}"
    "code{font-size:.9em}:root{color-scheme:light dark}"
)


def pages(routes: Iterable[Route], settings: ServerSettings) -> dict[bytes, Response]:
    """The pages outside of `/api`, by path; rendered once, at startup."""
    by_path = sorted(routes, key=lambda route: (route.path, route.method))
    added = [route for route in by_path if route.owner]
    ours = [route for route in by_path if not route.owner]
    answered = [route for route in ours if _is_answered(route)]
    missing = [route for route in ours if not _is_answered(route)]
    listing = {
        "version": settings.reported,
        "implemented": [_entry(route) for route in answered],
        "notImplemented": [_entry(route) for route in missing],
        "added": [{**_entry(route), "plugin": route.owner} for route in added],
    }
    return {
        b"/": RedirectResponse("/docs"),
        b"/docs": HTMLResponse(_html(answered, missing, added, settings.reported)),
        b"/docs.json": json_answer(listing),
    }


def _is_answered(route: Route) -> bool:
    return route.handler is not None or route in ROUTES


def _entry(route: Route) -> dict[str, str]:
    return {"method": route.method, "path": route.url_path, "summary": route.summary}


def _html(answered: list[Route], missing: list[Route], added: list[Route], version: str) -> str:
    plugins = f"<h2 id=added>Added by plugins: {len(added)} routes</h2>{_table(added)}"
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><title>om-ingest serve</title>"
        f"<style>{_STYLE}</style><h1>om-ingest serve</h1>"
        f"<p>OpenMetadata {html.escape(version)} on an embedded catalog; the same list as JSON:"
        " <a href=/docs.json>/docs.json</a>.</p>"
        f"<h2 id=implemented>Implemented: {len(answered)} routes</h2>{_table(answered)}"
        f"{plugins if added else ''}"
        f"<h2 id=missing>Not implemented: {len(missing)} routes, answered 501</h2>"
        f"{_table(missing)}</html>"
    )


def _by(route: Route) -> str:
    return f" <i>({html.escape(route.owner)})</i>" if route.owner else ""


def _table(routes: list[Route]) -> str:
    rows = (
        f"<tr><td>{route.method}<td><code>{html.escape(route.url_path)}</code>"
        f"<td>{html.escape(route.summary)}{_by(route)}"
        for route in routes
    )
    return f"<table><tr><th>Method<th>Path<th>What{''.join(rows)}</table>"
