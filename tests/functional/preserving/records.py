"""Records that several of these tests write, and how to read what became of them."""

from __future__ import annotations

from typing import Any

from tests.functional.preserving.targets import Target
from tests.functional.preserving.values import Body

Records = list[tuple[str, Body]]

ORPHAN = ("database", {"name": "orphan", "service": "nowhere"})
SERVICE = ("databaseService", {"name": "s", "serviceType": "CustomDatabase"})
TREE: Records = [
    SERVICE,
    ("database", {"name": "d", "service": "s"}),
    ("databaseSchema", {"name": "c", "database": "s.d"}),
]
LABELS: Records = [
    ("classification", {"name": "Labels", "description": "d"}),
    ("tag", {"name": "one", "classification": "Labels", "description": "d"}),
    ("tag", {"name": "two", "classification": "Labels", "description": "d"}),
]


def label(name: str) -> Body:
    """A label as a person gives it."""
    confirmed = {"source": "Classification", "labelType": "Manual", "state": "Confirmed"}
    return {"tagFQN": f"Labels.{name}", **confirmed}


def table(*columns: Body, **fields: Any) -> tuple[str, Body]:
    """A table of the schema."""
    return "table", {"name": "t", "databaseSchema": "s.d.c", "columns": list(columns), **fields}


def reference(target: Target, entity_type: str, fqn: str) -> Body:
    """A reference with an id, as a PATCH needs it."""
    return {"type": entity_type, "id": target.entity(entity_type, fqn)["id"]}


def names(references: list[Body] | None) -> list[str]:
    """Names in a list of references, sorted."""
    return sorted(reference.get("term", reference)["name"] for reference in references or ())


def dashboard(*charts: str, text: str = "d") -> Records:
    """A dashboard with charts; `text` describes the first of them."""
    made = [
        ("chart", {"name": name, "service": "b", "description": text if not place else "d"})
        for place, name in enumerate(charts)
    ]
    fqns = [f"b.{name}" for name in charts]
    return [
        ("dashboardService", {"name": "b", "serviceType": "CustomDashboard"}),
        *made,
        ("dashboard", {"name": "x", "service": "b", "charts": fqns}),
    ]


def same(before: Body, after: Body) -> None:
    """Fail if an entity has another version, or other fields."""
    for body in (before, after):
        body.pop("changeDescription", None)
        body.pop("incrementalChangeDescription", None)
    assert after == before
