"""What the server does not do, it says: the official client is not misled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

Step: TypeAlias = Callable[..., Any]


def test_every_route_of_the_client(seen: Step) -> None:
    """Whatever collection the client has a route for is answered, or said to be missing."""
    wrong = {route: code for route, code in seen("routes").items() if code not in {200, 501}}
    assert not wrong


def test_most_routes_are_answered(seen: Step) -> None:
    """The collections of all service families are among those that are answered."""
    answered = [route for route, code in seen("routes").items() if code == 200]
    assert len([route for route in answered if route.startswith("/services/")]) == 13
    assert len(answered) >= 40


def test_assets(seen: Step) -> None:
    """What is under a tag, a person or a domain is said to be missing."""
    assert set(seen("assets").values()) == {501}


def test_observability(seen: Step) -> None:
    """The client goes on where it is refused something that it can do without."""
    assert seen("observability") is None


@pytest.mark.parametrize(
    "call", ["custom_property", "quality_case", "quality_suite", "csv", "threads"]
)
def test_a_call_that_nobody_answers(seen: Step, call: str) -> None:
    """The client is told that this is not implemented, and where to look what is."""
    refusal = seen(call)
    assert refusal["status"] == 501
    assert "/docs" in refusal["message"]
