"""A plugin that stands in for a framework, and is wrong about each of its modules."""

from __future__ import annotations

from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType

from om_ingest import hookimpl


class Broken(Loader):
    """Makes a module that cannot be imported."""

    def exec_module(self, module: ModuleType) -> None:
        """Raises instead of filling the module."""
        raise RuntimeError("this stand-in is broken")


@hookimpl
def om_ingest_find_module(name: str) -> object:
    """One answer for each name, the package itself aside wrong in one way each."""
    print("printed by a hook")
    if name.endswith(".raises"):
        raise SystemExit(0)
    return {
        "hostile_framework": ModuleSpec(name, None, is_package=True),
        "hostile_framework.broken": ModuleSpec(name, Broken()),
        "hostile_framework.nonsense": "a module, believe me",
        "hostile_framework.nobody": ModuleSpec(name, None),
        "hostile_framework.another": ModuleSpec("hostile_framework.other", Broken()),
    }.get(name)
