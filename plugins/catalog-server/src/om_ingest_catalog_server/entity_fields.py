"""Fields of entities by version: those of requests, and those that no request has.

The latter are from upstream's published models of 1.5.0 to 2.0.7, of the first and the newest
release of most minor versions. Where a field came between the two, the newest one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from om_ingest.kinds import KINDS, SERVICE_KINDS
from om_ingest.releases import Dialect, holds, known

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind
    from om_ingest.releases import Version

_SERVICES = frozenset(kind.entity_type for kind in SERVICE_KINDS.values())
_NEW_SERVICES = frozenset({"driveService", "securityService", "llmService", "mcpService"})
_GOVERNED = frozenset({"classification", "tag", "glossary", "glossaryTerm"})
_PRODUCTS = frozenset({"dataProduct", "domain"})

_Versions = Mapping[tuple[int, int, int], Iterable[str]]

_COMPRESSION: _Versions = {(1, 10, 0): ("table",)}
_PRODUCT: _Versions = {(1, 10, 0): ("dataProduct",)}

_SINCE: Mapping[str, _Versions] = {
    "incrementalChangeDescription": {(1, 6, 13): KINDS},
    "impersonatedBy": {(1, 11, 0): KINDS},
    "certification": {
        (1, 6, 0): KINDS.keys() - _PRODUCTS,
        (1, 13, 0): _PRODUCTS,
    },
    "followers": {
        (1, 7, 7): (_SERVICES - _NEW_SERVICES)
        | {"database", "databaseSchema", "ingestionPipeline"},
        (1, 8, 0): _PRODUCTS,
        (2, 0, 0): _GOVERNED | {"apiCollection"},  # not in the published models
    },
    "votes": {(1, 13, 0): _PRODUCTS},
    "dataProducts": {},
    "entityStatus": {
        (1, 10, 0): KINDS.keys() - _SERVICES - {"domain"},
        (1, 13, 0): _SERVICES | {"domain"},
    },
    "dataContract": {(1, 13, 0): KINDS},
    "childrenCount": {(1, 11, 0): ("domain",)},
    "sampleData": {(1, 12, 0): ("file",), (1, 13, 0): ("container",)},
    "usageSummary": {(1, 7, 0): ("pipeline",)},
    "processedLineage": {(1, 6, 13): ("table", "storedProcedure")},
    "ingestionRunner": {(1, 7, 0): ("ingestionPipeline",)},
    "endDate": {(1, 11, 0): ("pipeline",)},
    "queries": {(1, 8, 0): ("table",)},
    "pipelineObservability": {(1, 11, 0): ("table",)},
    "compressionCodec": _COMPRESSION,
    "compressionEnabled": _COMPRESSION,
    "compressionStrategy": _COMPRESSION,
    "consumesFrom": _PRODUCT,
    "providesTo": _PRODUCT,
    "lifecycleStage": _PRODUCT,
    "sla": _PRODUCT,
    "lastLoginTime": {(1, 7, 0): ("user",)},
    "lastActivityTime": {(1, 9, 0): ("user",)},
    "personaPreferences": {(1, 9, 0): ("user",)},
    "allowImpersonation": {(1, 11, 0): ("user",)},
    "inheritedPersonas": {(1, 13, 0): ("user",)},
    "derivedFrom": {(2, 0, 0): ("metric",)},
    "namespaces": {(2, 0, 0): ("glossary",)},
}


_SHOWN_BEFORE = ("domains", "provider")
"""Fields that entities have before requests can say them: terms show the domains of a glossary."""


class EntityFields:
    """The fields of entities in one version."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._dialect = Dialect(version)

    def has(self, kind: EntityKind, field: str) -> bool:
        """Whether entities of a kind have a field, as far as is known."""
        row = known().classes.get(kind.request.__name__, {}).get(field, {})
        if field not in _SHOWN_BEFORE and not holds(row.get("in"), self._version):
            return False
        versions = _SINCE.get(field)
        if versions is None:
            return True
        later = [since for since, kinds in versions.items() if kind.entity_type in kinds]
        return field in kind.entity.model_fields and (not later or min(later) <= self._version)

    def fit(self, kind: EntityKind, entity: dict[str, Any]) -> None:
        """Leave out of an entity what this version does not show, in place."""
        kept = {name: entity[name] for name in _SHOWN_BEFORE if name in entity}
        self._dialect.fit(kind.request.__name__, entity)
        entity.update(kept)
        for field in _SINCE.keys() & entity.keys():
            if not self.has(kind, field):
                del entity[field]

    def fit_edge(self, details: dict[str, Any]) -> None:
        """As `fit`, for the details of an edge."""
        self._dialect.fit("LineageDetails", details)
