"""Types that have a name of their own: domains, enums, composite types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

_DEEPEST = 20


class Meaning(NamedTuple):
    """What a type stands for."""

    text: str | None = None
    """The text of the type; None for one that stands for itself."""

    labels: tuple[str, ...] = ()
    """The values of an enum."""


class NamedTypes:
    """What each of them stands for, by the oid of the type and that of its arrays."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """`rows` are those of `statements.TYPES`."""
        self._rows: dict[int, tuple[Any, ...]] = {}
        self._elements: dict[int, int] = {}
        self._known: dict[int, Meaning] = {}
        for row in rows:
            self._rows[row[0]] = row
            if row[1]:
                self._elements[row[1]] = row[0]

    def of(self, oid: int) -> Meaning:
        """What the type with this oid stands for."""
        found = self._known.get(oid)
        if found is None:
            found = self._known[oid] = self._made(oid, 0)
        return found

    def _made(self, oid: int, depth: int) -> Meaning:
        if oid in self._elements:
            element = self._made(self._elements[oid], depth)
            text = None if element.text is None else f"{element.text}[]"
            return Meaning(text, element.labels)
        row = self._rows.get(oid)
        if row is None or depth > _DEEPEST:
            return Meaning()
        _, _, kind, base, base_oid, labels, names, types, oids = row
        if kind == "d":
            meant = self._made(base_oid, depth + 1)
            return Meaning(meant.text or str(base), meant.labels)
        if kind == "e":
            return Meaning("enum", tuple(labels or ()))
        if not names:  # a composite type without members
            return Meaning()
        members = (
            f"{_quoted(name)} {self._made(member, depth + 1).text or text}"
            for name, text, member in zip(names, types, oids, strict=True)
        )
        return Meaning(f"struct({', '.join(members)})")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
