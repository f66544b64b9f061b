"""The table of what servers know by version; `versions/generate.py` writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Span = list[list[str]]
"""Versions that know something, as the table has them: `[["1.13.6", "2.0.0"], ["2.0.1"]]` are
those from 1.13.6 to the last one before 2.0.0, and those from 2.0.1 on."""


class Known:
    """What servers do not all know of what our records can say."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.kinds: Mapping[str, Span] = table["kinds"]
        """Versions that have a kind, by entity type."""
        self.classes: Mapping[str, Mapping[str, Mapping[str, Any]]] = table["classes"]
        """By class and field: `in`, the versions that know it, if the class is older; `was`, its
        name before it became a list; `class` or `enum`, what it holds; `needed`."""
        self.values: Mapping[str, Mapping[str, Span]] = table["values"]
        """Versions that know a value, by enumeration and value."""


@cache
def known() -> Known:
    """The table, read once."""
    return Known(json.loads(Path(__file__).with_name("known.json").read_text("utf-8")))


def holds(span: Span | None, version: tuple[int, ...]) -> bool:
    """Whether a version is in a span; every version is in None."""
    return span is None or any(
        _numbers(one[0]) <= version and not (one[1:] and _numbers(one[1]) <= version)
        for one in span
    )


def first_of(span: Span | None) -> tuple[int, ...]:
    """The first version in a span; the lowest one for None."""
    return _numbers(span[0][0]) if span else ()


@cache
def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
