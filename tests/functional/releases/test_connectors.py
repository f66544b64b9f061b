"""Our connectors, run against servers of several versions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.functional.preserving.targets import Served
from tests.functional.preserving.values import Body
from tests.functional.releases.test_lying import run_connector
from tests.functional.releases.test_matrix import WRITES, left_out, problems, served
from tests.selection import few

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL UNIQUE);
CREATE TABLE orders (customer INT NOT NULL REFERENCES customers, number INT);
CREATE VIEW revenue AS SELECT email, count(*) AS orders FROM customers JOIN orders
    ON customer = id GROUP BY id;
"""
OLD = {"table.tableConstraints.relationshipType": 13, "table.locationPath": 1}
"""What servers before 1.5.8 cannot hold of the sample tables."""

CASES: list[tuple[str, str, dict[str, int]]] = [
    ("sample-tables", "1.5.0", OLD),
    ("sqlite", "1.6.0", {}),
    ("sample-tables", "1.6.0", {}),
    ("sample-tables", "1.12.0", {}),
    ("sample-tables", "2.0.7", {}),
    ("sqlite", "1.5.0", {"table.tableConstraints.relationshipType": 1}),
    ("sqlite", "2.0.7", {}),
]


@pytest.mark.parametrize(("connector", "version", "lost"), few(CASES, 2))
def test_a_connector_delivers_to_each_version(
    connector: str, version: str, lost: dict[str, int], tmp_path: Path
) -> None:
    """All records arrive, what is left out is named, and a second run writes nothing."""
    with served(tmp_path, version) as server:
        report = run(connector, server)
        assert problems(report) == []
        assert report["exitCode"] == 0
        assert left_out(report) == lost
        delivered = sum(report["records"][name] for name in ("created", "written"))
        assert delivered == report["records"]["yielded"] > 5
        before = len(server.asked)
        again = run(connector, server)
        assert again["records"]["unchanged"] == again["records"]["yielded"]
        assert not [one for one in server.asked[before:] if one[0] in WRITES]
        assert left_out(again) == lost


def run(connector: str, server: Served) -> Body:
    """`om-ingest run` of a connector with something to read."""
    config: dict[str, Any] = {}
    if connector == "sqlite":
        database = server.folder / "shop.db"
        config = {"database_path": str(database)}
        if not database.exists():
            with closing(sqlite3.connect(database)) as made:
                made.executescript(SCHEMA)
    return run_connector(server, connector, config)
