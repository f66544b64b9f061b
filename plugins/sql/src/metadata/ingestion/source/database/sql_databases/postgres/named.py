"""Types that have a name of their own: domains, enums, composite types, ranges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class NamedTypes:
    """What each of them stands for, by the oid of the type and that of its arrays."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows: dict[int, tuple[Any, ...]] = {}
        self._elements: dict[int, int] = {}
        self._texts: dict[int, str | None] = {}
        for row in rows:
            self._rows[row[0]] = row
            if row[1]:
                self._elements[row[1]] = row[0]

    def of(self, oid: int) -> tuple[str | None, tuple[str, ...]]:
        """What a type stands for, as text, and its labels if it is an enum."""
        row = self._rows.get(self._elements.get(oid, oid))
        labels = row[5] if row is not None and row[5] else ()
        return self._text(oid, 0), tuple(labels)

    def _text(self, oid: int, depth: int) -> str | None:
        if oid not in self._texts:
            self._texts[oid] = self._made(oid, depth)
        return self._texts[oid]

    def _made(self, oid: int, depth: int) -> str | None:
        if oid in self._elements:
            element = self._text(self._elements[oid], depth)
            return None if element is None else f"{element}[]"
        row = self._rows.get(oid)
        if row is None or depth > 20:
            return None
        _, _, kind, base, base_oid, _, names, types, oids = row
        if kind == "d":
            return self._text(base_oid, depth + 1) or str(base)
        if kind == "e":
            return "enum"
        if kind == "c" and names:
            members = (
                f'"{name.replace(chr(34), chr(34) * 2)}" {self._text(member, depth + 1) or text}'
                for name, text, member in zip(names, types, oids, strict=True)
            )
            return f"struct({', '.join(members)})"
        return None
