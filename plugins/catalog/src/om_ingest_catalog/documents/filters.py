"""Filters of lists (contract §3.0), as ranges of FQNs and SQL conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias
from uuid import UUID

from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind
from om_ingest.model.fqn import normalised

from om_ingest_catalog.rows.file import CatalogFile
from om_ingest_catalog.rows.reading import find
from om_ingest_catalog.rows.tables import PARENT_FQN

Include: TypeAlias = Literal["non-deleted", "deleted", "all"]
"""Whether to include live or soft-deleted entities."""

CONDITIONS: dict[str, str] = {
    "non-deleted": "deleted = 0",
    "deleted": "deleted <> 0",
    "all": "1",
}
"""SQL condition for each value of `include`."""

# Filters by an ancestor, in addition to those of the table of kinds.
_MORE_SCOPES: dict[str, tuple[str, ...]] = {
    "glossaryTerm": ("directChildrenOf",),
    "container": ("directChildrenOf",),  # an extension, for `/children` (§7)
    "domain": ("domain",),
}
_SCOPES_BY_ID: dict[str, dict[str, str]] = {
    "glossaryTerm": {"glossary": "glossary", "parent": "glossaryTerm"},
}
# Filters by a flag, with the default of a missing field.
_FLAGS: dict[str, dict[str, bool]] = {
    "classification": {"disabled": False},
    "tag": {"disabled": False},
    "user": {"isAdmin": False, "isBot": False},
    "team": {"isJoinable": True},
}
# Filters by membership in a list of ids: path in the body, and entity type of the filter's
# value, which is an FQN; None if it is an id.
_MEMBERSHIPS: dict[str, dict[str, tuple[str, str | None]]] = {
    "user": {"team": ("$.teams", "team")},
    "team": {"parentTeam": ("$.parents", "team")},
    "query": {"entityId": ("$.queryUsedIn", None)},
}
_IS_ROOT = (
    "EXISTS (SELECT 1 FROM entity AS above"
    f" WHERE above.entity_type = ? AND above.fqn = {PARENT_FQN})"
)


class RowFilter(NamedTuple):
    """Selects the rows of a kind that are below a scope and meet an SQL condition."""

    scope: str | None
    condition: str
    parameters: tuple[Any, ...] = ()
    by_place: bool = True
    """Whether the condition is only `include`, so that the total is known without a scan."""


def selection(
    file: CatalogFile,
    kind: EntityKind,
    include: Include,
    scope: str | None,
    filters: Mapping[str, Any] | None,
) -> RowFilter | None:
    """The filter for a list; None if the list is empty for certain.

    Filters that the kind does not have are ignored, as by a server. Raises `RecordError` for an
    invalid value.
    """
    scopes = [] if scope is None else [normalised(scope)]
    conditions, parameters = [check_include(include)], list[Any]()
    for name, value in (filters or {}).items():
        if value is None:
            continue
        if name in _scope_filters(kind):
            scopes.append(normalised(str(value)))
            if name == "directChildrenOf":
                conditions.append(f"{PARENT_FQN} = ?")
                parameters.append(scopes[-1])
        elif name in _SCOPES_BY_ID.get(kind.entity_type, {}):
            above = find(file, _SCOPES_BY_ID[kind.entity_type][name], _as_id(name, value))
            scopes.append(above.fqn if above else None)
        else:
            condition = _condition(file, kind, name, value)
            if condition is not None:
                conditions.append(condition[0])
                parameters += condition[1]
    innermost = max((found for found in scopes if found is not None), key=len, default=None)
    if any(found is None or not f"{innermost}.".startswith(f"{found}.") for found in scopes):
        return None  # an invalid FQN, or scopes that do not contain each other
    by_place = len(conditions) == 1
    return RowFilter(innermost, " AND ".join(conditions), tuple(parameters), by_place)


def check_include(include: str) -> str:
    """The SQL condition for `include`; raises `RecordError` for an invalid value."""
    if include not in CONDITIONS:
        raise RecordError(
            f"[query param include must be one of {', '.join(CONDITIONS)}]", "Correct the value."
        )
    return CONDITIONS[include]


def _scope_filters(kind: EntityKind) -> tuple[str, ...]:
    return (*kind.scope_filters.values(), *_MORE_SCOPES.get(kind.entity_type, ()))


def _condition(
    file: CatalogFile, kind: EntityKind, name: str, value: Any
) -> tuple[str, list[Any]] | None:
    """SQL and parameters for a filter on the body; None if the kind does not have the filter."""
    flags = _FLAGS.get(kind.entity_type, {})
    if name in flags:
        field = f"coalesce(json_extract(body, '$.{name}'), {int(flags[name])})"
        return f"{field} = ?", [int(_as_flag(name, value))]
    memberships = _MEMBERSHIPS.get(kind.entity_type, {})
    if name in memberships:
        field, target = memberships[name]
        if target is None:
            member: str | None = str(_as_id(name, value))
            item = "json_extract(value, '$.id')"
        else:
            found = find(file, target, str(value))
            member, item = (found.id if found else None), "value"
        return f"EXISTS (SELECT 1 FROM json_each(body, '{field}') WHERE {item} = ?)", [member]
    if name == "root" and kind.nested_type and _as_flag(name, value):
        return _IS_ROOT, [kind.parent_type]
    if name == "domain" and "domains" in kind.request.model_fields:
        exact = normalised(str(value))
        inside = "value = ? OR substr(value, 1, ?) = ?"
        sql = f"EXISTS (SELECT 1 FROM json_each(body, '$.domains') WHERE {inside})"
        return sql, [exact, len(exact or "") + 1, f"{exact}."]
    return None


def _as_id(name: str, value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise RecordError(f"[query param {name} must be an id]", "Give a UUID.") from None


def _as_flag(name: str, value: Any) -> bool:
    flag = {"true": True, "false": False}.get(str(value).lower())
    if flag is None:
        raise RecordError(f"[query param {name} must be true or false]", "Correct the value.")
    return flag
