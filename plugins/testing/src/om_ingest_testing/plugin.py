"""What pytest loads wherever om-ingest is installed: an option and two fixtures.

It imports nothing else of om-ingest until a fixture is used: it runs in test sessions that
have nothing to do with connectors, and before coverage begins to measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from om_ingest_testing.command import Command
    from om_ingest_testing.double import OpenMetadataDouble


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden`."""
    parser.getgroup("om-ingest").addoption(
        "--update-golden",
        action="store_true",
        help="Write golden files of om_ingest_testing.SourceSuite, unless something is lost.",
    )


@pytest.fixture
def om_ingest(tmp_path: Path) -> Iterator[Command]:
    """Runs the real command in a temporary directory.

    def test_run(om_ingest):
        result = om_ingest("run", "acme", "--set", "url=http://localhost", "--sink", "console")
        result.succeeded()
        assert "orders" in result.out
    """
    from om_ingest_testing.command import Command

    with Command(tmp_path) as command:
        yield command


@pytest.fixture
def openmetadata_double() -> Iterator[OpenMetadataDouble]:
    """A store for a source under test, which records calls and misbehaves on request.

    def test_refusal(openmetadata_double):
        openmetadata_double.refuse("acme.db")
        source = AcmeSource.create({}, {}, openmetadata_double.context("acme"))
        with pytest.raises(SourceError):
            openmetadata_double.deliver(source)
    """
    from om_ingest_testing.double import OpenMetadataDouble

    with OpenMetadataDouble() as double:
        yield double
