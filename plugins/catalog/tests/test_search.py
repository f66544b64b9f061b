"""Full-text search."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.model import Table
from om_ingest_catalog import Catalog


@pytest.fixture
def library(catalog: Catalog, table: Any) -> Catalog:
    """Tables orders, clients (a column mentions orders) and café."""
    nested = {"name": "zip_code", "dataType": "STRING", "description": "postal area"}
    catalog.write(
        [
            table(
                name="clients", columns=[{"name": "a", "dataType": "INT", "description": "orders"}]
            ),
            table(
                name="orders",
                displayName="Purchases",
                description="one row per sale",
                columns=[{"name": "address", "dataType": "STRUCT", "children": [nested]}],
            ),
            table(name="café", description="orders"),
        ]
    )
    return catalog


def found(catalog: Catalog, words: str) -> list[str]:
    return [hit.name for hit in catalog.search(words)]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("orders", ["orders", "café", "clients"]),
        ("ORD", ["orders", "café", "clients"]),
        ("purch", ["orders"]),
        ("row sale", ["orders"]),
        ("sale nothing", []),
        ("zip_code", ["orders"]),
        ("zip-co", ["orders"]),
        ("postal", ["orders"]),
        ("cafe", ["café"]),
        ("cafe\u0301", ["café"]),
        ("", []),
        ("_ ?! *", []),
        ('"sale', ["orders"]),
        ("sale*) OR (nothing", []),
        ("name:orders AND", []),
        ("NEAR(row sale", []),
        ("\x00sale\ud800", ["orders"]),
    ],
)
def test_words_are_found_by_their_beginning(library: Catalog, words: str, names: list[str]) -> None:
    """All words must begin a word of the entity; names weigh most; punctuation is ignored."""
    assert found(library, words) == names


def test_a_hit_tells_what_it_is(library: Catalog) -> None:
    """A hit has type, FQN, description and the words around the match; `limit` caps them."""
    (hit,) = library.search("postal", limit=1)
    assert (hit.entity_type, hit.fqn) == ("table", "s.d.x.orders")
    assert hit.description == "one row per sale"
    assert "postal area" in hit.snippet
    assert len(library.search("orders", limit=2)) == 2


def test_an_update_is_found_by_its_new_words(library: Catalog) -> None:
    """After an update the old words find nothing and the new ones do."""
    operation = {"op": "replace", "path": "/displayName", "value": "Invoices"}
    library.patch(Table, "s.d.x.orders", [operation])
    assert found(library, "purchases") == []
    assert found(library, "invoices") == ["orders"]
