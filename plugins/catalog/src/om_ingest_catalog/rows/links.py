"""Which fields of a request point at other entities, and what becomes of them there."""

from __future__ import annotations

from functools import cache

from om_ingest.kinds.pointers import FieldPath, pointer_paths

PEOPLE = frozenset({"owners", "reviewers"})
"""Fields with references to users and teams, wherever they stand."""

LABEL_TYPES = {"Classification": "tag", "Glossary": "glossaryTerm"}
"""The source of a label -> the kind of entity that it names."""

SHARED_LINKS = {"domains": "domain", "dataProducts": "dataProduct"}
"""Fields of every kind that are FQNs in a body, and references in an answer."""

_UNCHECKED = frozenset(
    {"lifeCycle", "ingestionRunner", "processingEngine", "personas", "defaultPersona"}
)
"""Fields that are taken as they come: what they point at is not in a catalog."""


@cache
def reference_paths(entity_type: str) -> tuple[FieldPath, ...]:
    """Paths of the fields of a request whose references must point at something."""
    return tuple(path for path in pointer_paths(entity_type) if path[0] not in _UNCHECKED)
