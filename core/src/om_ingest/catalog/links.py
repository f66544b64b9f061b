"""Which fields of a request point at other entities, and what becomes of them there."""

from __future__ import annotations

from functools import cache

from om_ingest.model.kinds import KINDS
from om_ingest.model.pointers import FieldPath, pointer_paths

PEOPLE = frozenset({"owners", "reviewers"})
"""Fields with references to users and teams, wherever they stand."""

_UNCHECKED = frozenset(
    {"lifeCycle", "ingestionRunner", "processingEngine", "personas", "defaultPersona"}
)
"""Fields that are taken as they come: what they point at is not in a catalog."""


@cache
def reference_paths(entity_type: str) -> tuple[FieldPath, ...]:
    """Paths of the fields of a request whose references must point at something."""
    return tuple(path for path in pointer_paths(entity_type) if path[0] not in _UNCHECKED)


@cache
def pointing_types(entity_type: str) -> tuple[str, ...]:
    """The kinds whose bodies may name an entity of this kind, other than by their place."""
    if entity_type in ("tag", "glossaryTerm", "user", "team"):
        return tuple(KINDS)
    return tuple(
        name
        for name, kind in KINDS.items()
        if kind.points_anywhere or entity_type in kind.links.values()
    )
