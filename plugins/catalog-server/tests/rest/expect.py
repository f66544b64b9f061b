"""What a case expects of a JSON value: a part of it, or something that can be said about it.

An expected object is a part of the actual one; a list has as many items as the actual one;
everything else is equal to it, unless it is one of the claims below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Fill = Callable[[Any], Any]
"""Puts the names of a case where its text has placeholders."""


class Claim:
    """Something that can be said about a value."""

    def filled(self, fill: Fill) -> Claim:
        """This claim with the names of a case in it."""
        return self

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        """What speaks against it."""
        raise NotImplementedError


@dataclass(frozen=True)
class _Absent(Claim):
    """Nothing is there; only as a value of an expected object."""

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        yield f"{where} is there: {_short(actual)}"


@dataclass(frozen=True)
class _Anything(Claim):
    """Something is there."""

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class _Nobody(Claim):
    """An empty list, or nothing: the contract does not say which (§3.0)."""

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        if actual != []:
            yield f"{where} is not empty: {_short(actual)}"


@dataclass(frozen=True)
class Matching(Claim):
    """A text in which a regular expression is found."""

    pattern: str

    def filled(self, fill: Fill) -> Claim:
        return Matching(fill(self.pattern))

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        if not isinstance(actual, str) or not re.search(self.pattern, actual):
            yield f"{where} is {_short(actual)}, not like {self.pattern}"


@dataclass(frozen=True)
class Between(Claim):
    """A number in a range."""

    least: float
    most: float

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        if not isinstance(actual, (int, float)) or not self.least <= actual <= self.most:
            yield f"{where} is {_short(actual)}, not from {self.least} to {self.most}"


@dataclass(frozen=True)
class Sized(Claim):
    """A list or text with so many items."""

    count: int

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        if not isinstance(actual, (list, str, dict)) or len(actual) != self.count:
            yield f"{where} has not {self.count} items: {_short(actual)}"


@dataclass(frozen=True)
class Bracketed(Claim):
    """A text of these parts in brackets, in any order: that of a server is not fixed."""

    parts: tuple[str, ...]

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        parts = str(actual).removeprefix("[").removesuffix("]").split(", ")
        if actual != f"[{', '.join(parts)}]" or sorted(parts) != sorted(self.parts):
            yield f"{where} is {_short(actual)}, not [{', '.join(self.parts)}] in some order"


class Holding(Claim):
    """A list that has each of these items, somewhere."""

    def __init__(self, *items: Any) -> None:
        self.items = items

    def filled(self, fill: Fill) -> Claim:
        return Holding(*map(fill, self.items))

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        if not isinstance(actual, list):
            yield f"{where} is no list: {_short(actual)}"
            return
        for item in self.items:
            if not any(fits(item, value) for value in actual):
                yield f"{where} has no {_short(item)}: {_short(actual)}"


class Without(Claim):
    """A list that has none of these items."""

    def __init__(self, *items: Any) -> None:
        self.items = items

    def filled(self, fill: Fill) -> Claim:
        return Without(*map(fill, self.items))

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        if not isinstance(actual, list):
            yield f"{where} is no list: {_short(actual)}"
            return
        for item in self.items:
            if any(fits(item, value) for value in actual):
                yield f"{where} has {_short(item)}: {_short(actual)}"


@dataclass(frozen=True)
class JsonText(Claim):
    """A text that is the JSON of this value."""

    value: Any

    def filled(self, fill: Fill) -> Claim:
        return JsonText(fill(self.value))

    def problems(self, actual: Any, where: str) -> Iterator[str]:
        try:
            value = json.loads(actual)
        except (TypeError, ValueError):
            yield f"{where} is no JSON text: {_short(actual)}"
        else:
            yield from problems(self.value, value, where)


ABSENT = _Absent()
ANYTHING = _Anything()
NOBODY = _Nobody()
UUID = Matching("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
MILLISECONDS = Between(10**11, 10**13)


def fits(expected: Any, actual: Any) -> bool:
    """Whether nothing speaks against the expectation."""
    return next(problems(expected, actual, ""), None) is None


def problems(expected: Any, actual: Any, where: str) -> Iterator[str]:
    """What speaks against an expectation, one line each."""
    if isinstance(expected, Claim):
        yield from expected.problems(actual, where)
    elif isinstance(expected, dict):
        if not isinstance(actual, dict):
            yield f"{where} is no object: {_short(actual)}"
            return
        for name, value in expected.items():
            if name in actual:
                yield from problems(value, actual[name], f"{where}.{name}")
            elif value not in (ABSENT, NOBODY):
                yield f"{where} has no {name}: {_short(actual)}"
    elif isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            yield f"{where} has not {len(expected)} items: {_short(actual)}"
            return
        for position, (value, item) in enumerate(zip(expected, actual, strict=True)):
            yield from problems(value, item, f"{where}[{position}]")
    elif isinstance(expected, bool) is not isinstance(actual, bool) or expected != actual:
        yield f"{where} is {_short(actual)}, not {_short(expected)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 600 else f"{text[:600]}…"
