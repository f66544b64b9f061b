"""Parsing of search queries."""

from __future__ import annotations

import json

import pytest
from om_ingest import kinds
from om_ingest_catalog_server.search_query import (
    SearchQuery,
    index_of,
    kinds_of,
    matches,
    parse_query_filter,
    parse_query_string,
)
from starlette.exceptions import HTTPException


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("s.d.x.t", "s.d.x.t", True),
        ("S.D.X.T", "s.d.x.t", True),
        ("s.d.x.t", "s.d.x.t2", False),
        ("*.x.t", "s.d.x.t", True),
        ("s.*.t", "s.d.x.t", True),
        ("s.*.x.*", "s.d.y.t", False),
        ("a*a", "a", False),
        ("*", "", True),
        ("a*b*c", "a-c-b", False),
        ("*" * 50 + "z", "y" * 3000, False),
        ("true", True, True),
        ("false", None, True),
        ("x", None, False),
        ("7", 7, True),
    ],
)
def test_patterns(pattern: str, value: object, fits: bool) -> None:
    """`*` matches any text, including none; case is ignored."""
    assert matches(pattern, value) is fits


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", SearchQuery()),
        ("*", SearchQuery()),
        ("orders", SearchQuery("orders")),
        ("ord* shop", SearchQuery("ord  shop")),
        ("email.keyword:a@b.c", SearchQuery(fields=(("email", "a@b.c"),))),
        ("alice AND isBot:false", SearchQuery("alice", (("isBot", "false"),))),
        ('name:"a b" AND x', SearchQuery("x", (("name", "a b"),))),
    ],
)
def test_query_strings(text: str, wanted: SearchQuery) -> None:
    """Words and `field:value`, joined by AND, are parsed."""
    assert parse_query_string(text) == wanted


@pytest.mark.parametrize("text", ["a OR b", "NOT a", "(a AND b)", "x:[1 TO 2]"])
def test_too_hard(text: str) -> None:
    """Unsupported syntax is 501: a wrong result would look like a right one."""
    with pytest.raises(HTTPException) as caught:
        parse_query_string(text)
    assert caught.value.status_code == 501


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, SearchQuery()),
        ({"query": {"match_all": {}}}, SearchQuery()),
        ({"query": {"ids": {"values": ["1"]}}}, SearchQuery(ids=("1",))),
        ({"query": {"term": {"name.keyword": "x"}}}, SearchQuery(fields=(("name", "x"),))),
        ({"query": {"term": {"name": {"value": "x"}}}}, SearchQuery(fields=(("name", "x"),))),
        (
            {"query": {"query_string": {"query": "a AND isBot:false"}}},
            SearchQuery("a", (("isBot", "false"),)),
        ),
    ],
)
def test_filters(given: object, wanted: SearchQuery) -> None:
    """The queries that clients send as `query_filter` are parsed."""
    assert parse_query_filter(json.dumps(given)) == wanted


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("{", 400),
        ("[]", 501),
        ('{"query": {"bool": {}}}', 501),
        ('{"query": {"term": {"a": 1, "b": 2}}}', 501),
        ('{"other": {}}', 501),
    ],
)
def test_other_filters(text: str, status: int) -> None:
    """Invalid JSON is 400, another query 501."""
    with pytest.raises(HTTPException) as caught:
        parse_query_filter(text)
    assert caught.value.status_code == status


def test_indexes() -> None:
    """Every kind has an index of its own, and can be asked for by that or its type."""
    names = [index_of(kind) for kind in kinds.KINDS.values()]
    assert len(set(names)) == len(names)
    assert {
        "table_search_index",
        "mlmodel_search_index",
        "search_entity_search_index",
        "database_schema_search_index",
        "api_endpoint_search_index",
    } <= set(names)
    for kind in kinds.KINDS.values():
        assert kinds_of(index_of(kind)) == kinds_of(kind.entity_type) == [kind]
    assert kinds_of("all") == list(kinds.KINDS.values())
    assert kinds_of("web_analytic_user_activity_report_data_index") == []
