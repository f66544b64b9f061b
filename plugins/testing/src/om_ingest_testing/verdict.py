"""Turns the findings of a check into what pytest reports."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, TypeVar

import pytest

from om_ingest_testing.rules import Rule

T = TypeVar("T")

UNKNOWN_KEY = "no_such_key"
"""A key that no config has."""


class UnseenError(Exception):
    """A check has nothing to check, because another check failed or something is missing.

    The only argument gives the reason, in one line.
    """


class Checks:
    """A group of checks; a suite inherits them, and names the rules that they check.

    Each `test_` method yields what it found, such as `printed 'hello'`. The suite makes a
    test of it: the rule's text becomes the docstring, and a failure lists all findings, what
    the contract wants, and where that is written. `UnseenError` skips the test with the
    reason: the check of the cause fails itself.
    """

    __test__ = False
    _subject: ClassVar[str] = ""
    """Attribute of a suite that names what it tests; without it, pytest collects no tests."""

    _asked: tuple[object, ...] = ()
    _made: Any = None

    def __init_subclass__(cls, rules: Mapping[str, Rule] | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for rule in (rules or {}).values():
            setattr(cls, rule.check, _test(getattr(cls, rule.check), rule))
        cls.__test__ = hasattr(cls, cls._subject)

    def _surroundings(self) -> AbstractContextManager[object]:
        """What a check runs in."""
        return nullcontext()

    def _once(self, make: Callable[..., T], *asked: object) -> T:
        """What `make` returns for these arguments; kept until they change."""
        cls = type(self)
        if cls._made is None or cls._asked != asked:
            cls._asked, cls._made = asked, make(*asked)
        made: T = cls._made
        return made


def _test(method: Callable[..., Iterator[str]], rule: Rule) -> Callable[..., None]:
    method.__doc__ = rule.wants

    @functools.wraps(method)
    def test(self: Any, *arguments: Any, **fixtures: Any) -> None:
        try:
            with self._surroundings():
                found = list(method(self, *arguments, **fixtures))
        except UnseenError as error:
            pytest.skip(str(error))
        if found:
            lines = [f"{self.observations.title} {finding}" for finding in found]
            lines += [
                f"  The contract wants: {rule.wants}",
                f"  Because: {rule.why}",
                f"  Written in: docs/{rule.place} (om-ingest)",
            ]
            masked = self.observations.mask("\n".join(lines))
            pytest.fail(_SHOWN.sub(_cut, masked), pytrace=False)

    return test


def shown(value: object) -> str:
    """The repr of a value in a finding, which is cut to one line once its secrets are masked."""
    return f"\ue000{value!r}\ue001"


_SHOWN = re.compile("\ue000(.*?)\ue001", re.DOTALL)


def _cut(found: re.Match[str]) -> str:
    text = found[1]
    return text if len(text) <= 120 else f"{text[:117]}..."
