"""From what a check finds to what pytest reports."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from om_ingest.testing.rules import RULES, Rule

if TYPE_CHECKING:
    from om_ingest.testing.observations import Laboratory


class UnseenError(Exception):
    """There is nothing to look at, because another check has failed, or something is missing.

    The only argument says so, in one line.
    """


class Checks(ABC):
    """A group of checks; `SourceSuite` joins them, and says what they look at."""

    @property
    @abstractmethod
    def laboratory(self) -> Laboratory:
        """What they look at."""


def check(method: Callable[..., Iterator[str]]) -> Callable[..., None]:
    """Make a test of a method that yields what it found: `printed 'hello'`.

    Its name tells the rule, which becomes its docstring. A failure lists all findings, what
    the contract wants, and where that is written. What cannot be looked at is skipped with
    the reason: the check that is to blame fails by itself.
    """
    rule = next(rule for rule in RULES.values() if rule.check == method.__name__)

    @functools.wraps(method)
    def test(self: Checks, *arguments: Any, **fixtures: Any) -> None:
        try:
            found = list(method(self, *arguments, **fixtures))
        except UnseenError as error:
            pytest.skip(str(error))
        if found:
            laboratory = self.laboratory
            pytest.fail(laboratory.mask(message(laboratory.title, found, rule)), pytrace=False)

    test.__doc__ = rule.wants
    return test


def message(title: str, found: list[str], rule: Rule) -> str:
    """What the source did, what the contract wants, why, and where it is written."""
    return "\n".join(
        [
            *(f"{title} {finding}" for finding in found),
            f"  The contract wants: {rule.wants}",
            f"  Because: {rule.why}",
            f"  Written in: {rule.place}",
        ]
    )


def said(error: BaseException) -> str:
    """An error on one line, with its type."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def shown(value: object) -> str:
    """A value as messages show it: not longer than a line."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
