"""What the official client finds by searching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]

FQN = "search.search.search.search"


def test_by_fqn(seen: Step) -> None:
    """A table is found by its FQN."""
    assert seen("by_fqn") == [FQN]


def test_by_a_part_of_the_fqn(seen: Step) -> None:
    """A table is found whatever its database."""
    assert seen("by_fqn_with_wildcard") == [FQN]


def test_nothing_is_found(seen: Step) -> None:
    """What is not there is not found."""
    assert seen("by_unknown_fqn") is None


def test_in_any_service(seen: Step) -> None:
    """A table is found whatever its service."""
    assert seen("in_any_service") == FQN


def test_by_path(seen: Step) -> None:
    """A container is found by its path."""
    assert seen("by_path") == ["search.search"]


def test_by_alias(seen: Step) -> None:
    """A name that no table goes by is not found."""
    assert seen("by_alias") is None


def test_fqn_is_built(seen: Step) -> None:
    """The client searches for a table before it builds its FQN."""
    assert seen("fqn_built") == FQN


def test_fqn_is_guessed(seen: Step) -> None:
    """The client finds the FQN of a table whose database it does not know."""
    assert seen("fqn_guessed") == FQN


def test_paginated(seen: Step) -> None:
    """The client gets every hit once."""
    assert seen("paginated") is True


def test_queries_that_cannot_be_evaluated(seen: Step) -> None:
    """The client goes on without what a search in Elasticsearch's own language would find."""
    assert seen("views") == []
    assert seen("queries_with_lineage") is None
