"""Which class of a module is the connector (REST contract §12.3)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from om_ingest.errors import PluginFaultError
from om_ingest.registry import InstalledSource

from om_ingest_compat.connectors.shape import looks_like_source, shape_of

_SPEC = "ServiceSpec"


def chosen(found: Any, ref: InstalledSource) -> Any:
    """The class behind what the host has found: a class, a service spec, or a module of them.

    None if there is nothing that looks like a source. Raises `PluginFaultError` for a spec that
    leads nowhere, and a module with several sources.
    """
    if isinstance(found, ModuleType):
        return _in_module(found, ref)
    if hasattr(found, "metadata_source_class"):
        return _of_spec(found, ref)
    return found if looks_like_source(found) else None


def _in_module(module: ModuleType, ref: InstalledSource) -> Any:
    """The class of a module, or of the submodules where upstream looks."""
    for name in ("", "service_spec"):
        place = _submodule(module, name)
        spec = getattr(place, _SPEC, None)
        if spec is not None:
            return _of_spec(spec, ref)
    for name in ("", "metadata", "source", "connector", _plain_name(ref)):
        place = _submodule(module, name)
        every = list(_sources_in(place, module)) if place is not None else []
        classes = [cls for cls in every if not shape_of(cls).missing] or every
        if len(classes) > 1:
            named = [cls for cls in classes if cls.__name__.lower() == _class_name(ref)]
            classes = named or classes
        if len(classes) > 1:
            named = sorted(classes, key=lambda cls: cls.__name__)
            several = ", ".join(cls.__name__ for cls in named)
            raise PluginFaultError(
                f"Several classes of {place.__name__} may be the source: {several}",
                f"Name one: type: {named[0].__module__}:{named[0].__qualname__}",
            )
        if classes:
            return classes[0]
    return None


def _submodule(module: ModuleType, name: str) -> Any:
    """A submodule, or the module itself; None if there is none."""
    if not name:
        return module
    if not hasattr(module, "__path__"):
        return None
    full = f"{module.__name__}.{name}"
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError as error:
        if error.name == full:
            return None
        raise


def _sources_in(place: Any, module: ModuleType) -> Iterator[type[Any]]:
    """The sources that are the connector's own, and that no other of them derives from."""
    own = {
        cls
        for cls in vars(place).values()
        if looks_like_source(cls) and f"{cls.__module__}.".startswith(f"{module.__name__}.")
    }
    for cls in own:
        if not any(cls in other.__mro__[1:] for other in own):
            yield cls


def _of_spec(spec: Any, ref: InstalledSource) -> Any:
    """The class that a service spec names for metadata, or for what the type ends with."""
    given = getattr(spec, "metadata_source_class", None)
    if isinstance(given, type):
        return given
    module, _, name = str(given).rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None) if module else None
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        found = None
    if not looks_like_source(found):
        raise PluginFaultError(
            f"metadata_source_class of the {_SPEC} in {ref.module} is {given!r}, and there is no"
            " such source",
            "Correct it, or tell the connector's maintainer.",
        )
    return found


def _plain_name(ref: InstalledSource) -> str:
    return ref.name.replace("-", "_")


def _class_name(ref: InstalledSource) -> str:
    return f"{ref.name.replace('-', '')}source"
