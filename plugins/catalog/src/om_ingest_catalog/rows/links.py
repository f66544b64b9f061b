"""Ids of entities, references made of them, and the fields that hold references."""

from __future__ import annotations

from functools import cache, lru_cache
from hashlib import sha1
from typing import Any
from uuid import UUID

from om_ingest import kinds
from om_ingest.kinds import FieldPath
from om_ingest.model import fqn as names

ID_NAMESPACE = UUID("6f6d2d69-6e67-5573-8174-636174616c6f")
"""Namespace of all ids, which are UUIDs of version 5 (RFC 9562)."""


def entity_id(entity_type: str, fqn: str) -> str:
    """The id of an entity: `uuid5(ID_NAMESPACE, "<entity type>:<fqn>")`, equal in all catalogs."""
    # Not uuid.uuid5, which takes as long as inserting the row.
    name = ID_NAMESPACE.bytes + f"{entity_type}:{fqn}".encode()
    digits = sha1(name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def reference(entity_type: str, fqn: str) -> dict[str, Any]:
    """A reference to the entity with this FQN."""
    return dict(_reference(entity_type, fqn))


@lru_cache(maxsize=2048)
def _reference(entity_type: str, fqn: str) -> tuple[tuple[str, str], ...]:
    return (
        ("id", entity_id(entity_type, fqn)),
        ("type", entity_type),
        ("name", names.split(fqn)[-1]),
        ("fullyQualifiedName", fqn),
    )


PEOPLE = frozenset({"owners", "reviewers"})
"""Fields with references to users and teams, at any level of a body."""

LABEL_TYPES = {"Classification": "tag", "Glossary": "glossaryTerm"}
"""Source of a tag label -> entity type of its target."""

MIRRORED = {
    "team": {"users": ("user", "teams"), "children": ("team", "parents")},
    "chart": {"dashboards": ("dashboard", "charts")},
}
"""Relations that either side may state: kind and field that show one -> kind and field that
store it.
"""

_UNCHECKED = frozenset(
    {"lifeCycle", "ingestionRunner", "processingEngine", "personas", "defaultPersona"}
)
"""Fields whose references are not checked: a catalog does not store their targets."""


@cache
def reference_paths(entity_type: str) -> tuple[FieldPath, ...]:
    """Paths of the fields of a request whose references must resolve."""
    return tuple(path for path in kinds.reference_paths(entity_type) if path[0] not in _UNCHECKED)
