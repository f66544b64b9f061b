"""Who wins where a lineage edge is there already, and what it becomes: as for fields of entities.

Details of edges are JSON objects (OpenMetadata REST contract §4). See `policy` and `settling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from om_ingest.kinds.comparing import EMPTY, Body, item_key
from om_ingest.kinds.policy import Policy
from om_ingest.model import fqn as names

EDGE_POLICIES: Mapping[str, Policy] = {
    "description": Policy.FIRST,
    "sqlQuery": Policy.SOURCE,
    "columnsLineage": Policy.UNION,
    "columnsLineage.toColumn": Policy.PLACE,
    "columnsLineage.fromColumns": Policy.UNION,
    "columnsLineage.function": Policy.FIRST,
    "pipeline": Policy.SOURCE,
    "source": Policy.SOURCE,
}
"""The policy of each field of an edge. `Manual` as `source` says nothing: it is the default."""

KEPT_BY_SERVER = ("createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges")
"""Details that servers maintain; requests do not set them."""

_DEFAULT = {"source": "Manual"}


def settled_edge(stored: Body, said: Body, *, override: bool = False) -> Body:
    """The details to store when `said` meets `stored`; neither is changed. Idempotent.

    Details that servers maintain are left out. With `override`, what the source says also wins in
    fields that otherwise keep what is there.
    """
    result = {
        name: value
        for name, value in stored.items()
        if value is not None and name not in KEPT_BY_SERVER
    }
    for field, value in said.items():
        old: Any = result.get(field)
        if value is None or field in KEPT_BY_SERVER:
            continue
        if old not in EMPTY and (value == _DEFAULT.get(field) or _is_same(old, value)):
            continue
        policy = EDGE_POLICIES.get(field, Policy.SOURCE)
        if policy is Policy.SOURCE or old in EMPTY or (override and value not in EMPTY):
            result[field] = value
        elif policy is Policy.UNION:
            result[field] = _with_columns(old, value)
    return result


def _is_same(old: Any, new: Any) -> bool:
    """Whether values are equal, or refer to one entity: servers add its names to a reference."""
    return bool(old == new or (isinstance(old, dict) and item_key(old) == item_key(new)))


def _with_columns(old: list[Body], new: list[Body]) -> list[Body]:
    """Lineage of columns with that of others added, by the column that is made."""
    result = [dict(item) for item in old]
    for item in new:
        column = _spelled(item.get("toColumn"))
        there = [kept for kept in result[: len(old)] if _spelled(kept.get("toColumn")) == column]
        if not there:
            result.append(item)
            continue
        known = {_spelled(name) for kept in there for name in kept.get("fromColumns") or ()}
        added = [name for name in item.get("fromColumns") or () if _spelled(name) not in known]
        if added:
            there[0]["fromColumns"] = [*(there[0].get("fromColumns") or ()), *dict.fromkeys(added)]
        if item.get("function") and not any(kept.get("function") for kept in there):
            there[0]["function"] = item["function"]
    return result


def _spelled(fqn: Any) -> str:
    return names.spelled(str(fqn))
