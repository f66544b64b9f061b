"""The connector keeps the contract of a source."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from metadata.ingestion.source.database.sqlite_file import SqliteSource
from om_ingest_testing import SourceSuite

SHOP = """
    CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "e-mail" VARCHAR(80) UNIQUE);
    CREATE TABLE purchase (
        id INTEGER PRIMARY KEY,
        customer_id INTEGER NOT NULL REFERENCES customer (id),
        price DECIMAL(10, 2),
        paid BOOLEAN
    );
    CREATE VIEW revenue AS
        SELECT customer.name, sum(price) AS total FROM purchase
        JOIN customer ON customer.id = customer_id GROUP BY customer.name;
"""


@pytest.fixture(scope="class", autouse=True)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The file that is read."""
    path = tmp_path_factory.mktemp("sqlite") / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SHOP)
    request.cls.config = {"database_path": path}


class TestSqlite(SourceSuite):
    source = SqliteSource
    golden = Path(__file__).with_name("golden.jsonl")
