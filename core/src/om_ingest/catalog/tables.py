"""The tables of a catalog file, as the ordered steps that made them what they are.

A new file takes every step, an older one those it has not taken yet: both end up the same.
A released step is never changed; a change of the tables is one more step.
"""

from __future__ import annotations

import json
import sqlite3

from om_ingest.catalog.ids import entity_id
from om_ingest.sqlite_file import FileFormat, Step

APPLICATION_ID = 0x6F6D6967
"""Marks a SQLite file as ours in its header: "omig" in ASCII."""

_CACHE_KIB = 16 * 1024

_VERSION_1: Step = (
    # `fqn` sorts by code point, so the descendants of x are the range x. <= fqn < x/
    # ("/" follows "." in ASCII) and no parent column is needed.
    # `deleted` is 0, or the rowid of the entity whose deletion took this one along.
    # `put_hash` is the digest of the bot's request that left the row as it is, else NULL;
    # it stands before the body, so that reading it touches none of a long body's pages.
    """
    CREATE TABLE entity (
        rowid INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        entity_type TEXT NOT NULL,
        fqn TEXT NOT NULL,
        name TEXT NOT NULL,
        version REAL NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL,
        deleted INTEGER NOT NULL DEFAULT 0,
        put_hash BLOB,
        body TEXT NOT NULL,
        change TEXT,
        UNIQUE (entity_type, fqn)
    )
    """,
    """
    CREATE TABLE history (
        entity INTEGER NOT NULL,
        version REAL NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        body TEXT NOT NULL,
        change TEXT,
        PRIMARY KEY (entity, version)
    )
    """,
    """
    CREATE TABLE lineage (
        source INTEGER NOT NULL,
        target INTEGER NOT NULL,
        description TEXT,
        details TEXT NOT NULL,
        PRIMARY KEY (source, target)
    )
    """,
    "CREATE INDEX lineage_target ON lineage (target)",
    """
    CREATE VIRTUAL TABLE search USING fts5 (
        name, display_name, description, columns, tokenize = "unicode61 remove_diacritics 2"
    )
    """,
)


def _fill_pipelines(connection: sqlite3.Connection) -> None:
    """Note at each edge of an older file which pipeline it is annotated with."""
    for rowid, details in connection.execute("SELECT rowid, details FROM lineage"):
        pipeline = pipeline_in(json.loads(details))
        if pipeline is not None:
            sql = "UPDATE lineage SET pipeline = ? WHERE rowid = ?"
            connection.execute(sql, (pipeline, rowid))


def pipeline_in(details: dict[str, object]) -> str | None:
    """The id of the pipeline that the details of an edge name; None if they name none."""
    given = details.get("pipeline")
    if not isinstance(given, dict):
        return None
    if given.get("id"):
        return str(given["id"])
    fqn = given.get("fullyQualifiedName")
    return entity_id("pipeline", str(fqn)) if fqn else None


_VERSION_2: Step = (
    # What lies beside an entity: `name` says what it is, `key` which one of several.
    # `at` is the time in ms of one of a series, NULL for what is in no series.
    """
    CREATE TABLE attachment (
        entity INTEGER NOT NULL,
        name TEXT NOT NULL,
        key TEXT NOT NULL,
        at INTEGER,
        body TEXT NOT NULL,
        PRIMARY KEY (entity, name, key)
    )
    """,
    "CREATE INDEX attachment_at ON attachment (entity, name, at) WHERE at IS NOT NULL",
    # What many entities have under one key: the use of a day, what a user follows.
    "CREATE INDEX attachment_key ON attachment (name, key)",
    # `pipeline` is the id of the pipeline that an edge is annotated with.
    "ALTER TABLE lineage ADD COLUMN pipeline TEXT",
    _fill_pipelines,
    "CREATE INDEX lineage_pipeline ON lineage (pipeline) WHERE pipeline IS NOT NULL",
)

CATALOG = FileFormat("catalog", APPLICATION_ID, (_VERSION_1, _VERSION_2), _CACHE_KIB)
"""The format of a catalog file."""
