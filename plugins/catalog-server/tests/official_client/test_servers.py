"""The official client's first contact with the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]


def test_health(seen: Step) -> None:
    """The client finds the server healthy."""
    assert seen("health") is True


def test_versions(seen: Step) -> None:
    """The client takes the server for one of its own release."""
    server, client = seen("versions")
    assert (server, client) == ("2.0.7", "2.0.7.0")


def test_a_server_of_another_release(seen: Step) -> None:
    """A server told to be of another release is refused, unless the client does not compare."""
    assert seen("another_release") == ["VersionMismatchException", "1.12.0"]


def test_tokens(seen: Step) -> None:
    """A server with a token file lets everybody read, and only who has a token write."""
    assert seen("tokens") == [401, None, "ada"]


def test_a_slash_at_the_end_of_the_address(seen: Step) -> None:
    """A host and port that end in `/api/` work as well."""
    assert seen("trailing_slash") is True


def test_configured_by_variables(seen: Step) -> None:
    """A client that is configured by environment variables works as well."""
    assert seen("from_environment") is True


def test_the_bearer_of_a_token(seen: Step) -> None:
    """The server knows whose token it was sent."""
    assert seen("who_am_i") == ["ingestion-bot", "ada"]
