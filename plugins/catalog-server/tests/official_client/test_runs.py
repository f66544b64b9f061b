"""Ingestion pipelines and their runs through the official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]

FIRST = "11111111-0000-4000-8000-000000000000"
SECOND = "22222222-0000-4000-8000-000000000000"


def test_created(seen: Step) -> None:
    """An ingestion pipeline belongs to its service."""
    assert seen("created") == {
        "fqn": '"runs.of".nightly',
        "same": True,
        "service": "runs.of",
        "schedule": "0 3 * * *",
    }


def test_its_id(seen: Step) -> None:
    """The client finds the id of an ingestion pipeline."""
    assert seen("id_from_fqn") is True


def test_an_unknown_run(seen: Step) -> None:
    """A run that nobody reported is not there yet."""
    assert seen("unknown_run") is None


def test_reported(seen: Step) -> None:
    """A run is running, and ends with a summary of its steps."""
    assert seen("reported") == ["running", "partialSuccess", 4, "boom"]


def test_between(seen: Step) -> None:
    """Runs are found by their time."""
    assert seen("between") == [[FIRST, SECOND], [SECOND]]


def test_progress(seen: Step) -> None:
    """A report of progress is taken note of."""
    assert seen("progress") is None


def test_services_of_every_family(seen: Step) -> None:
    """Services of every family have ingestion pipelines."""
    pipelines = seen("of_other_families")
    assert len(pipelines) == 12
    assert pipelines["mlmodelService"] == "runs of MlModelService.nightly"
