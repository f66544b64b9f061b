"""One entity as text for people: its fields as lines, and its lists as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from om_ingest.model import EntityReference

from om_ingest_catalog.rows.body import Body

_FIRST = ("name", "displayName", "description")
_LAST = ("version", "updatedAt", "updatedBy", "impersonatedBy", "id", "sourceHash")
_LEFT_OUT = {
    *("fullyQualifiedName", "href", "changeDescription", "incrementalChangeDescription"),
    *("children", "featureSources"),  # of members: indented below them
}

_HEADERS: dict[str, tuple[str, ...]] = {
    "columns": ("name", "displayName", "dataTypeDisplay", "constraint", "tags", "description"),
    "tags": ("tagFQN", "source", "state"),
}
"""Columns of the tables of some lists, instead of all that their items have."""

_ROWS_SHOWN = 20
"""Rows of a table, or messages of a topic, of the sample data."""

_LONG_CHARS = 100
"""A list with longer texts takes a line for each of them."""

_TIMES = ("timestamp", "Timestamp", "At", "Time", "Date")
"""What the keys of moments end with: `updatedAt`, `startTime`, `expiryDate` …"""

_FIRST_MOMENT = 100_000_000_000
"""Numbers below are no moments in ms: this one is in 1973."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_REFERENCE = frozenset(EntityReference.model_fields)


class Table(NamedTuple):
    """A list of an entity, such as its columns."""

    title: str
    headers: tuple[str, ...]
    rows: Sequence[Sequence[str]]


class Page(NamedTuple):
    """What is shown of an entity."""

    lines: list[str]
    """Its fields, indented."""

    tables: list[Table]


def page(entity: Body) -> Page:
    """The fields of an entity's document, without empty ones; moments in UTC."""
    shown = Page([], [])
    rest = [key for key in entity if key not in _FIRST and key not in _LAST]
    for key in (*_FIRST, *rest, *_LAST):
        if key in entity and not (key == "deleted" and not entity[key]):
            _add(shown, key, key, entity[key], "  ")
    return shown


def moment(value: int) -> str:
    """A time in ms since 1970 in the format of ISO 8601, in UTC."""
    try:
        time = _EPOCH + timedelta(milliseconds=value)
    except OverflowError:  # after the year 9999
        return str(value)
    return time.isoformat(timespec="milliseconds" if value % 1000 else "seconds")[:-6] + "Z"


def is_moment(key: str, value: object) -> bool:
    """Whether the value of a field is a time in ms since 1970."""
    return isinstance(value, int) and value >= _FIRST_MOMENT and key.endswith(_TIMES)


def _add(page: Page, key: str, path: str, value: Any, indent: str) -> None:
    """Add a field as lines, or as a table if it is a list; `path` is that from the entity on."""
    if key in _LEFT_OUT or value in (None, "", [], {}):
        return
    if key == "votes" and isinstance(value, dict):
        up, down = value.get("upVotes"), value.get("downVotes")
        if up or down:
            page.lines.append(f"{indent}{key}: {up or 0} up, {down or 0} down")
    elif key == "sampleData" and isinstance(value, dict) and "columns" in value:
        rows = [[_cell(cell) for cell in row] for row in (value.get("rows") or ())[:_ROWS_SHOWN]]
        headers = tuple(map(str, value["columns"]))
        _add_table(page, Table(path, headers, [row for row in rows if len(row) == len(headers)]))
    elif path == "tags":  # a table, although each has a name: people ask who says so
        _add_table(page, _table(key, path, value))
    elif (text := _inline(key, value)) is not None:
        page.lines.extend([f"{indent}{key}: {text}"] if text else [])
    elif isinstance(value, str):
        page.lines.append(f"{indent}{key}:")
        page.lines.extend(f"{indent}  {line}".rstrip() for line in value.expandtabs(4).splitlines())
    elif isinstance(value, dict):
        nested = Page([], page.tables)
        for name, part in value.items():
            _add(nested, name, f"{path}.{name}", part, f"{indent}  ")
        if nested.lines:
            page.lines.extend((f"{indent}{key}:", *nested.lines))
    elif all(isinstance(item, dict) for item in value):
        _add_table(page, _table(key, path, value))
    else:
        page.lines.append(f"{indent}{key}:")
        shown = value[:_ROWS_SHOWN]
        page.lines.extend(f"{indent}  - {_cell(item)}" for item in shown)
        if len(value) > len(shown):
            page.lines.append(f"{indent}  … {len(value) - len(shown)} more")


def _add_table(page: Page, table: Table) -> None:
    if table.headers:
        page.tables.append(table)


def _table(key: str, path: str, items: list[Body]) -> Table:
    every = [item for item, _ in _nested(items, 0)]
    found = dict.fromkeys(name for item in every for name in item if name not in _LEFT_OUT)
    filled = [
        name for name in found if any(item.get(name) not in (None, "", [], {}) for item in every)
    ]
    headers = [name for name in _HEADERS.get(key, ()) if name in filled] or filled
    if "name" in headers:
        headers.insert(0, headers.pop(headers.index("name")))
    rows = [
        [
            "  " * depth * (not number) + _cell(item.get(name), name)
            for number, name in enumerate(headers)
        ]
        for item, depth in _nested(items, 0)
    ]
    return Table(path, tuple(map(_heading, headers)), rows)


def _heading(key: str) -> str:
    """A key as the header of a column: `DATA TYPE DISPLAY`."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", key).upper()


def _nested(items: list[Body], depth: int) -> Iterator[tuple[Body, int]]:
    """Members with those inside them, each with its depth."""
    for item in items:
        yield item, depth
        inner = item.get("children") or item.get("featureSources")
        if isinstance(inner, list) and all(isinstance(part, dict) for part in inner):
            yield from _nested(inner, depth + 1)


def _inline(key: str, value: Any) -> str | None:
    """A value as text on one line; None if it needs several."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return moment(value) if isinstance(value, int) and is_moment(key, value) else str(value)
    if isinstance(value, str):
        return value.replace("\t", " ") if len(value.splitlines()) < 2 else None
    if isinstance(value, dict):
        return _name_of(value)
    parts = [_inline(key, item) for item in value]
    if any(part is None or len(part) > _LONG_CHARS for part in parts):
        return None
    return ", ".join(part for part in parts if part)


def _name_of(value: Body) -> str | None:
    """The name of what a reference or a tag label points to; None for any other object."""
    if "tagFQN" in value:
        return str(value["tagFQN"])
    if value.keys() == {"relationType", "term"} and isinstance(value["term"], dict):
        return f"{_name_of(value['term'])} ({value['relationType']})"
    if (
        "type" in value
        and value.keys() & {"id", "fullyQualifiedName"}
        and value.keys() <= _REFERENCE
    ):
        return str(value.get("fullyQualifiedName") or value.get("name") or value.get("id"))
    return None


def _cell(value: Any, key: str = "") -> str:
    """Any value as text on one line, without the marks of JSON."""
    text = _inline(key, value)
    if text is not None:
        return text
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, dict):
        return ", ".join(
            f"{name}: {_cell(part, name)}"
            for name, part in value.items()
            if part not in (None, "", [], {})
        )
    return "; ".join(_cell(item, key) for item in value)
