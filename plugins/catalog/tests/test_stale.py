"""Deletion of entities that are no longer in the source (REST contract §5.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from om_ingest.errors import RecordError
from om_ingest_catalog import Actor, Collection

BOT, ANN = Actor(), Actor("ann", is_bot=False)
Of = Callable[[str], Collection]


def asked(*seen: str, **more: Any) -> dict[str, Any]:
    return {"scopeFqn": "s", "scopeEntityType": "databaseService", "seenFqns": seen, **more}


def left(collection: Collection, **more: Any) -> list[str]:
    return [entity["fullyQualifiedName"] for entity in collection.page(limit=100, **more).entities]


def gone(result: Any) -> list[str]:
    return [row["request"] for row in result.successes]


@pytest.fixture
def filled(of: Of, tables: Collection) -> Collection:
    """Tables `a`, `b.c` and `d` in `s.d.x`, and `a` in `s.e.x`."""
    of("database").put({"name": "e", "service": "s"}, BOT)
    of("databaseSchema").put({"name": "x", "database": "s.e"}, BOT)
    places = [("a", "s.d.x"), ("b.c", "s.d.x"), ("d", "s.d.x"), ("a", "s.e.x")]
    tables.bulk(
        [{"name": name, "databaseSchema": schema, "columns": []} for name, schema in places], BOT
    )
    return tables


def test_what_was_not_seen_is_marked(filled: Collection) -> None:
    """Unseen entities in the scope are soft-deleted by the actor; any quoting of FQNs matches."""
    result = filled.delete_stale(asked('"s".d.x.a', 's.d.x."b.c"'), ANN)
    assert gone(result) == ["s.d.x.d", "s.e.x.a"]
    assert result.as_dict() == {
        "dryRun": False,
        "status": "success",
        "numberOfRowsProcessed": 2,
        "numberOfRowsPassed": 2,
        "numberOfRowsFailed": 0,
        "successRequest": [{"request": fqn, "status": 200} for fqn in gone(result)],
        "failedRequest": [],
    }
    assert left(filled) == ['s.d.x."b.c"', "s.d.x.a"]
    assert filled.get("s.d.x.d", include="deleted").entity["updatedBy"] == "ann"
    assert filled.delete_stale(asked("s.d.x.a", 's.d.x."b.c"'), ANN).processed == 0


def test_a_dry_run_changes_nothing(filled: Collection) -> None:
    """A dry run lists what would be deleted."""
    request = asked("s.d.x.a", dryRun=True)
    result = filled.delete_stale(request, BOT)
    assert result.as_dict()["dryRun"] is True
    assert gone(result) == ['s.d.x."b.c"', "s.d.x.d", "s.e.x.a"]
    assert len(left(filled)) == 4


@pytest.mark.parametrize("seen", [(), ("no..name",)])
def test_nothing_seen_deletes_nothing(filled: Collection, seen: tuple[str, ...]) -> None:
    """Nothing is deleted if nothing was seen."""
    assert filled.delete_stale(asked(*seen), BOT).processed == 0
    assert len(left(filled)) == 4


@pytest.mark.parametrize(
    ("scope_type", "scope", "expected"),
    [
        ("service", "s", ["s.d.x.d", "s.e.x.a"]),
        ("databaseService", '"s"', ["s.d.x.d", "s.e.x.a"]),
        ("database", "s.d", ["s.d.x.d"]),
        ("databaseSchema", "s.e.x", ["s.e.x.a"]),
        ("databaseSchema", "s.e.none", []),
        ("service", "none", []),
    ],
)
def test_only_the_scope_is_touched(
    filled: Collection, scope_type: str, scope: str, expected: list[str]
) -> None:
    """A scope is a service, a database or a schema; what is outside stays."""
    request = {
        "scopeFqn": scope,
        "scopeEntityType": scope_type,
        "seenFqns": ["s.d.x.a", 's.d.x."b.c"'],
    }
    result = filled.delete_stale(request, BOT)
    assert gone(result) == expected
    assert set(left(filled, include="deleted")) == set(expected)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "scopeFqn must not be null, scopeEntityType must not be null"),
        (asked("a", scopeFqn=""), "scopeFqn must have "),
        (asked("a", scopeEntityType="topic"), "A table cannot lie in a topic"),
        (asked("a", scopeEntityType="table"), "A table cannot lie in a table"),
        (asked("a", nonsense=1), "nonsense is no field"),
        (asked("a", seenFqns="a"), "seenFqns must "),
        ([], "must be an object"),
    ],
)
def test_a_wrong_request_is_refused(filled: Collection, request_: Any, message: str) -> None:
    """A missing or unknown scope is an error, and nothing is deleted."""
    with pytest.raises(RecordError) as caught:
        filled.delete_stale(request_, BOT)
    assert message in caught.value.what
    assert len(left(filled)) == 4


def test_a_hard_delete_leaves_nothing(filled: Collection) -> None:
    """With `hardDelete`, unseen entities are deleted permanently."""
    filled.delete_stale(asked("s.d.x.a", hardDelete=True), BOT)
    assert left(filled, include="all") == ["s.d.x.a"]


def test_parents_go_with_their_children(of: Of, filled: Collection) -> None:
    """Recursively a schema takes its tables along; otherwise the row says why it stays."""
    schemas = of("databaseSchema")
    for dry_run in (True, False):
        result = schemas.delete_stale(asked("s.d.x", recursive=False, dryRun=dry_run), BOT)
        assert result.failures == [
            {"request": "s.e.x", "message": "databaseSchema is not empty", "status": 400}
        ]
        assert result.status == "failure"
    assert gone(schemas.delete_stale(asked("s.d.x"), BOT)) == ["s.e.x"]
    assert "s.e.x.a" not in left(filled)


@pytest.fixture
def nested(of: Of) -> Collection:
    """Containers `a`, `a.b`, `a.b.c` and `d`, each in the one before its dot."""
    of("storageService").put({"name": "st", "serviceType": "S3"}, BOT)
    containers = of("container")
    for fqn in ("a", "a.b", "a.b.c", "d"):
        above, _, name = fqn.rpartition(".")
        parent = {"type": "container", "fullyQualifiedName": f"st.{above}"}
        containers.put(
            {"name": name, "service": "st", **({"parent": parent} if above else {})}, BOT
        )
    return containers


def test_ancestors_go_first(nested: Collection) -> None:
    """Descendants of a stale entity are deleted and reported with it."""
    request = {"scopeFqn": "st", "scopeEntityType": "service", "seenFqns": ["st.d"]}
    planned = nested.delete_stale({**request, "dryRun": True}, BOT)
    result = nested.delete_stale(request, BOT)
    assert gone(result) == gone(planned) == ["st.a", "st.a.b", "st.a.b.c"]
    assert left(nested) == ["st.d"]
    assert nested.get("st.a.b.c", include="deleted").entity["version"] == 0.2


def test_what_lies_above_something_seen_stays(nested: Collection) -> None:
    """An ancestor of a seen container is not stale."""
    request = {"scopeFqn": "st", "scopeEntityType": "service", "seenFqns": ["st.a.b"]}
    assert gone(nested.delete_stale(request, BOT)) == ["st.a.b.c", "st.d"]
    assert left(nested) == ["st.a", "st.a.b"]


def test_a_container_can_be_the_scope(nested: Collection) -> None:
    """A kind that nests can be cleaned up below one of its own."""
    request = {"scopeFqn": "st.a", "scopeEntityType": "container", "seenFqns": ["st.a.x"]}
    assert gone(nested.delete_stale(request, BOT)) == ["st.a.b", "st.a.b.c"]
