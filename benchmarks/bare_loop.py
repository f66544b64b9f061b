"""The yardstick: the same models, written without a host.

`python -m benchmarks.bare_loop jsonl|catalog COUNT FILE` prints the seconds of the loop alone,
without the start of the process.
"""

from __future__ import annotations

import sqlite3
import sys
import time
import uuid
from itertools import islice
from pathlib import Path

from om_ingest.model import CreateTableRequest
from om_ingest.model.entity import CreateRequest

from benchmarks.bench_tables import records

SERVICE = "bench"
COLUMN_COUNT = 5
BATCH_COUNT = 1000
SCHEMA = """
CREATE TABLE entity (id BLOB PRIMARY KEY, fqn TEXT UNIQUE NOT NULL, json BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(name, description, columns);
"""


def fqn_of(request: CreateRequest) -> str:
    """The FQN of a request; none of the names needs quotes."""
    parent = getattr(request, request.parent_field) if request.parent_field else None
    return f"{parent}.{request.name}" if parent else request.name


def to_jsonl(count: int, path: Path) -> None:
    """Write one line of JSON per record, as the sink `jsonl` does."""
    with path.open("wb") as file:
        for record in records(SERVICE, count, COLUMN_COUNT):
            body = record.model_dump_json(exclude_none=True).encode()
            file.write(b'{"type":"%s","record":%s}\n' % (record.entity_type.encode(), body))


def to_sqlite(count: int, path: Path) -> None:
    """Store id, FQN, JSON and searchable words of each record, in batches."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = normal")
    connection.executescript(SCHEMA)
    stream = records(SERVICE, count, COLUMN_COUNT)
    rowid = 0
    while batch := list(islice(stream, BATCH_COUNT)):
        entities, words = [], []
        for record in batch:
            rowid += 1
            fqn = fqn_of(record)
            entity_id = uuid.uuid5(uuid.NAMESPACE_URL, fqn).bytes
            entities.append((rowid, entity_id, fqn, record.model_dump_json(exclude_none=True)))
            columns = record.columns if isinstance(record, CreateTableRequest) else ()
            names = " ".join(column.name for column in columns)
            words.append((rowid, record.name, record.description, names))
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO entity (rowid, id, fqn, json) VALUES (?, ?, ?, ?)", entities
        )
        connection.executemany(
            "INSERT INTO words (rowid, name, description, columns) VALUES (?, ?, ?, ?)", words
        )
        connection.execute("COMMIT")
    connection.close()


if __name__ == "__main__":
    target, count, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    loop = {"jsonl": to_jsonl, "catalog": to_sqlite}[target]
    began = time.perf_counter()
    loop(count, path)
    print(time.perf_counter() - began)
