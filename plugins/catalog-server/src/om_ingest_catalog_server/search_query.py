"""Parsing of search queries: the subset of Elasticsearch's syntax that clients send."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from om_ingest import kinds
from om_ingest.kinds import EntityKind
from starlette.exceptions import HTTPException

from om_ingest_catalog_server import jsontext

_EVERYTHING = {"", "*", "**", "*:*"}
# Without the conditions before them, both would try each place within a long run once more.
_FIELD = re.compile(r'(?<![\w.])([A-Za-z_][\w.]*):\s*("(?:[^"\\]|\\.)*"|\S+)')
_AND = re.compile(r"(?<!\s)\s+AND\s+")
_ALL_INDEXES = {"", "all", "dataAsset"}
_OTHER_INDEX_NAMES = {"searchIndex": "search_entity"}
_MAX_TERMS = 200
_MAX_PATTERN = 4096  # an FQN has up to 3,072 characters
_UNKNOWN = "This server cannot evaluate the search: {}"


@dataclass(frozen=True)
class SearchQuery:
    """A conjunction of words, field values and ids."""

    words: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] | None = None

    @cached_property
    def _known_ids(self) -> frozenset[str]:
        return frozenset(self.ids or ())

    def check_size(self) -> None:
        """Raise `HTTPException` (400) for a query that takes long on each entity."""
        if len(self.words.split()) + len(self.fields) > _MAX_TERMS:
            raise HTTPException(400, f"[the search has more than {_MAX_TERMS} words and fields]")
        if any(len(pattern) > _MAX_PATTERN for _, pattern in self.fields):
            raise HTTPException(400, f"[a value has more than {_MAX_PATTERN} characters]")

    def fits(self, entity: dict[str, Any]) -> bool:
        """Whether an entity has the field values and one of the ids; the catalog matches words."""
        if self.ids is not None and entity["id"] not in self._known_ids:
            return False
        return all(matches(pattern, entity.get(name)) for name, pattern in self.fields)

    def __and__(self, other: SearchQuery) -> SearchQuery:
        ids = other.ids if self.ids is None else self.ids
        words = f"{self.words} {other.words}".strip()
        return SearchQuery(words, self.fields + other.fields, ids)


def matches(pattern: str, value: object) -> bool:
    """Whether a value matches a pattern, where `*` matches any text; ignores case."""
    if isinstance(value, bool):
        value = str(value).lower()
    if value is None:
        return pattern.lower() == "false"  # a flag that is not set
    text, parts = str(value).casefold(), pattern.casefold().split("*")
    if len(parts) == 1:
        return text == parts[0]
    start, *middle, end = parts
    if not (text.startswith(start) and text.endswith(end) and len(text) >= len(start + end)):
        return False
    at, last = len(start), len(text) - len(end)
    for part in middle:
        at = text.find(part, at, last)
        if at < 0:
            return False
        at += len(part)
    return True


def parse_query_string(text: str) -> SearchQuery:
    """Parse a query string of words and `field:value`, joined by AND.

    Raises `HTTPException` (501) for other syntax.
    """
    words: list[str] = []
    fields: list[tuple[str, str]] = []
    for term in _AND.split(text.strip()):
        if term in _EVERYTHING:
            continue
        if re.search(r"(?:^|\s)(?:OR|NOT)\s|[()\[\]{}]", term):
            raise HTTPException(501, _UNKNOWN.format(f"q={text}"))
        fields += (
            (name.removesuffix(".keyword"), _unescaped(value))
            for name, value in _FIELD.findall(term)
        )
        words.append(_unescaped(_FIELD.sub(" ", term)).replace("*", " ").strip())
    return SearchQuery(" ".join(words).strip(), tuple(fields))


def parse_query_filter(text: str | None) -> SearchQuery:
    """Parse a `query_filter`: `query_string`, `ids`, `term` or `match_all`.

    Raises `HTTPException`: 400 for invalid JSON, 501 for other queries.
    """
    if text is None:
        return SearchQuery()
    try:
        given = jsontext.parse(text.encode())
    except jsontext.JsonTextError as error:
        raise HTTPException(400, f"[query param query_filter is no JSON: {error}]") from None
    match given:
        case {"query": {"query_string": {"query": str(query)}}}:
            return parse_query_string(query)
        case {"query": {"ids": {"values": [*values]}}}:
            return SearchQuery(ids=tuple(map(str, values)))
        case {"query": {"term": {**term}}} if len(term) == 1:
            ((name, value),) = term.items()
            value = value.get("value") if isinstance(value, dict) else value
            return SearchQuery(fields=((str(name).removesuffix(".keyword"), str(value)),))
        case {"query": {"match_all": _}}:
            return SearchQuery()
    if given == {}:
        return SearchQuery()
    raise HTTPException(501, _UNKNOWN.format("query_filter"))


def kinds_of(index: str) -> list[EntityKind]:
    """The kinds of an index; empty for other indexes of OpenMetadata."""
    if index in _ALL_INDEXES:
        return list(kinds.KINDS.values())
    names = {name.strip() for name in index.split(",")}
    return [kind for kind in kinds.KINDS.values() if names & {kind.entity_type, index_of(kind)}]


def index_of(kind: EntityKind) -> str:
    """The name of a kind's index, e.g. `database_schema_search_index`."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.entity_type).lower()
    return f"{_OTHER_INDEX_NAMES.get(kind.entity_type, snake)}_search_index"


def _unescaped(text: str) -> str:
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    return re.sub(r"\\(.)", r"\1", text)
