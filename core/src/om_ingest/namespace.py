"""The namespace `metadata.ingestion.source`: its portions, and how they are merged.

A portion is a directory (or a folder inside a zip file) that holds part of the namespace
(PEP 420). If one of them is a regular package, with an `__init__.py`, Python ignores all
others. The host finds the portions itself, path entry by path entry, and merges them.
Nothing here imports a connector.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast
from zipimport import zipimporter

if TYPE_CHECKING:
    from importlib.abc import Loader

ROOT = "metadata.ingestion.source"
"""The package that connectors put their code into."""

DEPTH = len(ROOT.split(".")) + 2
"""Number of names in a connector's module path: those of `ROOT`, service type, its own."""

_CLASS_MODULES = ("service_spec", "metadata")
"""Modules of a connector's folder in which OpenMetadata looks for its class."""

SERVICE_TYPES = (
    "api",
    "dashboard",
    "database",
    "drive",
    "llm",
    "mcp",
    "messaging",
    "metadata",
    "mlmodel",
    "pipeline",
    "search",
    "security",
    "storage",
)
"""Families of services: the level below `ROOT` (OpenMetadata REST contract §2)."""


@dataclass(frozen=True)
class NamespaceModule:
    """A module or package at `metadata.ingestion.source.<service type>.<name>`."""

    service_type: str
    name: str
    location: str
    """The portion it lies in: a directory, or a folder inside a zip file."""

    @property
    def module(self) -> str:
        """The dotted name to import."""
        return f"{ROOT}.{self.service_type}.{self.name}"

    @property
    def file(self) -> str:
        """Its file or folder, without ending."""
        return str(Path(self.location, self.name))


class StandInFinder:
    """Base of finders for modules that stand in for absent ones: they are no portions."""


def find_spec(name: str, path: Iterable[str] | None = None) -> ModuleSpec | None:
    """The spec of a dotted name without importing its parents; None if there is none.

    Parts of the shared namespace are looked for in all their portions.
    """
    here = list(sys.path if path is None else path)
    spec: ModuleSpec | None = None
    for full in _levels(name):
        if is_shared(full):
            here = portions(full)
            if not here:
                return None
            spec = ModuleSpec(full, None, is_package=True)
            spec.submodule_search_locations = here
            continue
        found = _specs(full, here)
        if not found:
            return None
        spec = next((each for each in found if each.loader is not None), found[0])
        if spec.loader is None:
            below = (each.submodule_search_locations or () for each in found)
            spec.submodule_search_locations = list(dict.fromkeys(itertools.chain(*below)))
        here = list(spec.submodule_search_locations or ())
    return spec


def is_shared(name: str) -> bool:
    """Whether a package is shared by all connectors, so that no distribution may own it."""
    return (ROOT + ".").startswith(name + ".") or name in _TYPE_PACKAGES


def portions(name: str) -> list[str]:
    """Every directory that holds part of a shared package, in the order of `sys.path`."""
    here = sys.path
    for full in _levels(name):
        here = _portions_in(full, here)
    return here


def specs(name: str) -> Iterator[ModuleSpec]:
    """The spec that each path entry has for a shared package, in the order of the path."""
    above = name.rpartition(".")[0]
    yield from _specs(name, portions(above) if above else sys.path)


def modules() -> Iterator[NamespaceModule]:
    """Every module and package at the place of a connector, found by file name."""
    root = portions(ROOT)
    for service_type in SERVICE_TYPES:
        seen: set[str] = set()
        for location in _portions_in(f"{ROOT}.{service_type}", root):
            for name in _names_in(location):
                if name not in seen and not name.startswith("_"):
                    seen.add(name)
                    yield NamespaceModule(service_type, name, location)


def _names_in(location: str) -> Iterator[str]:
    """The modules and packages in a portion, and folders without `__init__.py` that are connectors.

    These hold a module where OpenMetadata looks for the class (REST contract §12.3).
    """
    for info in pkgutil.iter_modules([location]):
        yield info.name
    with suppress(OSError):  # inside a zip file
        for folder in sorted(Path(location).iterdir()):
            has_class = any((folder / f"{name}.py").is_file() for name in _CLASS_MODULES)
            if has_class and folder.name.isidentifier() and not (folder / "__init__.py").exists():
                yield folder.name


def merge(module: str) -> None:
    """Make `module` importable even if a regular package hides its portion.

    Puts the shared packages above it into `sys.modules`, each with every portion on its
    `__path__`. No code of a connector runs, nor that of an `__init__.py` at a shared level.
    Does nothing for a module outside the namespace.
    """
    for full in _levels(module)[:-1]:
        if not is_shared(full):
            return
        package = sys.modules.get(full) or _package(full)
        # A plain module of that name becomes a package, for it has no path of its own.
        own = getattr(package, "__path__", ())
        package.__path__ = list(dict.fromkeys([*portions(full), *own]))


