"""People, words and domains through the official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]


def test_tags_of_a_classification(seen: Step) -> None:
    """A classification's tags are listed."""
    assert seen("tags_of_a_classification") == ["Public", "Secret"]


def test_a_tag_in_a_tag(seen: Step) -> None:
    """Tags nest."""
    assert seen("nested_tag") == "Sensitivity.Secret.Top"


def test_an_unknown_tag(seen: Step) -> None:
    """The client is told that a tag is not there."""
    assert "tag instance for Sensitivity.Nothing not found" in seen("unknown_tag")


def test_exclusive_tags(seen: Step) -> None:
    """Of two tags that exclude each other the first one stays."""
    assert seen("exclusive_tags") == ["Tier.One"]


def test_glossary(seen: Step) -> None:
    """Terms nest, are related, and are put on a table."""
    assert seen("glossary") == {
        "fqn": "Shop.Party.Customer",
        "parent": "Shop.Party",
        "glossary": "Shop",
        "synonyms": ["Customers"],
        "related": 1,
        "on the table": ["Shop.Party.Customer"],
    }


def test_team(seen: Step) -> None:
    """A user is in a team, and a team may own something."""
    assert seen("team") == {"teams": [True], "same": True, "owners": [["team", "sellers"]]}


def test_an_owner_is_kept(seen: Step) -> None:
    """An owner is replaced by another only if that is meant."""
    assert seen("owner_kept") == ["sellers", "ada"]


def test_a_user_is_found(seen: Step) -> None:
    """A user is found by name and by mail, and somebody else is not."""
    expected = {"by name": "joan.clarke", "by mail": "joan.clarke", "nobody": None}
    assert seen("user_found") == expected


def test_domains(seen: Step) -> None:
    """Domains nest; a product is in one, and a table in both."""
    assert seen("domains") == {
        "fqn": "Sales.Web",
        "parent": "Sales",
        "domains": ["Sales.Web"],
        "products": ["Orders"],
        "product's": ["Sales.Web"],
    }


def test_metrics(seen: Step) -> None:
    """A metric has its expression, and others that it is related to."""
    assert seen("metrics") == {"code": "sum(x)", "related": ["orders"]}
