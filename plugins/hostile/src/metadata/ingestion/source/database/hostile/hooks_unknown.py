"""A hook plugin for a hook that does not exist, as after a typing error."""

from __future__ import annotations

from om_ingest import hookimpl


@hookimpl
def om_ingest_workflow_begun() -> None:
    """Nobody ever calls this."""