def _package(name: str) -> ModuleType:
    """The shared package `name` as a new module; its parent is in `sys.modules`."""
    hiding = next((spec for spec in specs(name) if spec.loader and spec.has_location), None)
    spec = hiding or find_spec(name)
    if spec is None:
        return importlib.import_module(name)  # raises Python's own ModuleNotFoundError
    package = module_from_spec(spec)
    if hiding is not None:
        package.__class__ = _DormantPackage
    sys.modules[name] = package
    for full, module in list(sys.modules.items()):  # the package was forgotten, these were not
        if full.rpartition(".")[0] == name:
            setattr(package, full.rpartition(".")[2], module)
    above, _, own = name.rpartition(".")
    if above:
        setattr(sys.modules[above], own, package)
    return package


class _DormantPackage(ModuleType):
    """A shared package whose `__init__.py` runs only when one of its attributes is read.

    The file belongs to another distribution: it may take seconds, or fail to import, and no
    connector needs it to be importable.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system looks for these, and does without
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if find_spec(f"{self.__name__}.{name}") is not None:
            return importlib.import_module(f"{self.__name__}.{name}")
        loader = cast("Loader", self.__loader__)
        self.__class__ = ModuleType  # type: ignore[assignment]  # executed once, as LazyLoader does
        path = self.__path__
        try:
            loader.exec_module(self)
        except BaseException:
            self.__class__ = _DormantPackage
            raise
        self.__path__ = list(dict.fromkeys([*path, *self.__path__]))
        return getattr(self, name)


SHARED = ("metadata", "metadata.ingestion", ROOT)
"""The packages above the service types; no distribution may own them."""

_TYPE_PACKAGES = frozenset(f"{ROOT}.{service_type}" for service_type in SERVICE_TYPES)


def _levels(name: str) -> list[str]:
    """The packages above a module, and the module itself: `a`, `a.b`, `a.b.c`."""
    return list(itertools.accumulate(name.split("."), "{}.{}".format))


def _portions_in(name: str, path: Iterable[str]) -> list[str]:
    """The directories of a package in some path entries, each once."""
    found = (spec.submodule_search_locations or () for spec in _specs(name, path))
    return list(dict.fromkeys(itertools.chain.from_iterable(found)))


def _specs(name: str, path: Iterable[str]) -> list[ModuleSpec]:
    """The specs of `name` from each path entry and from each finder that is not path-based.

    Path entries are searched one by one through their hooks: Python itself stops at the
    first regular package, and cannot search below a package that is not imported.
    """
    entries = list(path)
    found: list[ModuleSpec | None] = []
    with _parents(name, entries):
        for finder in sys.meta_path:
            if finder is PathFinder:
                found.extend(spec_in(entry, name) for entry in entries)
            elif finder not in (BuiltinImporter, FrozenImporter) and not isinstance(
                finder, StandInFinder
            ):
                found.append(finder.find_spec(name, entries if "." in name else None))
        return [_plain(spec) for spec in found if spec is not None]


def spec_in(entry: str, name: str) -> ModuleSpec | None:
    """The spec of `name` in one path entry."""
    importer = pkgutil.get_importer(entry or str(Path.cwd()))
    if importer is None:
        return None
    spec = importer.find_spec(name)
    if spec is None and isinstance(importer, zipimporter) and is_shared(name):
        return _folder_in_zip(importer, name)
    return spec


def _folder_in_zip(importer: zipimporter, name: str) -> ModuleSpec | None:
    """The portion in a zip file that lists files but no folders, as wheels do.

    Before Python 3.13 the import system sees no folders in such a file.
    """
    folder = importer.prefix.replace("\\", "/") + name.rpartition(".")[2]
    if folder not in _folders(importer.archive):
        return None
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(Path(importer.archive, folder))]
    return spec


@functools.lru_cache(maxsize=8)
def _folders(archive: str) -> frozenset[str]:
    """Every folder that the names in a zip file imply."""
    import zipfile  # few environments have such portions

    with zipfile.ZipFile(archive) as file:
        names = map(PurePosixPath, file.namelist())
        return frozenset(str(folder) for name in names for folder in name.parents)


@contextmanager
def _parents(name: str, path: list[str]) -> Iterator[None]:
    """Stand-ins for the packages above `name`, which finders may expect to be imported."""
    absent = [package for package in _levels(name)[:-1] if package not in sys.modules]
    for package in absent:
        module = sys.modules[package] = ModuleType(package)
        module.__path__ = path
    try:
        yield
    finally:
        for package in absent:
            sys.modules.pop(package, None)


def _plain(spec: ModuleSpec) -> ModuleSpec:
    """The spec with a plain list of locations: a namespace's own list looks up its parent."""
    if spec.submodule_search_locations is not None:
        spec.submodule_search_locations = list(spec.submodule_search_locations)
    return spec
