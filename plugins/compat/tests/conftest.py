"""For every test of compat: connectors run by the real command, and such as a test writes."""

from connector_runs import run_connector
from written_connectors import connectors

__all__ = ["connectors", "run_connector"]
