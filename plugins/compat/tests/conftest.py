"""For every test of compat: connectors run by the real command, and such as a test writes."""

from collections.abc import Iterator

import pytest
from om_ingest_compat.imitations import IMITATIONS

from connector_runs import run_connector
from written_connectors import connectors

__all__ = ["connectors", "run_connector"]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No test is told of what another one has used."""
    yield
    IMITATIONS.clear()
