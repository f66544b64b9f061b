"""A hook plugin that raises in every hook, and prints before it does."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import hookimpl


@hookimpl
def om_ingest_workflow_started() -> None:
    """Raises before the run."""
    print("printed by a hook")
    raise RuntimeError("no start")


@hookimpl
def om_ingest_workflow_finished() -> None:
    """Raises after the run."""
    raise RuntimeError("no end")


@hookimpl
def om_ingest_import_source() -> None:
    """Raises instead of letting a connector be imported."""
    raise RuntimeError("no import")


@hookimpl
def om_ingest_adapt_source() -> None:
    """Raises when asked for an adapter, with an exception that ends a process."""
    raise SystemExit(0)


@hookimpl
def om_ingest_computed_sources() -> Iterator[str]:
    """Raises after the first source, which is none."""
    print("printed by a hook")
    yield "a source, believe me"
    raise RuntimeError("no sources")
