"""The schema of a SQLite file, from sqlite_master and the pragmas."""

from __future__ import annotations

import re
import sqlite3
import string
from collections.abc import Sequence
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from metadata.ingestion.source.database.sqlite_file.file import (
    SqliteFile,
    UnparsedError,
    UnresolvedError,
)
from om_ingest.model import TableType

# Shadow tables of a virtual table by suffix (xShadowName of each module), and how the columns
# begin that the module gives them. One's own table may have the name of a shadow table that the
# module did not make, as of an external content table (https://sqlite.org/fts5.html §4.4.3).
_FTS3 = {
    "content": r"docid INTEGER PRIMARY KEY, '?c0",
    "segments": "blockid INTEGER PRIMARY KEY, block BLOB",
    "segdir": "level INTEGER, *idx INTEGER, *start_block INTEGER",
    "docsize": "docid INTEGER PRIMARY KEY, size BLOB",
    "stat": "id INTEGER PRIMARY KEY, value BLOB",
}
_FTS5 = {
    "data": "id INTEGER PRIMARY KEY, block BLOB",
    "idx": "segid, term, pgno",
    "content": r"id INTEGER PRIMARY KEY, c0\b",
    "docsize": "id INTEGER PRIMARY KEY, sz BLOB",
    "config": "k PRIMARY KEY, v",
}
_RTREE = {
    "node": "nodeno INTEGER PRIMARY KEY, *data",
    "rowid": "rowid INTEGER PRIMARY KEY, *nodeno",
    "parent": "nodeno INTEGER PRIMARY KEY, *parentnode",
}
_SHADOWS = {
    "fts3": _FTS3,
    "fts4": _FTS3,
    "fts5": _FTS5,
    "rtree": _RTREE,
    "rtree_i32": _RTREE,
    "geopoly": _RTREE,
}
_MODULE = re.compile(
    r"""CREATE\ VIRTUAL\ TABLE\s+
        (?: "(?:[^"]|"")*" | `(?:[^`]|``)*` | '(?:[^']|'')*' | \[[^]]*] | [^\s"`'\[]+ )
        \s*USING\s+ ["`'[]? (\w+)""",
    re.IGNORECASE | re.VERBOSE,
)
# The name of a relation as the file has it: not every name can be a Python string for SQLite.
_NAME = "CAST(?1 AS TEXT)"
_ROWID = ("INTEGER", 0)
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def folded(name: str) -> str:
    """The form in which SQLite compares names: only ASCII letters lose their case."""
    return name.translate(_ASCII_LOWER)


class Relation(NamedTuple):
    """A table or view of the file."""

    name: str
    key: str | bytes
    """Its name for SQLite, to which one that is not UTF-8 must be given in bytes."""
    is_view: bool
    internal: str = ""
    """Why it is not one of the owner's tables; empty if it is."""

    @property
    def is_misread(self) -> bool:
        """Whether its name is not UTF-8."""
        return isinstance(self.key, bytes) and self.key != self.name.encode()

    @property
    def table_type(self) -> TableType:
        """Its type in OpenMetadata."""
        return TableType.View if self.is_view else TableType.Regular


class ColumnInfo(NamedTuple):
    """One column as SQLite describes it."""

    name: str
    declared_type: str
    not_null: bool
    key_position: int
    """Its position in the primary key, from 1; 0 for a column outside it."""


class Shape(NamedTuple):
    """The columns of a table or view, as far as a query can name them."""

    name: str
    columns: list[str]
    """Those of `SELECT *`."""
    hidden: list[str]
    """Those of a virtual table that are not in `SELECT *`."""
    rowid: str | None
    """The one that `rowid` stands for; None if `rowid` is no column."""


class ForeignKey(NamedTuple):
    """A foreign key; `targets` is empty if it names only the table it refers to."""

    table: str
    columns: list[str]
    targets: list[str]


def relations(file: SqliteFile) -> list[Relation]:
    """Every table, then every view, each by name."""
    found = file.rows(
        "SELECT name, sql FROM sqlite_master"
        " WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
    )
    shadows = {
        folded(f"{name}_{suffix}"): (name, rf"\({begin}")
        for name, sql in found
        if (module := _MODULE.match(sql))
        for suffix, begin in _SHADOWS.get(module[1].lower(), {}).items()
    }
    listed = file.rows(
        "SELECT CAST(name AS TEXT), CAST(name AS BLOB), type = 'view', CAST(sql AS TEXT)"
        " FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY type, name"
    )
    in_bytes = file.rows("PRAGMA encoding") == [("UTF-8",)]
    return [
        Relation(
            name or "",
            (key if in_bytes else name) or "",
            bool(view),
            _internal(name or "", sql if sql and not view else "", shadows),
        )
        for name, key, view, sql in listed
    ]


def _internal(name: str, sql: str, shadows: dict[str, tuple[str, str]]) -> str:
    if folded(name).startswith("sqlite_"):
        return "a table of SQLite itself"
    owner, columns = shadows.get(folded(name), ("", ""))
    return f"a shadow table of {owner}" if columns and re.search(columns, sql) else ""


