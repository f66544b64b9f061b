"""Edges that the facts of lineage are about."""

from __future__ import annotations

from typing import Any

from rest.case import Ask, get, make, put

STRANGER = "11111111-2222-3333-4444-555555555555"


def edge(source: str, target: str, details: Any = None, kind: str = "table") -> dict[str, Any]:
    """A request for an edge from a table to something."""
    ends: dict[str, Any] = {
        "fromEntity": {"id": f"{{{source}.id}}", "type": "table"},
        "toEntity": {"id": f"{{{target}.id}}", "type": kind},
    }
    if details is not None:
        ends["lineageDetails"] = details
    return {"edge": ends}


def link(source: str, target: str, /, **details: Any) -> Ask:
    """Put an edge between two tables."""
    return put("lineage", edge(source, target, details or None), 200)


def shown(status: int = 200, **details: Any) -> Ask:
    """Look at the edge from `a` to `b`, which has these details."""
    shows = {"edge": details} if status == 200 else {"code": status}
    return get("lineage/getLineageEdge/{a.id}/{b.id}", status, shows)


A_B = (make("table", "a"), make("table", "b"))
CHAIN = (
    *A_B,
    make("table", "c"),
    make("table", "d"),
    link("a", "b"),
    link("b", "c"),
    link("c", "d"),
)
BY_NAME = "lineage/table/name/{a}/table/name/{b}"
COLUMNS = [{"fromColumns": ["{a}.id", "{a}.note"], "toColumn": "{b}.id", "function": "upper"}]
