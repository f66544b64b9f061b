"""What OpenMetadata has and this server has not: answered 501, and listed in `/docs`."""

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
    "GET": "One entity, or what belongs to it",
    "POST": "Add to one",
    "PUT": "Change one",
    "PATCH": "Patch",
    "DELETE": "Delete",
}


def routes() -> Iterator[Route]:
    """Whole collections, and single routes of collections that there are."""
    for top in _COLLECTIONS:
        yield from _collection(top)
    for kind in kinds.KINDS.values():
        yield not_implemented("GET", f"{kind.collection}/history", "Changes within a span of time")
    yield from _imports_and_exports()
    yield from _assets()
    yield not_implemented("PUT", "analytics/web/events/collect", "Take what people clicked on")
    yield not_implemented("POST", "glossaryTerms/createMany", "Create many terms")
    yield not_implemented("PUT", "dataQuality/testSuites/executable", "A table's own test suite")
    yield not_implemented("PUT", "dataQuality/testSuites/basic", "A table's own test suite")
    yield not_implemented("POST", "dataQuality/testCases/testCaseResults/{fqn}", "A test's result")


def _collection(top: str) -> Iterator[Route]:
    """All that may lie below it, too: with 404 a client would take an entity for missing."""
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
        yield not_implemented("GET", f"{top}/name/{{fqn}}/assets", "What is under it")
    for part in ("assets", "inputPorts", "outputPorts"):
        for change in ("add", "remove"):
            path = f"dataProducts/{{fqn}}/{part}/{change}"
            yield not_implemented("PUT", path, f"{change.capitalize()} {part} of a data product")