def definition(file: SqliteFile, relation: Relation) -> str | None:
    """The statement that created a table or view; None if SQLite keeps none."""
    rows = file.rows(
        f"SELECT CAST(sql AS TEXT) FROM sqlite_master WHERE name = {_NAME}"
        " AND type IN ('table', 'view')",
        relation.key,
    )
    return rows[0][0] if rows else None


def columns(file: SqliteFile, relation: Relation) -> list[ColumnInfo]:
    """The columns of `SELECT *` in their order, generated ones included.

    Raises `UnresolvedError` for what SQLite cannot parse or resolve, and `DamagedError`.
    """
    rows = _described(file, relation, 'name, type, "notnull", pk, hidden = 1')
    if not rows:
        raise UnparsedError(_why_unknown(definition(file, relation)), "Repair or drop the object.")
    return [
        ColumnInfo(column, kind or "", bool(strict), pk)
        for column, kind, strict, pk, is_hidden in rows
        if not is_hidden
    ]


def _described(file: SqliteFile, relation: Relation, wanted: str) -> list[tuple[Any, ...]]:
    sql = f"SELECT {wanted} FROM pragma_table_xinfo({_NAME}, 'main') ORDER BY cid"
    try:
        return file.rows(sql, relation.key)
    except UnresolvedError:
        # A view that only lacks a collation, which it compares with, knows its columns now.
        return file.rows(sql, relation.key)


def shape(file: SqliteFile, relation: Relation) -> Shape:
    """What queries can name of a table or view; raises `SourceError` if SQLite cannot read it."""
    # Only an INTEGER PRIMARY KEY without an index of its own is another name of rowid.
    rows = _described(
        file,
        relation,
        "name, type, pk, hidden = 1,"
        f" (SELECT count(*) FROM pragma_index_list({_NAME}, 'main') WHERE origin = 'pk')",
    )
    keys = [name for name, kind, pk, _, indexes in rows if pk and (kind.upper(), indexes) == _ROWID]
    return Shape(
        relation.name,
        [name for name, _, _, is_hidden, _ in rows if not is_hidden],
        [name for name, _, _, is_hidden, _ in rows if is_hidden],
        keys[0] if len(keys) == sum(bool(row[2]) for row in rows) == 1 else None,
    )


def _why_unknown(statement: str | None) -> str:
    """What SQLite says of a statement that stands in the file and made no table or view."""
    if not statement:
        return "the file holds no statement that created it"
    with closing(sqlite3.connect(":memory:")) as scratch:
        try:
            scratch.execute(f"EXPLAIN {statement}").close()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            return str(error)
    return "the file has it under another name than its statement"


def unread_indexes(file: SqliteFile, relation: Relation) -> list[str]:
    """Indexes of a table whose statements SQLite cannot parse."""
    rows = file.rows(
        f"SELECT CAST(name AS TEXT) FROM sqlite_master WHERE type = 'index' AND tbl_name = {_NAME}"
        f" AND sql <> '' AND name NOT IN (SELECT name FROM pragma_index_list({_NAME}, 'main'))",
        relation.key,
    )
    return [name or "" for (name,) in rows]


def primary_key(infos: Sequence[ColumnInfo]) -> list[str]:
    """The names of the primary key's columns, in the key's order."""
    members = sorted((info.key_position, info.name) for info in infos if info.key_position)
    return [name for _, name in members]


def unique_keys(file: SqliteFile, relation: Relation) -> list[list[str]]:
    """Columns of every unique constraint and index except the primary key, as declared.

    Partial indexes and indexes over expressions are left out: they do not constrain columns.
    """
    rows = file.rows(
        "SELECT list.name, info.cid, info.name"
        f" FROM pragma_index_list({_NAME}, 'main') AS list,"
        " pragma_index_info(list.name, 'main') AS info"
        " WHERE list.\"unique\" AND NOT list.partial AND list.origin <> 'pk'"
        " ORDER BY list.seq DESC, info.seqno",
        relation.key,
    )
    keys: list[list[str]] = []
    for _, members in groupby(rows, key=itemgetter(0)):
        listed = [(cid, column) for _, cid, column in members]
        key = [column for _, column in listed]
        if all(cid >= 0 for cid, _ in listed) and set(key) not in map(set, keys):
            keys.append(key)
    return keys


def foreign_keys(file: SqliteFile, relation: Relation) -> list[ForeignKey]:
    """Every foreign key, as declared."""
    rows = file.rows(
        f'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list({_NAME}, \'main\')'
        " ORDER BY id DESC, seq",
        relation.key,
    )
    keys = []
    for _, members in groupby(rows, key=itemgetter(0)):
        listed = list(members)
        targets = [row[3] for row in listed if row[3] is not None]
        keys.append(ForeignKey(listed[0][1], [row[2] for row in listed], targets))
    return keys
