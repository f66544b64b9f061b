"""Pipelines through the official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]

FIRST = 1_700_000_000_000
DAY = 86_400_000


def test_a_run(seen: Step) -> None:
    """The answer to a run shows the latest one, whichever was sent last."""
    assert seen("status_added") == ["Failed", "Failed"]


def test_several_runs(seen: Step) -> None:
    """Several runs are sent at once."""
    assert seen("statuses_added") == FIRST + 3 * DAY


def test_a_run_that_is_sent_again(seen: Step) -> None:
    """A run that is sent again replaces itself."""
    assert seen("status_corrected") == "Successful"


def test_runs_are_listed(seen: Step) -> None:
    """Runs are listed by their time, and no more of them than wanted: the latest."""
    assert seen("statuses_listed") == {"every": [0, 1, 2, 3], "some": [1, 2], "one": [3]}


def test_the_latest_run(seen: Step) -> None:
    """The latest run is a field of the pipeline."""
    assert seen("status_read") == FIRST + 3 * DAY


def test_tasks(seen: Step) -> None:
    """A task is added to a pipeline, and another one cleaned away."""
    assert seen("tasks") == [["extract", "load"], ["load"]]


def test_usage(seen: Step) -> None:
    """What a pipeline was used is added up over a day."""
    assert seen("usage") == 10
