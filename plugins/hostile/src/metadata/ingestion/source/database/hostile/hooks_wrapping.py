"""A hook plugin of wrappers, none of which keeps the rules of wrappers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from om_ingest import hookimpl


@hookimpl(wrapper=True)
def om_ingest_workflow_started() -> Generator[None, None, None]:
    """Yields twice."""
    yield
    yield


@hookimpl(hookwrapper=True)
def om_ingest_workflow_finished() -> Generator[None, Any, None]:
    """Raises once all others have been called, in the old style of wrappers."""
    yield
    raise RuntimeError("no end to the end")


@hookimpl(wrapper=True, tryfirst=True)
def om_ingest_import_source() -> Generator[None, Any, str]:
    """Answers something else in place of the connector's module."""
    yield
    return "a module, believe me"


@hookimpl(wrapper=True)
def om_ingest_computed_sources() -> Generator[None, Any, None]:
    """Forgets to pass on what the others have answered."""
    yield
