"""Writes core's table of what OpenMetadata servers know, by version, from `fields.json`.

`fields.json` lists the classes and enumerations of OpenMetadata's requests, as the distributions
of its Python client from 1.3 to 2.0.7 declare them. The table has only what records of
`om_ingest.model` can say, and what not every version from 1.5.0 on knows. From a fresh checkout:

    pip install -e core && python versions/generate.py

CONTRIBUTING.md says when.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Set
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from om_ingest.config.validation import fields_of, models_in
from om_ingest.kinds import KINDS
from om_ingest.kinds.door import RECORD_TYPE_NAMES, request_of
from pydantic import BaseModel

ROOT = Path(__file__).parents[1]
SOURCE = Path(__file__).with_name("fields.json")
TARGET = ROOT / "core/src/om_ingest/releases/known.json"

Release = tuple[int, ...]
Ranges = list[list[str]]
"""Releases that know something: from the first one to the last one before the second, if any."""

OLDEST = (1, 5, 0)
"""The first release that the client is made for: what all know from there on is not listed."""

UPSTREAM_NAMES = {"CreateLlmServiceRequest": "CreateLLMServiceRequest"}
"""Our names of classes that have another name upstream."""


def main() -> None:
    """Write the table."""
    TARGET.write_text(text(), "utf-8")


def text() -> str:
    """The table as JSON, with one class or enumeration on each line."""
    parts = (
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(f"{json.dumps(key)}: {json.dumps(rows[key])}" for key in sorted(rows))
        + "\n}"
        for name, rows in table().items()
    )
    return "{\n" + ",\n".join(parts) + "\n}\n"


def table() -> dict[str, dict[str, Any]]:
    """`kinds` by entity type, `classes` by name and field, `values` by enumeration and value."""
    walk = Walk(json.loads(SOURCE.read_text("utf-8")))
    kinds = {}
    for record_type in RECORD_TYPE_NAMES:
        request = request_of(record_type)
        key = walk.key("classes", request.__name__, "")
        walk.visit(request.__name__, key, request)
        if record_type in KINDS and (ranges := walk.ranges(key, "@")):
            kinds[record_type] = ranges
    classes = {name: rows for name, rows in walk.classes.items() if rows}
    return {"kinds": kinds, "classes": classes, "values": walk.values}


class Walk:
    """Goes through our models and upstream's classes side by side."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.classes: dict[str, dict[str, Any]] = {}
        self.values: dict[str, dict[str, Ranges]] = {}
        self._source = source
        self._keys: dict[str, str] = {}
        self._wheels = sorted(_release(text) for pair in source["wheels"].values() for text in pair)

    def visit(self, name: str, key: str, model: type[BaseModel] | None) -> None:
        """Note a class; `key` is upstream's, empty for one that only we have; `model` is ours."""
        if self._is_noted(name, key):
            return
        rows = self.classes[name] = {}
        declared = self._source["classes"].get(key, {})
        ours = fields_of(model) if model else {}
        for field in ours or declared:
            if field != "@" and (row := self._row(key, declared, field, ours.get(field))):
                rows[field] = row

    def _row(self, key: str, declared: Mapping[str, Any], field: str, ours: Any) -> dict[str, Any]:
        told = declared[field][2] if key else ""
        row: dict[str, Any] = {}
        if key and (ranges := self.ranges(key, field)) not in (None, self.ranges(key, "@")):
            row["in"] = ranges  # for others the class says it
        older = field[:-1]
        if declared.get(older, ("", None))[1] not in (None, "1.3", "1.4"):
            row["was"] = older
        annotation = ours.annotation if ours else None
        if model := next(models_in(annotation), None):
            self.visit(model.__name__, self.key("classes", model.__name__, key), model)
            row["class"] = model.__name__
            return row
        kinds = re.findall(r"enum \w+|[A-Z]\w+", told)
        if len(kinds) != 1:
            return row
        name = kinds[0].removeprefix("enum ")
        if name == kinds[0] and (inner := self.key("classes", name, key)):
            row["class"] = _tail(inner)
            self.visit(row["class"], inner, None)
        elif name != kinds[0]:
            if not (inner := self.key("enums", name, key)):
                return row  # one without any newer value is not in the file
            row["enum"] = _tail(inner)
            self._note_values(row["enum"], inner, _values_in(annotation))
            if "!" in told:
                row["needed"] = True
        return row

    def _note_values(self, name: str, key: str, ours: Set[str]) -> None:
        """Note the values of an enumeration; all of them where `ours` is empty, for any text."""
        if self._is_noted(name, key):
            return
        values = self._source["enums"][key]
        ranges = {value: self.ranges(key, value) for value in values if not ours or value in ours}
        if rows := {value: found for value, found in ranges.items() if found}:
            self.values[name] = rows

    def _is_noted(self, name: str, key: str) -> bool:
        if self._keys.setdefault(name, key) != key:
            raise ValueError(f"{name} stands for {self._keys[name]} and for {key}")
        return name in self.classes or name in self.values

    def key(self, section: str, name: str, beside: str) -> str:
        """Upstream's key of a class or enumeration; nearest to the class `beside`; may be empty."""
        wanted = UPSTREAM_NAMES.get(name, name)
        found = [key for key in self._source[section] if key.rpartition(".")[2] == wanted]
        module = beside.rpartition(".")[0]
        subject = module.rpartition("/")[2].removeprefix("create").lower()
        nearer = (
            [key for key in found if key.rpartition(".")[0] == module],
            [key for key in found if f"/{subject}." in key.lower()],
            [key for key in found if key.startswith("entity/data/table.")],
            [key for key in found if key.startswith("type/")],
            found,
        )
        return next((keys[0] for keys in nearer if len(keys) == 1), "")

    def ranges(self, key: str, field: str) -> Ranges | None:
        """The releases that know a field, a value, or a class (`@`); None if all of them do."""
        declared = self._source["classes"].get(key) or self._source["enums"][key]
        first, last = declared[field][:2]
        start = max(_release(first), OLDEST)
        if first.endswith(".x"):  # in the newest patch, but not in .0: its fields say more
            start = min(_release(told[0]) for name, told in declared.items() if name != "@")
        if last is not None and (_release(last) < OLDEST or self._moved(key, field)):
            last = None
        found: Ranges = []
        for gap, again in self._gaps(f"{key}#{field}"):
            found.append([_dotted(start), _dotted(gap)])
            start = again
        found.append([_dotted(start)])
        if last is not None:
            major, minor, _ = _release(last)
            found[-1].append(_dotted((major, minor + 1, 0)))
        return None if found == [[_dotted(OLDEST)]] else found

    def _moved(self, key: str, value: str) -> bool:
        """Whether a value has only gone to an enumeration of the same name in another module."""
        enums, name = self._source["enums"], key.rpartition(".")[2]
        return any(value in enums[one] for one in enums if one != key and one.endswith(f".{name}"))

    def _gaps(self, place: str) -> Iterator[tuple[Release, Release]]:
        """Releases that lack what earlier ones have: the first of them, and the next with it."""
        missing = [_release(text) for text in self._source["absent"].get(place, ())]
        start = None
        for wheel, following in zip(self._wheels, [*self._wheels[1:], None], strict=True):
            if wheel in missing and start is None:
                start = wheel
            if start is not None and following not in missing:
                yield start, (*wheel[:2], wheel[2] + 1)
                start = None


def _values_in(annotation: object) -> set[str]:
    """The values of the enumerations in an annotation such as `list[FileFormat] | None`."""
    found = {str(value) for inner in get_args(annotation) for value in _values_in(inner)}
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        found |= {str(member.value) for member in annotation}
    return found


def _release(text: str) -> Release:
    """The release in a text such as `<=1.3`, `1.6` or `1.13.6.3`."""
    parts = text.removeprefix("<=").removesuffix(".x").split(".")
    return tuple(int(part) for part in [*parts, "0", "0"][:3])


def _dotted(release: Release) -> str:
    return ".".join(map(str, release))


def _tail(key: str) -> str:
    return key.rpartition("/")[2]


if __name__ == "__main__":
    main()
