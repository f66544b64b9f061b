"""The tables of a catalog file, as the ordered steps that made them what they are.

A new file takes every step, an older one those it has not taken yet: both end up the same.
A released step is never changed; a change of the tables is one more step.
"""

from __future__ import annotations

import json
import sqlite3

from om_ingest.versioned_file import FileFormat, Step

from om_ingest_catalog.rows.backlinks import backlinks_of
from om_ingest_catalog.rows.links import entity_id

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


def _parent_of(row: str) -> str:
    """SQL for the FQN that a row of `entity` lies directly below; empty for a root."""
    name = f"{row}.name"
    quoted = f"'\"' || replace({name}, '\"', '\"\"') || '\"'"
    plain = f"instr({name}, '.') = 0 AND instr({name}, '\"') = 0"
    length = f"length(CASE WHEN {plain} THEN {name} ELSE {quoted} END)"
    return f"substr({row}.fqn, 1, max(length({row}.fqn) - {length} - 1, 0))"


PARENT_FQN = _parent_of("entity")
"""SQL for what a row lies directly below: its FQN; empty for a root."""

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
    # How many entities of a kind lie directly below each FQN, empty for the roots: a list
    # says how long it is, and counting would read all of it. New rows are counted where
    # they are inserted, many at once; a trigger would cost a tenth of the insert.
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
    # A list of what is deleted does not have to pass what is live.
    "CREATE INDEX entity_deleted ON entity (entity_type, fqn) WHERE deleted <> 0",
)


def _fill_backlinks(connection: sqlite3.Connection) -> None:
    """Index what the entities of an older file name."""
    rows = connection.execute("SELECT rowid, entity_type, body FROM entity")
    found = (
        mention
        for rowid, entity_type, body in rows
        for mention in backlinks_of(rowid, entity_type, json.loads(body))
    )
    connection.executemany("INSERT INTO mention VALUES (?, ?, ?)", found)


_VERSION_3: Step = (
    # Whose body names whom, apart from its place: `target` is an id, because what is named
    # need not be there; `entity_type` and `source`, a row, are of who names it. The type
    # stands in the key for those who look for a few dashboards among a million tables.
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
    # The bot that wrote in the name of somebody else; NULL for nearly all.
    "ALTER TABLE entity ADD COLUMN impersonated_by TEXT",
    "ALTER TABLE history ADD COLUMN impersonated_by TEXT",
    # Domains and data products count among what is named.
    "DELETE FROM mention",
    _fill_backlinks,
)

_STEPS = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4)

CATALOG = FileFormat("catalog", APPLICATION_ID, _STEPS, _CACHE_KIB)
"""The format of a catalog file."""
