"""The hook plugin; loaded when a connector needs a module of the framework that nobody has."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

from om_ingest.hookspecs import hookimpl

if TYPE_CHECKING:
    from om_ingest import Source
    from om_ingest.registry import InstalledSource


@hookimpl
def om_ingest_find_module(name: str) -> ModuleSpec | None:
    """An upstream module with what this plugin has of it."""
    from om_ingest_compat.modules import provided  # only for a connector that needs one

    return provided(name)


@hookimpl
def om_ingest_adapt_source(
    cls: Any, ref: InstalledSource, source: dict[str, Any]
) -> type[Source] | None:
    """A source that drives the class of a connector; None for what is none."""
    from om_ingest_compat.connectors import adapt  # as above
    from om_ingest_compat.modules.texts import read_code

    return adapt(cls, ref, source, read_code)
