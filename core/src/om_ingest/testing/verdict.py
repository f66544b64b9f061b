"""Turns the findings of a check into what pytest reports."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from om_ingest.testing.rules import RULES, Rule

if TYPE_CHECKING:
    from om_ingest.testing.observations import Observations


class UnseenError(Exception):
    """A check has nothing to check, because another check failed or something is missing.

    The only argument gives the reason, in one line.
    """


class Checks(ABC):
    """A group of checks; `SourceSuite` inherits all groups."""

    @property
    @abstractmethod
    def observations(self) -> Observations:
        """What the checks observe."""


def check(
    method: Callable[..., Iterator[str]], rules: Mapping[str, Rule] = RULES
) -> Callable[..., None]:
    """Make a test of a method that yields what it found: `printed 'hello'`.

    The method's name gives the rule, whose text becomes the docstring. A failure lists all
    findings, what the contract wants, and where that is written. `UnseenError` skips the
    test with the reason: the check of the cause fails itself.
    """
    rule = next(rule for rule in rules.values() if rule.check == method.__name__)

    @functools.wraps(method)
    def test(self: Any, *arguments: Any, **fixtures: Any) -> None:
        try:
            found = list(method(self, *arguments, **fixtures))
        except UnseenError as error:
            pytest.skip(str(error))
        if found:
            observations = self.observations
            text = message(observations.title, found, rule)
            pytest.fail(observations.mask(text), pytrace=False)

    test.__doc__ = rule.wants
    return test


def message(title: str, found: list[str], rule: Rule) -> str:
    """What the source or sink did, what the contract wants, why, and where it is written."""
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
    """The repr of a value, cut to one line."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
