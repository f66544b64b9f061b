"""Modules under upstream names, which hand out objects of this plugin.

Importing one loads nothing else: a name is resolved when it is first asked for.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

from om_ingest.errors import PluginImportError

from om_ingest_compat.imitations import IMITATIONS, is_used
from om_ingest_compat.modules import names
from om_ingest_compat.modules.table import MODULES, PACKAGES

ORIGIN = "om-ingest-compat"
"""What `repr` of such a module shows in place of a file."""


_made: set[str] = set()
"""The modules that a connector has imported; the host takes them away when it is done with it."""


def provided(name: str) -> ModuleSpec | None:
    """The spec of an upstream module that a connector imports now.

    That of a module that nobody has tells why; None for a part of a connector that is there. With
    the first module of a connector, what an earlier one has used is forgotten.
    """
    if not any(made in sys.modules for made in _made):  # gone, with an earlier connector
        _made.clear()
        IMITATIONS.clear()
    return spec_of(name) or _absent(name)


def spec_of(name: str) -> ModuleSpec | None:
    """The spec of an upstream module; None for a module that this plugin does not know.

    Below the generated models any module exists: releases differ in what they generate.
    """
    if name in MODULES or name in PACKAGES:
        return ModuleSpec(name, _FacadeLoader(), origin=ORIGIN, is_package=name in PACKAGES)
    if names.is_generated(name) and not any(part[:1].isupper() for part in name.split(".")):
        return ModuleSpec(name, _FacadeLoader(), origin=ORIGIN, is_package=True)
    return None


def _absent(name: str) -> ModuleSpec | None:
    """A spec for a module that this plugin does not know: its import fails and tells why.

    None for a part of a connector that is there.
    """
    parent = sys.modules.get(name.rpartition(".")[0])
    if names.is_of_connector(name) and getattr(parent, "__file__", None):
        return None
    return ModuleSpec(name, _AbsentLoader(), origin=ORIGIN)


def _miss(module: str) -> NoReturn:
    raise ModuleNotFoundError(f"No module named {module!r}", name=module) from PluginImportError(
        names.absence(module),
        "Install the openmetadata-ingestion that the connector was written for, or remove that"
        " import.",
    )


class _AbsentLoader(Loader):
    """Raises the error of a module that nobody has, with its reason as the cause."""

    def create_module(self, spec: ModuleSpec) -> NoReturn:
        _miss(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Python wants it beside `create_module`."""


class _FacadeLoader(Loader):
    """Fills a module with functions that resolve its names."""

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        home = module.__name__
        _made.add(home)
        covered = MODULES.get(home, {})
        has_others = home in MODULES or (home not in PACKAGES and names.is_generated(home))

        def load(name: str) -> Any:
            inner = f"{home}.{name}"
            if name in covered:
                value = names.resolved(home, name, covered[name])
            elif inner in MODULES or inner in PACKAGES:
                return importlib.import_module(inner)
            elif name.startswith("__") or not is_used(inspect.currentframe()):
                raise AttributeError(f"module {home!r} has no attribute {name!r}")
            elif has_others:
                value = names.imitated(home, name)
            else:
                _miss(inner)  # `from package import module`
            setattr(module, name, value)
            return value

        vars(module).update(
            __getattr__=load,
            __dir__=lambda: sorted({*vars(module), *covered}),
            __all__=sorted(covered),
        )
