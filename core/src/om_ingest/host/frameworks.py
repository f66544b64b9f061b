"""Modules of foreign frameworks that plugins stand in for, while a connector is loaded and runs.

A plugin of the entry-point group `om_ingest.framework` is named like the top-level package of
the framework. It is loaded, as a hook plugin, once a connector imports a module of that package
that nobody has, or has a class that is no `Source`.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from om_ingest import namespace
from om_ingest.errors import OmIngestError
from om_ingest.host.folders import forget
from om_ingest.registry import declared_frameworks

logger = logging.getLogger(__name__)


class Frameworks(namespace.StandInFinder):
    """The finder at the end of `sys.meta_path`: what comes before it wins, portions do, too.

    Modules that it provides are there only while it is.
    """

    def __init__(
        self,
        load: Callable[[str], OmIngestError | None],
        find_module: Callable[[str], ModuleSpec | None],
    ) -> None:
        """`load` loads the plugin of a package, and returns what is wrong with it; `find_module`
        asks the plugins for a module.
        """
        self._load = load
        self._find_module = find_module
        self._problems: dict[str, OmIngestError | None] = {}
        """The packages whose plugins are loaded, with what is wrong with each."""
        self._provided: dict[str, ModuleSpec] = {}
        self._depth = 0

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The packages that plugins stand in for."""
        return declared_frameworks()

    def load_all(self) -> None:
        """Load every plugin; none is loaded twice."""
        for name in sorted(self.names):
            self._problem(name)

    @contextlib.contextmanager
    def provided(self) -> Iterator[None]:
        """Modules can be imported inside, and are gone at the end; may be nested."""
        if not self._depth:
            sys.meta_path.append(self)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._go()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that no finder before this one has; None if no plugin has it.

        Raises `ModuleNotFoundError` if the plugin for it cannot be used: its cause says why.
        """
        top = name.partition(".")[0]
        if top not in self.names:
            return None
        # The parents may be stand-ins, whose path knows nothing of portions.
        portion = namespace.find_spec(name)
        if portion is not None:
            return portion
        if problem := self._problem(top):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name) from problem
        spec = self._find_module(name)
        if spec is not None and spec.name != name:
            logger.warning("Asked for the module %s, a plugin answered %s", name, spec.name)
            return None
        if spec is not None:
            self._provided[name] = spec
        return spec

    def _problem(self, name: str) -> OmIngestError | None:
        if name not in self._problems:
            self._problems[name] = None  # the plugin may import modules of that package
            self._problems[name] = self._load(name)
        return self._problems[name]

    def _go(self) -> None:
        """Leave `sys.meta_path`, and take what was provided out of `sys.modules`."""
        if self in sys.meta_path:  # a connector may do anything to it
            sys.meta_path.remove(self)
        provided, self._provided = self._provided, {}
        for name, spec in provided.items():
            module = sys.modules.get(name)
            if module is not None and getattr(module, "__spec__", None) is spec:
                forget(name, module)
