"""What the official client hangs on a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]

FQN = "tables.tables.tables.tables"
SQL = "select id from customers"


def test_columns(seen: Step) -> None:
    """The columns of a table are listed on their own."""
    assert seen("columns") == [f"{FQN}.id", f"{FQN}.address"]


def test_nested_columns(seen: Step) -> None:
    """A column inside a column has an FQN, quoted where it must be."""
    assert seen("nested_column_fqn") == f'{FQN}.address."zip.code"'


def test_columns_are_described(seen: Step) -> None:
    """A column is described, and so is one inside a column."""
    assert seen("column_described") == ["Which one", "Where"]


def test_columns_are_tagged(seen: Step) -> None:
    """A column is tagged, on condition that nobody changed the table meanwhile."""
    assert seen("column_tagged") == ["Sensitivity.Secret"]


def test_columns_keep_what_was_patched(seen: Step) -> None:
    """Description and tags of a column outlive the next request without them."""
    assert seen("columns_keep_what_people_wrote") == ["Which one", ["Sensitivity.Secret"]]


def test_constraints(seen: Step) -> None:
    """A table's constraints are patched."""
    assert seen("constrained") == [{"constraintType": "UNIQUE", "columns": ["id"]}]


def test_a_stale_patch(seen: Step) -> None:
    """A patch of a version that is no longer there is refused with 412."""
    assert seen("stale_patch")["status"] == 412


def test_patched(seen: Step) -> None:
    """A difference between two entities is patched."""
    assert seen("patched") == ["Customers"]


def test_sample_data(seen: Step) -> None:
    """Sample data come back as they were sent, until they are deleted."""
    sent = {"columns": ["id"], "rows": [[1], [2]]}
    assert seen("sample_data") == [sent, sent, None]


def test_profile(seen: Step) -> None:
    """Profiles of table, columns and operations are found by their time, and the latest alone."""
    profile = seen("profile")
    assert sorted(profile["table"]) == sorted(profile["column"]) == [2.0, 3.0]
    assert profile["system"] == [1, 1]
    assert profile["first"] == [2.0]
    assert profile["latest"] == 3.0


def test_usage(seen: Step) -> None:
    """The usage of a day replaces what was counted for it before."""
    assert seen("usage") == [["2024-05-01", 4], ["2024-05-01", 6]]


def test_percentile(seen: Step) -> None:
    """The rank of the only table that was used that day is computed on demand."""
    assert 0 <= seen("percentile") <= 100


def test_joins(seen: Step) -> None:
    """Columns that are joined with a column are remembered."""
    joins = seen("joins")
    (column,) = joins["columnJoins"]
    assert column["columnName"] == "id"
    assert column["joinedWith"] == [{"fullyQualifiedName": f"{FQN}.address", "joinCount": 7}]


def test_data_model(seen: Step) -> None:
    """The model that a table was made from is kept."""
    model = seen("data_model")
    assert (model["modelType"], model["sql"], model["path"]) == ("DBT", "select 1", "models/x.sql")


def test_profiler_config(seen: Step) -> None:
    """How a table is profiled is kept."""
    config = seen("profiler_config")
    assert (config["profileQuery"], config["excludeColumns"]) == ("select 1", ["address"])


def test_custom_metric(seen: Step) -> None:
    """A metric of one's own is kept."""
    assert seen("custom_metric") == ["big"]


def test_life_cycle(seen: Step) -> None:
    """When a table was created is patched."""
    life = {"created": {"timestamp": 1_700_000_000_000, "accessedByAProcess": "etl"}}
    assert seen("life_cycle") == life


def test_queries(seen: Step) -> None:
    """A query is stored once, and found by the table that it uses."""
    query = seen("query")
    assert query["queries"] == [SQL]
    assert query["used in"] == [True]
    (fqn,) = query["fqn"]
    assert fqn.startswith("tables.")


def test_a_query_by_its_hash(seen: Step) -> None:
    """A query's name is the hash that the client makes of it."""
    assert seen("query_by_hash") == SQL


def test_a_query_is_marked(seen: Step) -> None:
    """A query whose lineage was drawn is marked."""
    assert seen("query_processed") is True


def test_reserved_characters(seen: Step) -> None:
    """Names that the client has to rewrite arrive, and come back as they were."""
    expected = {"same": True, "name": 'a "b"::c > d', "column": 'net > "gross"'}
    assert seen("reserved_characters") == expected


def test_who_describes(seen: Step) -> None:
    """A bot's request leaves a description alone, a person's replaces it."""
    assert seen("described_by_request") == ["By 0", "By 0", "By 2"]
