"""The tables of a catalog file, as an ordered list of migrations.

A new file takes every step, an older file the missing ones: both end up equal. A released step
never changes; a change of the tables is a new step.
"""

from __future__ import annotations

import json
import sqlite3

from om_ingest.versioned_file import Step, VersionedFormat

from om_ingest_catalog.rows.backlinks import backlinks_of
from om_ingest_catalog.rows.links import entity_id

APPLICATION_ID = 0x6F6D6967
"""`application_id` in the SQLite header of a catalog: "omig" in ASCII."""

_CACHE_KIB = 16 * 1024

_VERSION_1: Step = (
    # `fqn` sorts by code point, so the descendants of x are the range x. <= fqn < x/
    # ("/" follows "." in ASCII) and no parent column is needed.
    # `deleted` is 0, or the rowid of the entity whose deletion deleted this one.
    # `put_hash` is the digest of the bot's request that produced this state, else NULL; see
    # writing.options for the digests of runs, which outlive changes by people.
    # It precedes the body, so that reading it does not touch a long body's overflow pages.
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
    """Fill the column `pipeline` of the edges of an older file."""
    for rowid, details in connection.execute("SELECT rowid, details FROM lineage"):
        pipeline = pipeline_in(json.loads(details))
        if pipeline is not None:
            sql = "UPDATE lineage SET pipeline = ? WHERE rowid = ?"
            connection.execute(sql, (pipeline, rowid))


def pipeline_in(details: dict[str, object]) -> str | None:
    """The id of the pipeline that an edge's details refer to; None if there is none."""
    given = details.get("pipeline")
    if not isinstance(given, dict):
        return None
    if given.get("id"):
        return str(given["id"])
    fqn = given.get("fullyQualifiedName")
    return entity_id("pipeline", str(fqn)) if fqn else None


def _parent_of(row: str) -> str:
    """SQL for the FQN of the parent of a row of `entity`; empty for a root."""
    name = f"{row}.name"
    quoted = f"'\"' || replace({name}, '\"', '\"\"') || '\"'"
    plain = f"instr({name}, '.') = 0 AND instr({name}, '\"') = 0"
    length = f"length(CASE WHEN {plain} THEN {name} ELSE {quoted} END)"
    return f"substr({row}.fqn, 1, max(length({row}.fqn) - {length} - 1, 0))"


PARENT_FQN = _parent_of("entity")
"""SQL for the FQN of a row's parent; empty for a root."""

_VERSION_2: Step = (
    # Attachments: `name` is the type of attachment, `key` tells several of a type apart.
    # `at` is the time in ms since 1970 for time series, else NULL.
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
    # For lookups by key across entities: usage of a day, followed entities of a user.
    "CREATE INDEX attachment_key ON attachment (name, key)",
    # `pipeline` is the id of the pipeline that an edge is annotated with.
    "ALTER TABLE lineage ADD COLUMN pipeline TEXT",
    _fill_pipelines,
    "CREATE INDEX lineage_pipeline ON lineage (pipeline) WHERE pipeline IS NOT NULL",
    # Number of entities of a kind directly below each FQN, which is empty for roots. Lists
    # report their total, and counting would scan them. Inserts update the table in bulk: a
    # trigger would make them 10 % slower.
    """
    CREATE TABLE tally (
        entity_type TEXT NOT NULL,
        parent TEXT NOT NULL,
        live INTEGER NOT NULL,
        gone INTEGER NOT NULL,
        PRIMARY KEY (entity_type, parent)
    ) WITHOUT ROWID
    """,
    f"""
    INSERT INTO tally
    SELECT entity_type, {PARENT_FQN}, sum(deleted = 0), sum(deleted <> 0)
    FROM entity GROUP BY 1, 2
    """,
    f"""
    CREATE TRIGGER tally_delete AFTER DELETE ON entity BEGIN
        UPDATE tally SET live = live - (OLD.deleted = 0), gone = gone - (OLD.deleted <> 0)
        WHERE entity_type = OLD.entity_type AND parent = {_parent_of("OLD")};
    END
    """,
    f"""
    CREATE TRIGGER tally_mark AFTER UPDATE OF deleted ON entity
    WHEN (OLD.deleted = 0) <> (NEW.deleted = 0) BEGIN
        UPDATE tally
        SET live = live + (NEW.deleted = 0) - (OLD.deleted = 0),
            gone = gone + (NEW.deleted <> 0) - (OLD.deleted <> 0)
        WHERE entity_type = OLD.entity_type AND parent = {_parent_of("OLD")};
    END
    """,
    # Lists of deleted entities need not scan the live ones.
    "CREATE INDEX entity_deleted ON entity (entity_type, fqn) WHERE deleted <> 0",
)


def _fill_backlinks(connection: sqlite3.Connection) -> None:
    """Build the reverse index of references of an older file."""
    rows = connection.execute("SELECT rowid, entity_type, body FROM entity")
    found = (
        backlink
        for rowid, entity_type, body in rows
        for backlink in backlinks_of(rowid, entity_type, json.loads(body))
    )
    connection.executemany("INSERT INTO mention VALUES (?, ?, ?)", found)


_VERSION_3: Step = (
    # Reverse index of references, without parents. `target` is an id, because the target
    # need not exist. `entity_type` and `source` (a rowid) describe the referrer. The type is
    # part of the key to find a few dashboards among a million tables.
    """
    CREATE TABLE mention (
        target TEXT NOT NULL,
        entity_type TEXT NOT NULL,
        source INTEGER NOT NULL,
        PRIMARY KEY (target, entity_type, source)
    ) WITHOUT ROWID
    """,
    _fill_backlinks,
)

_VERSION_4: Step = (
    # The bot that wrote on behalf of a user; NULL for nearly all rows.
    "ALTER TABLE entity ADD COLUMN impersonated_by TEXT",
    "ALTER TABLE history ADD COLUMN impersonated_by TEXT",
    # References to domains and data products are indexed too.
    "DELETE FROM mention",
    _fill_backlinks,
)

_STEPS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4)

CATALOG = VersionedFormat(
    *("catalog", APPLICATION_ID, _STEPS, _CACHE_KIB),
    upgrading="om-ingest catalog upgrade --catalog {path}",
)
"""The format of a catalog file."""
