"""Where the tests write that need an empty catalog each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.preserving.targets import Embedded, Served, Target
from tests.selection import few


@pytest.fixture(params=few(("1.6.0", "2.0.7"), 1))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """An empty server of a release."""
    with Served(tmp_path, request.param) as served:
        yield served


@pytest.fixture(params=few(("1.6.0", "embedded", "2.0.7"), 2))
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """An empty server of a release, or an embedded catalog."""
    name = request.param
    with Embedded(tmp_path) if name == "embedded" else Served(tmp_path, name) as target:
        yield target
