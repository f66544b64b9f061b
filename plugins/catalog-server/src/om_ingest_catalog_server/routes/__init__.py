"""All routes of the interface, used by the server and by `/docs`."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest_catalog_server.route import Route
from om_ingest_catalog_server.routes import (
    bulk,
    containers,
    entities,
    lineage,
    not_implemented,
    pipelines,
    queries,
    runs,
    samples,
    searching,
    system,
    tables,
    usage,
    users,
    votes,
)


def all_routes() -> Iterator[Route]:
    """The implemented routes, then those of OpenMetadata that are not (501)."""
    own = (entities, votes, bulk, samples, tables, containers, queries, pipelines, runs, usage)
    for module in (system, users, *own, lineage, searching, not_implemented):
        yield from module.routes()
