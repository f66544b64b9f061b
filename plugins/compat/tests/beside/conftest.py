"""Every collected case, run in three ways once for all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from beside.ways import BOTH, CASES, UPSTREAM, Outcome, by_upstream, by_us, python_of


@dataclass(frozen=True)
class Outcomes:
    """Runs that are on their way, by the name of the case."""

    upstream: Future[dict[str, Outcome]]
    ours: Future[dict[str, Outcome]]
    both: Future[dict[str, Outcome]]


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outcomes]:
    """Every collected case in the three ways, two at a time."""
    python_of(UPSTREAM)
    both = python_of(BOTH)  # before anything runs: that takes minutes
    callspecs = (getattr(item, "callspec", None) for item in request.session.items)
    wanted = {spec.params["case"] for spec in callspecs if spec and "case" in spec.params}
    cases = [case for case in CASES if case in wanted]
    with ThreadPoolExecutor(2) as pool:
        yield Outcomes(
            pool.submit(by_upstream, cases, tmp_path_factory.mktemp("upstream")),
            pool.submit(by_us, cases, tmp_path_factory.mktemp("ours"), Path(sys.executable)),
            pool.submit(by_us, cases, tmp_path_factory.mktemp("both"), both),
        )
