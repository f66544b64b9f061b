"""What has become of the records of a golden file: lost, changed, added."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from om_ingest.kinds import KINDS

from om_ingest_testing.verdict import shown

OPTION = "--update-golden"

SHOWN_COUNT = 5
"""Losses that a message lists."""

_REMEDY = "has to yield them again; take out of {} by hand what is gone on purpose"

_OTHER_KEYS = ("edge", "entity", "scopeFqn", "table")
"""Fields that tell records apart which are no entities: edges, attachments, ends of scopes."""

_NAMES = ("name", "tagFQN", "columnName", "toColumn")
"""What the parts of a record are called by."""


def losses(got: Sequence[str], wanted: Sequence[str], file: str) -> Iterator[str]:
    """What the lines of a golden file have, and those of a run have not, as findings."""
    found = list(_losses([_parsed(line) for line in got], [_parsed(line) for line in wanted]))
    for loss in found[:SHOWN_COUNT]:
        yield f"yielded less than {file} holds: {loss}"
    if len(found) > SHOWN_COUNT:
        yield f"lost {len(found) - SHOWN_COUNT} more"
    if found:
        yield _REMEDY.format(file)


def differences(got: Sequence[str], wanted: Sequence[str], file: str) -> Iterator[str]:
    """How the lines of a run differ from those of the golden file, as findings.

    Where something is lost, nothing else is said: the file is not written anew then.
    """
    new, old = [_parsed(line) for line in got], [_parsed(line) for line in wanted]
    if new == old:
        return
    if lost := list(losses(got, wanted, file)):
        yield from lost
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
    """Records that are not among the new ones, and fields and parts that records had before."""
    left = _by(_key, new)
    before = {_key(document) for document in old}
    for document in old:
        same = left.get(_key(document))
        if same:
            found = ", ".join(_lost(_record(document), _record(same.pop(0))))
            if found:
                yield f"{_label(document)} without {found}"
        else:
            added = [
                f"{_label(other)}{_place(other)}"
                for other in new
                if _type(other) == _type(document) and _key(other) not in before
            ]
            more = " …" if len(added) > 1 else ""
            yield f"no {_label(document)}{f' (new: {added[0]}{more})' if added else ''}"


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
        left = _by(_name, new)
        for item in old:
            name = _name(item)
            if same := left.get(name):
                yield from _lost(item, same.pop(0), f"{path}.{name}")
            elif len(new) < len(old) or _has_name(item):
                yield f"{path}.{name}"


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _by(key: Callable[[Any], str], items: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def _name(item: Any) -> str:
    """What a part is called; its JSON if it has no name."""
    if isinstance(item, str):
        return item
    names = (item.get(key) for key in _NAMES) if isinstance(item, dict) else ()
    return next((str(name) for name in names if name), "") or json.dumps(item, sort_keys=True)


def _has_name(item: Any) -> bool:
    """Whether another part is another one, not the same one that has changed."""
    return isinstance(item, str) or (isinstance(item, dict) and any(map(item.get, _NAMES)))


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


def _place(document: Any) -> str:
    """Where an entity lies, as part of a sentence."""
    record, kind = _record(document), KINDS.get(_type(document))
    places = (record.get(field) for field in sorted(kind.place_fields if kind else ()))
    return next((f" in {place}" for place in places if isinstance(place, str)), "")


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
