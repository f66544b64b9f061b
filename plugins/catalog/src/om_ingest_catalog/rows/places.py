"""Where an entity lies: what its FQN, and its body, say of what is above it."""

from __future__ import annotations

from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import fqn as names

from om_ingest_catalog.rows.body import parse
from om_ingest_catalog.rows.file import Row


def ancestors(row: Row) -> list[tuple[str, str, str]]:
    """The entity's place in the tree, nearest first: (field, entity type, FQN) each."""
    result = []
    parts = names.split(row.fqn)
    kind = KINDS[row.entity_type]
    if kind.parent_choice:
        field = str(kind.parent_field)
        return [(field, chosen_parent(kind, row), names.join(*parts[:-1]))]
    while True:
        if kind.nested_field is not None and len(parts) > kind.depth:
            field = kind.nested_answer or kind.nested_field
            result.append((field, str(kind.nested_type), names.join(*parts[:-1])))
            del parts[kind.depth :]
        if kind.parent is None:
            return result
        del parts[-2 if kind.infix else -1 :]
        result.append((str(kind.parent_field), kind.parent.entity_type, names.join(*parts)))
        kind = kind.parent


def chosen_parent(kind: EntityKind, row: Row) -> str:
    """The entity type of a row's parent, of a kind whose parent may be of several."""
    return str(parse(row.body)[str(kind.parent_field)]["type"])


def service_of(row: Row) -> tuple[str, str] | None:
    """Entity type and FQN of the service that the row inherits its service type from."""
    if "serviceType" not in KINDS[row.entity_type].entity.model_fields:
        return None
    above = ancestors(row)
    return above[-1][1:] if above else None
