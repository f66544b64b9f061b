"""Deleting and restoring trees of entities through the official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]

ALL = [True, True, True]
"""Service, database and table are there."""
SERVICE = [True, False, False]
NONE = [False, False, False]


def test_not_empty(seen: Step) -> None:
    """What has children is not deleted unless that is meant."""
    assert seen("not_empty") == {"status": 400, "message": "database is not empty"}


def test_recursive(seen: Step) -> None:
    """A database takes its tables along, and leaves its service."""
    assert seen("recursive") == SERVICE


def test_restored(seen: Step) -> None:
    """A database brings back what went with it."""
    assert seen("restored") == ALL


def test_restored_by_a_request(seen: Step) -> None:
    """What is sent again is the entity that it was."""
    assert seen("restored_by_put") == {"there": ALL, "same": True}


def test_in_the_background(seen: Step) -> None:
    """A deletion in the background is taken note of, and done."""
    deleted = seen("deleted_in_the_background")
    assert {"jobId", "message"} <= set(deleted["answer"])
    assert deleted["there"] == SERVICE


def test_back_in_the_background(seen: Step) -> None:
    """A restoration in the background is taken note of, and done."""
    restored = seen("restored_in_the_background")
    assert {"jobId", "message"} <= set(restored["answer"])
    assert restored["there"] == ALL


def test_hard(seen: Step) -> None:
    """A service takes everything along for good; the next of its name begins anew."""
    assert seen("hard") == {"there": NONE, "version": 0.1}


def test_unknown(seen: Step) -> None:
    """What is not there is neither deleted nor restored."""
    deleted, restored = seen("unknown")
    assert deleted["status"] == 404
    assert restored is None
