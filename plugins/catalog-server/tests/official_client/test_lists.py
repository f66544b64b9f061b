"""Many entities at once through the official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]


def test_bulk(seen: Step) -> None:
    """Entities of several kinds are created in bulk, parents first."""
    assert seen("bulk") == {
        "status": "success",
        "processed": 256,
        "failed": 0,
        "done": ["lists.db", "lists.db.many"],
    }


def test_bulk_again(seen: Step) -> None:
    """A row that has not changed is a success."""
    again = seen("bulk_again")
    assert (again["status"], again["failed"]) == ("success", 0)


def test_a_row_that_fails(seen: Step) -> None:
    """A row without a parent fails alone, and says why."""
    partly = seen("bulk_partly")
    assert (partly["processed"], partly["failed"]) == (3, 1)
    assert partly["rows"] == [[400, "databaseSchema instance for lists.db.none not found"]]
    assert partly["there"] == [True, True]


def test_bulk_of_tables(seen: Step) -> None:
    """The client's own call for tables works as well."""
    tables = seen("bulk_tables")
    assert (tables["status"], tables["processed"]) == ("success", 2)
    assert tables["done"] == ["lists.db.few.f0", "lists.db.few.f1"]


def test_override(seen: Step) -> None:
    """A bot replaces what a person wrote only if it says so."""
    assert seen("bulk_override") == ["By a person", "By the bot"]


def test_pages(seen: Step) -> None:
    """250 tables are three pages, read forwards and backwards, in order and each once."""
    assert seen("pages") == {
        "sizes": [100, 100, 50],
        "totals": [250],
        "every one": True,
        "in order": True,
        "back": True,
        "first has no page before": True,
    }


def test_filters(seen: Step) -> None:
    """Lists are of one schema, one database or one service, and of nothing if that is not there."""
    assert seen("everything") == {
        "few": ["f0", "f1", "f2"],
        "database": 253,
        "schemas": ["few", "many"],
        "databases": ["db"],
        "none": [],
    }


def test_services(seen: Step) -> None:
    """Services are listed without pages."""
    assert seen("services") is True


def test_limits(seen: Step) -> None:
    """A page of nothing tells the total; senseless limits, cursors and fields are refused."""
    assert seen("limits") == {"total": 3, "rows": 0, "refused": [400, 400, 400]}


def test_what_was_not_seen_is_deleted(seen: Step) -> None:
    """What a run did not see in its scope is hidden."""
    assert seen("stale") == {"rows": 1, "live": ["f0", "f1"], "deleted": ["f2"]}


def test_a_run_that_saw_nothing_deletes_nothing(seen: Step) -> None:
    """No evidence is no reason to delete."""
    assert seen("stale_without_evidence") == {"rows": 0, "left": 252}


def test_what_was_not_seen_takes_its_children_along(seen: Step) -> None:
    """A database that is gone from its service takes its schemas along."""
    assert seen("stale_in_a_service") == {"left": ["db"], "inside": None}
