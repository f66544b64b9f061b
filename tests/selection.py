"""Which cases run every time, and which in `nox -s full` only (the marker `full`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def few(cases: Iterable[Any], count: int, **options: Any) -> list[Any]:
    """Parameters of a test, of which all but the first `count` are marked `full`.

    A case that is a tuple holds several parameters. `options` may be `ids`, a function of the
    case.
    """
    return rarely(cases, lambda position, case: position >= count, **options)


def rarely(
    cases: Iterable[Any],
    rare: Callable[[int, Any], bool],
    ids: Callable[[Any], str] | None = None,
) -> list[Any]:
    """Parameters of a test; those for which `rare(position, case)` holds are marked `full`.

    A case that is a `pytest.param` keeps its own id.
    """
    found = []
    for position, case in enumerate(cases):
        made = isinstance(case, type(pytest.param()))
        values = case.values if made else case
        found.append(
            pytest.param(
                *(values if isinstance(values, tuple) else (values,)),
                marks=[pytest.mark.full] if rare(position, case) else [],
                id=ids(case) if ids else case.id if made else None,
            )
        )
    return found
