"""Full-text index of names, descriptions and members (SQLite FTS5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from om_ingest.kinds import KINDS

from om_ingest_catalog.rows.body import Body, all_members, member_name
from om_ingest_catalog.rows.file import CatalogFile

SearchText: TypeAlias = tuple[int, str, str | None, str | None, str]
"""Row of the index: rowid of the entity, name, display name, description, members."""

_WORD = re.compile(r"[^\W_]+")

_INSERT = (
    "INSERT INTO search (rowid, name, display_name, description, columns) VALUES (?, ?, ?, ?, ?)"
)
_DELETE = "DELETE FROM search WHERE rowid = ?"
# Weights of name, display name, description, columns: a match in the name ranks highest.
_SEARCH = """
    SELECT entity.entity_type, entity.fqn, search.name, search.description,
           snippet(search, -1, '', '', '…', 16)
    FROM search JOIN entity ON entity.rowid = search.rowid
    WHERE search MATCH ? AND entity.deleted = 0
    ORDER BY bm25(search, 10.0, 5.0, 2.0, 1.0), entity.fqn
    LIMIT ?
"""

_NAMED = """
    SELECT entity.entity_type, entity.fqn, entity.name, search.display_name
    FROM search JOIN entity ON entity.rowid = search.rowid
    WHERE {condition} AND entity.deleted = 0
    LIMIT ?
"""
_WITH_WORDS = _NAMED.format(condition="search MATCH ?")
_WITHOUT_WORDS = _NAMED.format(condition="entity.name = ?")
_DELETED = """
    SELECT entity_type, fqn, name, NULL FROM entity
    WHERE deleted <> 0 AND name = ? COLLATE NOCASE
    LIMIT ?
"""
_START_CHARS = 2
"""So much of the beginning of a name is taken to be right where similar ones are looked for."""


@dataclass(frozen=True)
class SearchHit:
    """One result of a search."""

    entity_type: str
    """E.g. `table`."""

    fqn: str
    """FQN of the entity."""

    name: str
    """Name of the entity."""

    description: str | None
    """Description of the entity, if it has one."""

    snippet: str
    """Up to 16 words around the best match."""


class Named(NamedTuple):
    """An entity, as far as its names go."""

    entity_type: str
    fqn: str
    name: str
    display_name: str | None


def search_text(rowid: int, entity_type: str, body: Body) -> SearchText:
    """The row of the index for an entity."""
    words = []
    for member in all_members(KINDS[entity_type].members, body):
        words.append(member_name(member))
        if "description" in member:
            words.append(member["description"])
    return (
        rowid,
        body["name"],
        body.get("displayName"),
        body.get("description"),
        " ".join(words),
    )


def add(file: CatalogFile, texts: Iterable[SearchText]) -> None:
    """Index new entities."""
    file.execute_many(_INSERT, texts)


def remove(file: CatalogFile, rowids: Iterable[int]) -> None:
    """Remove entities from the index."""
    file.execute_many(_DELETE, ((rowid,) for rowid in rowids))


def replace(file: CatalogFile, text: SearchText) -> None:
    """Update the index for a changed entity."""
    remove(file, [text[0]])
    add(file, [text])


def search(file: CatalogFile, words: str, limit: int) -> list[SearchHit]:
    """Live entities that match every word by prefix, best match first.

    Characters that are not part of a word are ignored, so no input is an error.
    """
    starts = dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", words)))
    if not starts:
        return []
    query = " ".join(f'"{start}"*' for start in starts)
    return [SearchHit(*row) for row in file.query(_SEARCH, (query, limit))]


def named(file: CatalogFile, name: str, limit: int) -> list[Named]:
    """Live entities that have the words of a name in a row in theirs, case and accents aside.

    A name without a letter or digit is compared with every other one.
    """
    words = _WORD.findall(name)
    if not words:
        return [Named(*row) for row in file.query(_WITHOUT_WORDS, (name, limit))]
    return _named(file, f'{{name display_name}} : "{" ".join(words)}"', limit)


def deleted(file: CatalogFile, name: str, limit: int) -> list[Named]:
    """Deleted entities of a name, in any case of ASCII; they have no index."""
    return [Named(*row) for row in file.query(_DELETED, (name, limit))]


def named_like(file: CatalogFile, name: str, limit: int) -> list[Named]:
    """Live entities whose name has a word that begins as a word of this one does."""
    words = sorted(_WORD.findall(name), key=len, reverse=True)[:2]
    starts = " OR ".join(f'"{word[:_START_CHARS]}"*' for word in words)
    return _named(file, f"name : ({starts})", limit) if starts else []


def _named(file: CatalogFile, query: str, limit: int) -> list[Named]:
    return [Named(*row) for row in file.query(_WITH_WORDS, (query, limit))]
