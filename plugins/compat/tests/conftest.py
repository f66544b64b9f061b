"""For every test of compat: connectors run by the real command."""

from connector_runs import run_connector

__all__ = ["run_connector"]
