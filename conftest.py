"""For every test of the repository: what is measured, and what is not."""

from __future__ import annotations

import os

pytest_plugins = ["tests.command", "tests.every_kind"]


def pytest_configure() -> None:
    """Leave the processes that tests start unmeasured, but for `nox -s coverage`.

    Tracing them makes the tests half as long again. A worker of pytest-xdist is measured itself
    by now; the process that starts the workers has to hand it on to them.
    """
    if "PYTEST_XDIST_WORKER" in os.environ and "MEASURE_COMMANDS" not in os.environ:
        for name in [name for name in os.environ if name.startswith("COVERAGE_PROCESS")]:
            del os.environ[name]
