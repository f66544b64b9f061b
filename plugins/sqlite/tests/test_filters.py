"""Filters and include flags: what is left out is reported, with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from metadata.ingestion.source.database.sqlite_file import SqliteSource
from om_ingest import WorkflowContext, WorkflowError
from om_ingest.config.settings import DatabaseSourceConfig, FilterPattern

Ingest = Callable[..., Any]
Make = Callable[..., Path]

SHOP = (
    "CREATE TABLE users (id INT, password TEXT); CREATE TABLE orders (id INT, user INT);"
    "CREATE TABLE tmp_orders (id INT); CREATE VIEW v_users AS SELECT id, password FROM users"
)


@pytest.mark.parametrize(
    ("config", "source_config", "kept"),
    [
        ({}, None, {"users", "orders", "tmp_orders", "v_users"}),
        ({"include_views": False}, None, {"users", "orders", "tmp_orders"}),
        ({"include_tables": False}, None, {"v_users"}),
        ({}, {"includeViews": False}, {"users", "orders", "tmp_orders"}),
        ({}, {"includeTables": False}, {"v_users"}),
        ({"table_filter": {"excludes": ["TMP_"]}}, None, {"users", "orders", "v_users"}),
        ({"table_filter": {"includes": ["user"]}}, None, {"users"}),
        (
            {"table_filter": {"includes": ["user"]}},
            {"tableFilterPattern": {"includes": ["order"]}},
            {"orders"},
        ),
        ({}, {"tableFilterPattern": {"includes": ["svc"]}}, set()),
        (
            {},
            {
                "tableFilterPattern": {"includes": [r"svc\.data\.main\.o"]},
                "useFqnForFiltering": True,
            },
            {"orders"},
        ),
    ],
)
def test_tables_are_kept_by_pattern_and_flag(
    ingest: Ingest,
    make: Make,
    config: dict[str, Any],
    source_config: dict[str, Any] | None,
    kept: set[str],
) -> None:
    """Only the wanted tables are yielded, and every other one is counted as filtered."""
    settings = None if source_config is None else DatabaseSourceConfig(**source_config)
    result = ingest(make(SHOP), settings, **config)
    assert set(result.tables) == kept
    assert result.status.filtered_count == 4 - len(kept)
    assert result.status.scanned_count == len(kept)
    assert result.complete


@pytest.mark.parametrize(
    ("pattern", "records"), [("databaseFilterPattern", 1), ("schemaFilterPattern", 2)]
)
def test_filtered_database_or_schema_yields_nothing_below(
    ingest: Ingest, make: Make, pattern: str, records: int
) -> None:
    """Below a filtered database or schema nothing is read, and nothing is called complete."""
    settings = DatabaseSourceConfig(**{pattern: FilterPattern(excludes=["data", "main"])})
    result = ingest(make(SHOP), settings)
    assert len(result.records) == records
    assert [note.reason for note in result.status.filtered] == [f"left out by {pattern}"]


def test_columns_are_filtered_everywhere(ingest: Ingest, make: Make) -> None:
    """A filtered column stands in no table, no view and no lineage, and each is reported."""
    result = ingest(make(SHOP), column_filter={"excludes": ["password"]})
    assert list(result.columns("users")) == list(result.columns("v_users")) == ["id"]
    assert result.lineage == {("users", "v_users"): {"v_users.id": "users.id"}}
    assert result.reasons("filtered") == {
        "users.password": "left out by column_filter",
        "v_users.password": "left out by column_filter",
    }


def test_a_table_without_a_kept_column_is_filtered(ingest: Ingest, make: Make) -> None:
    """A table whose columns are all filtered is itself filtered."""
    result = ingest(make(SHOP), column_filter={"excludes": ["id"]})
    assert set(result.tables) == {"users", "orders", "v_users"}
    assert result.reasons("filtered")["tmp_orders"] == "all its columns are left out"


def test_no_lineage_to_a_filtered_table(ingest: Ingest, make: Make) -> None:
    """An edge needs both its ends: a view on a filtered table has none."""
    result = ingest(make(SHOP), table_filter={"excludes": ["users"]})
    assert "v_users" in result.tables
    assert result.lineage == {}


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"database_path": ""},
        {"database_path": "a\0b"},
        {"database_path": "a::b.db"},
        {"database_path": "x.db", "timeout_s": -1},
        {"database_path": "x.db", "timeout_s": float("nan")},
        {"database_path": "x.db", "table_filter": {"includes": ["("]}},
        {"database_path": "x.db", "tables": []},
        {"database_path": "x.db", "schema_name": "a::b"},
    ],
)
def test_wrong_config_is_refused_at_create(
    context: WorkflowContext, config: dict[str, Any]
) -> None:
    """A config that cannot work is a `WorkflowError` that lists its problems."""
    with pytest.raises(WorkflowError) as caught:
        SqliteSource.create(config, {}, context)
    assert caught.value.problems


def test_a_file_name_that_names_no_database_needs_database_name(make: Make, ingest: Ingest) -> None:
    """Where the file's name is no legal name, `database_name` makes it readable."""
    result = ingest(make("CREATE TABLE t (a)", "a::b.db"), database_name="ab")
    assert result.tables["t"].databaseSchema == "svc.ab.main"
