"""Modules that no folder replaces: those of om-ingest, of plugins, and of what either needs."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Collection, Iterable
from importlib.machinery import ModuleSpec, PathFinder

from om_ingest.distributions import Package, declared, normalize, owners
from om_ingest.registry import (
    FRAMEWORK_GROUP,
    HOOK_GROUP,
    PROCESSOR_GROUP,
    SINK_GROUP,
    SOURCE_GROUP,
    needed_by_host,
)

_GROUPS = (HOOK_GROUP, FRAMEWORK_GROUP, PROCESSOR_GROUP, SINK_GROUP)
"""Plugins of these groups have a part in a run, whatever the source is."""


def irreplaceable(
    names: Iterable[str], folders: Collection[str]
) -> dict[str, tuple[ModuleSpec, Package]]:
    """Those of some top-level modules of folders that stay, with the distribution of each.

    Call it before the folders are added: what is installed, or imported, is looked at.
    """
    found = {name: _installed(name, folders) for name in names}
    specs = {name: spec for name, spec in found.items() if spec is not None}
    files = {name: file_of(spec) for name, spec in specs.items()}
    owner = owners(filter(None, files.values()))
    if not owner:
        return {}
    needed = needed_by_host(_plugins())
    return {
        name: (spec, owner[files[name]])
        for name, spec in specs.items()
        if files[name] in owner and normalize(owner[files[name]].name) in needed
    }


def file_of(spec: ModuleSpec) -> str:
    """The file of a module, or the folder of a package, without ending; empty if it has none."""
    origin = spec.origin if isinstance(spec.origin, str) and spec.has_location else ""
    return origin.removesuffix(".py").removesuffix(f"{os.sep}__init__")


def _plugins() -> frozenset[str]:
    """The distributions of plugins; one that has sources as well is a connector's."""
    connectors = {package.name for _, package in declared(SOURCE_GROUP)}
    plugins = {package.name for group in _GROUPS for _, package in declared(group)}
    return frozenset(map(normalize, plugins - connectors))


def _installed(name: str, folders: Collection[str]) -> ModuleSpec | None:
    if name not in sys.modules:  # `python -m` has put the working directory on the path
        spec = PathFinder.find_spec(name, [entry for entry in sys.path if entry not in folders])
        if spec is not None:
            return spec
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):  # a module that was made by hand
        return None
