"""Routes of OpenMetadata that are not implemented: answered 501, and listed in `/docs`."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import kinds

from om_ingest_catalog_server.route import REMAINDER, Route, not_implemented

_COLLECTIONS = (
    "analytics/dataInsights/charts",
    "announcements",
    "apps",
    "bots",
    "dataContracts",
    "dataQuality/testCases",
    "dataQuality/testDefinitions",
    "dataQuality/testSuites",
    "docStore",
    "entity/profiles",
    "events/subscriptions",
    "feed",
    "kpi",
    "mcpServers",
    "personas",
    "policies",
    "metadata/types",
    "openlineage/lineage",
    "queryCostRecord",
    "reports",
    "roles",
    "services/testConnectionDefinitions",
    "tasks",
    "testConnections",
    "automations/workflows",
)

_BELOW = {
    "GET": "Get an entity, or a part of it",
    "POST": "Add to an entity",
    "PUT": "Change an entity",
    "PATCH": "Patch an entity",
    "DELETE": "Delete an entity",
}


def routes() -> Iterator[Route]:
    """Whole collections, and single routes of implemented collections."""
    for top in _COLLECTIONS:
        yield from _collection(top)
    for kind in kinds.KINDS.values():
        yield not_implemented("GET", f"{kind.collection}/history", "Changes in a time range")
    yield from _imports_and_exports()
    yield from _assets()
    yield not_implemented("PUT", "analytics/web/events/collect", "Collect web analytics")
    yield not_implemented("POST", "glossaryTerms/createMany", "Create many terms")
    yield not_implemented("PUT", "dataQuality/testSuites/executable", "A table's own test suite")
    yield not_implemented("PUT", "dataQuality/testSuites/basic", "A table's own test suite")
    yield not_implemented("POST", "dataQuality/testCases/testCaseResults/{fqn}", "A test's result")


def _collection(top: str) -> Iterator[Route]:
    """The collection and all paths below it: a client would take 404 for a missing entity."""
    yield not_implemented("GET", top, "List")
    yield not_implemented("POST", top, "Create")
    yield not_implemented("PUT", top, "Create or update")
    for method, summary in _BELOW.items():
        yield not_implemented(method, f"{top}/{REMAINDER}", summary)


def _imports_and_exports() -> Iterator[Route]:
    for top in ("databases", "databaseSchemas", "tables", "glossaries", "teams", "users"):
        yield not_implemented("GET", f"{top}/name/{{fqn}}/export", "Export as CSV")
        yield not_implemented("PUT", f"{top}/name/{{fqn}}/import", "Import CSV")


def _assets() -> Iterator[Route]:
    for top in ("tags", "glossaryTerms", "users", "teams", "domains", "dataProducts"):
        yield not_implemented("GET", f"{top}/name/{{fqn}}/assets", "Assets of an entity")
    for part in ("assets", "inputPorts", "outputPorts"):
        for change in ("add", "remove"):
            path = f"dataProducts/{{fqn}}/{part}/{change}"
            yield not_implemented("PUT", path, f"{change.capitalize()} {part} of a data product")
