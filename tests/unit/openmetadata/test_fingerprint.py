"""`sourceHash` changes with the content, and with nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.openmetadata.fingerprints import source_hash

TABLE: dict[str, Any] = {
    "name": "t",
    "databaseSchema": "s.d.p",
    "columns": [
        {"name": "a", "dataType": "INT", "ordinalPosition": 1, "tags": [{"tagFQN": "x.y"}]},
        {"name": "b", "dataType": "INT", "ordinalPosition": 2},
    ],
    "tags": [{"tagFQN": "b.c"}, {"tagFQN": "a.b"}],
    "owners": [{"type": "user", "fullyQualifiedName": "u"}, {"type": "user", "id": "1"}],
    "aliases": ["y", "x"],
    "schemaDefinition": "create  table t\n(a int)",
}


@pytest.mark.parametrize(
    "change",
    [
        {"columns": TABLE["columns"][::-1]},
        {"tags": TABLE["tags"][::-1]},
        {"owners": TABLE["owners"][::-1]},
        {"aliases": ["x", "y"]},
        {"schemaDefinition": " create table t (a  int)"},
        {"sourceHash": "of another"},
        {"tags": [{**tag, "href": "http://h"} for tag in TABLE["tags"]]},
    ],
)
def test_what_makes_no_difference(change: dict[str, Any]) -> None:
    """Order where it means nothing, white space and links do not change it (§6.4)."""
    reordered = dict(reversed(list({**TABLE, **change}.items())))
    assert source_hash(reordered) == source_hash(TABLE)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "u"},
        {"description": "d"},
        {"columns": TABLE["columns"][:1]},
        {"columns": [{"name": "a", "dataType": "INT"}, {"name": "b", "dataType": "INT"}]},
        {"schemaDefinition": "create table t (b int)"},
    ],
)
def test_what_makes_a_difference(change: dict[str, Any]) -> None:
    """Any change of the content changes it."""
    assert source_hash({**TABLE, **change}) != source_hash(TABLE)


def test_columns_without_a_position() -> None:
    """Where columns have no position, their order is their position."""
    columns = [{"name": name, "dataType": "INT"} for name in "ab"]
    assert source_hash({"columns": columns}) != source_hash({"columns": columns[::-1]})


def test_its_form() -> None:
    """It has the 32 characters that a server allows."""
    assert len(source_hash(TABLE)) == 32
