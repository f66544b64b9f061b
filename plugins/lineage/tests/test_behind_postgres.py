"""The processor behind the source `postgres`, with the views of a sample database."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from described_source import Ran
from tests.databases.samples import sample

if TYPE_CHECKING:
    from tests.databases.postgres import Cluster

READS = {
    "actor_info": {"actor", "film_actor", "film_category", "category", "film"},
    "customer_list": {"customer", "address", "city", "country"},
    "film_list": {"category", "film_category", "film", "film_actor", "actor"},
    "rental_by_category": {"payment", "rental", "inventory", "film_category", "category"},
    "sales_by_store": {
        *("payment", "rental", "inventory", "store"),
        *("address", "city", "country", "staff"),
    },
}
"""Written from the statements of the sample."""


@pytest.mark.full
def test_sample(tmp_path: Path, postgres: Cluster) -> None:
    """Every view has edges from the tables that it reads, with columns; dynamic SQL is told."""
    database = postgres.database(sample("postgres", "pagila"))
    flow = {
        "source": {
            "type": "postgres",
            "serviceName": "pg",
            "serviceConnection": {"config": {"type": "Postgres", **database.config()}},
            "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        },
        "processors": [{"type": "sql-lineage", "config": {"cache": False}}],
        "sink": {"type": "jsonl", "config": {"path": str(tmp_path / "out.jsonl")}},
    }
    ran = Ran(tmp_path, flow)
    database.drop()
    assert ran.code == 0, ran.output
    schema = f"pg.{database.name}.public."
    found = defaultdict(set)
    for source, target in ran.edges:
        found[target.removeprefix(schema)].add(source.removeprefix(schema))
    assert found == READS
    assert ran.edges[f"{schema}customer", f"{schema}customer_list"] == {
        "id": ["customer_id"],
        "name": ["first_name", "last_name"],
        "notes": ["activebool"],
        "sid": ["store_id"],
    }
    assert ran.edges[f"{schema}rental", f"{schema}sales_by_store"] == {}
    assert ran.told["counts"]["edgesWithAllColumns"] == sum(map(len, READS.values()))
    ((about, reason),) = ran.doubts.items()
    assert about == f"{schema}rewards_report"
    assert reason.startswith("dynamic SQL: line 8: ")
