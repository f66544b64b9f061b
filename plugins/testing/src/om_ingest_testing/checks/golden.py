"""What has become of the records of a golden file: lost, changed, added."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from om_ingest.kinds import KINDS

from om_ingest_testing.verdict import shown

OPTION = "--update-golden"

SHOWN_COUNT = 5
"""Losses that a message lists."""

_OTHER_KEYS = ("edge", "entity", "scopeFqn", "table")
"""Fields that tell records apart which are no entities: edges, attachments, ends of scopes."""

_NAMES = ("name", "tagFQN", "columnName")
"""What the parts of a record are called by."""


def differences(got: Sequence[str], wanted: Sequence[str], file: str) -> Iterator[str]:
    """How the lines of a run differ from those of the golden file, in the words of a finding.

    Where something is lost, nothing else is said: writing the file anew would accept the loss.
    """
    new, old = [_parsed(line) for line in got], [_parsed(line) for line in wanted]
    if new == old:
        return
    losses = list(_losses(new, old))
    if losses:
        for loss in losses[:SHOWN_COUNT]:
            yield f"yielded less than {file} holds: {loss}"
        if len(losses) > SHOWN_COUNT:
            yield f"lost {len(losses) - SHOWN_COUNT} more"
        yield f"has to yield them again; take out of {file} by hand what is gone on purpose"
        return
    accept = f"look the changes over; `pytest {OPTION}` accepts all of them"
    place = first_difference(new, old)
    if place is not None:
        yield f"yielded as record {place + 1} {_excerpts(got[place], wanted[place])} ({accept})"
    else:
        yield f"yielded {len(new)} records; {file} holds {len(old)} ({accept})"


def first_difference(one: Sequence[object], other: Sequence[object]) -> int | None:
    """Index of the first items that differ, as far as both go; None if all are equal."""
    pairs = enumerate(zip(one, other))  # noqa: B905  # the checks compare the lengths
    return next((index for index, (first, second) in pairs if first != second), None)


def _losses(new: Sequence[Any], old: Sequence[Any]) -> Iterator[str]:
    """Records that are fewer of their type than before, and fields that records had before."""
    count, before = Counter(map(_type, new)), Counter(map(_type, old))
    left: dict[str, list[Any]] = {}
    for document in new:
        left.setdefault(_key(document), []).append(document)
    for document in old:
        same = left.get(_key(document))
        if same:
            found = ", ".join(_lost(_record(document), _record(same.pop(0))))
            if found:
                yield f"{_label(document)} without {found}"
        elif count[_type(document)] < before[_type(document)]:
            yield f"no {_label(document)}"


def _lost(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Places of what the older value has, and the newer one has not."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            place = f"{path}.{key}" if path else key
            if _is_empty(new.get(key)) and not _is_empty(value):
                yield place
            else:
                yield from _lost(value, new.get(key), place)
    elif isinstance(old, list) and isinstance(new, list):
        by_name = {_name(item): item for item in new}
        for item in old:
            if _name(item) in by_name:
                yield from _lost(item, by_name[_name(item)], f"{path}.{_name(item)}")
            elif len(new) < len(old):
                yield f"{path}.{_name(item)}"


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _name(item: Any) -> str:
    names = (item.get(key) for key in _NAMES) if isinstance(item, dict) else ()
    return next((str(name) for name in names if name), "") or json.dumps(item, sort_keys=True)


def _key(document: Any) -> str:
    """What makes a record the same one in two runs: type, name and place; ends of an edge."""
    record, kind = _record(document), KINDS.get(_type(document))
    fields = ("name", *sorted(kind.place_fields)) if kind else _OTHER_KEYS
    found: dict[str, Any] = {field: record.get(field) for field in fields}
    if isinstance(found.get("edge"), dict):
        found = {end: found["edge"].get(end) for end in ("fromEntity", "toEntity")}
    return json.dumps([_type(document), found], sort_keys=True)


def _label(document: Any) -> str:
    record = _record(document)
    return f"{_type(document)} {record.get('name') or shown(record or document)}"


def _type(document: Any) -> str:
    return str(document.get("type")) if isinstance(document, dict) else ""


def _record(document: Any) -> dict[str, Any]:
    record = document.get("record") if isinstance(document, dict) else None
    return record if isinstance(record, dict) else {}


def _parsed(line: str) -> Any:
    """The document of a line; the line itself if somebody's edit has left no JSON."""
    try:
        return json.loads(line)
    except ValueError:
        return line


def _excerpts(line: str, want: str) -> str:
    """Both lines from shortly before the first character that differs."""
    ours, theirs = _ordered(line), _ordered(want)
    start = max(0, (first_difference(ours, theirs) or 0) - 40)
    return f"{shown(ours[start:])}, not {shown(theirs[start:])}"


def _ordered(line: str) -> str:
    """The line with sorted keys: the order of keys is not part of a record."""
    document = _parsed(line)
    if isinstance(document, str):
        return document
    return json.dumps(document, ensure_ascii=False, sort_keys=True)
