"""The hook plugin; loaded when a connector needs a module of the framework that nobody has."""

from __future__ import annotations

from importlib.machinery import ModuleSpec

from om_ingest.hookspecs import hookimpl


@hookimpl
def om_ingest_find_module(name: str) -> ModuleSpec | None:
    """An upstream module with what this plugin has of it."""
    from om_ingest_compat.modules import absent, spec_of  # only for a connector that needs one

    return spec_of(name) or absent(name)
