"""Folders whose code is found for one command: `--path DIR`, and `plugins.path` of a file.

The standard library comes before them, and they come before everything that is installed.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from om_ingest import namespace
from om_ingest.errors import PluginError, WorkflowError
from om_ingest.host.irreplaceable import irreplaceable

if TYPE_CHECKING:
    from om_ingest.registry import AllowList


def checked(folders: Iterable[str | Path], allow: AllowList) -> list[str]:
    """The absolute paths of folders; raises what is wrong with one.

    That is a `WorkflowError`, or a `PluginError` where a list says which distributions may be
    imported: code in a folder may call itself like any of them.
    """
    found = []
    for folder in folders:
        path = str(Path(folder).expanduser().resolve())
        if problem := wrong_with(folder):
            raise WorkflowError(problem, "Name the folder that the connector's package lies in.")
        if allow.lists:
            raise PluginError(
                f"The code in {path} may not be loaded: {allow.lists[0][0]} names distributions,"
                " and a folder is none",
                "Install the connector with pip, and add it to the list.",
            )
        found.append(path)
    return list(dict.fromkeys(found))


def wrong_with(folder: str | Path) -> str:
    """Why this is no folder, e.g. because it is a file; empty if it is one."""
    path = Path(folder).expanduser()
    if path.is_dir():
        return ""
    return f"{folder} is a file, and no folder" if path.exists() else f"There is no folder {folder}"


@contextlib.contextmanager
def added(folders: Iterable[str | Path], allow: AllowList, wanted: str = "") -> Iterator[None]:
    """Find code in these folders, until it is left; raises as `checked` does.

    `wanted` is the source that is asked for: a class path, or a name. Modules of the same names
    that other code has imported are put aside meanwhile, and those imported from the folders are
    forgotten at the end.
    """
    paths = checked(folders, allow)
    if not paths:
        yield
        return
    before, entries = dict(sys.modules), sys.path[:]
    finder = _FolderFinder(paths, wanted.partition(":")[0], entries)
    aside = _put_aside(finder)
    place = _behind_standard_library()
    sys.path[place:place] = paths
    sys.meta_path.insert(_place_of_path_finder(), finder)
    importlib.invalidate_caches()  # a folder may have been filled just now
    try:
        yield
    finally:
        if finder in sys.meta_path:  # a connector may do anything to it
            sys.meta_path.remove(finder)
        # Also what the connector has put there; an equal entry may have been there before.
        known = set(map(id, entries))
        sys.path[:] = [each for each in sys.path if id(each) in known or not finder.holds(each)]
        new = {name: each for name, each in sys.modules.items() if before.get(name) is not each}
        for name, module in [item for item in new.items() if finder.has(item[1])]:
            forget(name, module)
        _prune_shared(finder, before)
        for name, module in aside.items():
            _restore(name, module)


def current() -> Iterator[str]:
    """The folders that are added just now."""
    for finder in sys.meta_path:
        if isinstance(finder, _FolderFinder):
            yield from finder.folders


def not_used(module: str) -> str:
    """Why a module of a folder is not imported, though its name is; empty if it is, or is none."""
    top = module.partition(".")[0]
    for finder in sys.meta_path:
        if isinstance(finder, _FolderFinder) and (file := finder.hidden(top)):
            if top not in finder.kept:
                return f"{file} is not used: Python has a module of that name"
            return f"{file} is not used: om-ingest needs {top} of {finder.kept[top][1]}"
    return ""


def forget(name: str, module: ModuleType) -> None:
    """Take a module out of `sys.modules`, and off its package."""
    sys.modules.pop(name, None)
    above, _, own = name.rpartition(".")
    parent = sys.modules.get(above)
    if parent is not None and vars(parent).get(own) is module:
        delattr(parent, own)


class _FolderFinder:
    """Lets the folders win over path entries that come before the standard library, too.

    Python prefers a package with an `__init__.py` to one without, wherever that lies. Here the
    module that is `wanted` is found in spite of it; of others the folder may hold anything.
    """

    def __init__(self, folders: Sequence[str], wanted: str, entries: Iterable[str]) -> None:
        """`entries` are those of `sys.path` before the folders are added."""
        self.folders = folders
        self._wanted = wanted
        inner = {str(Path(entry).absolute()) for entry in entries if entry}
        self._installed = [entry + os.sep for entry in inner if self._is_below(entry)]
        """Path entries in the folders, as of an environment: what lies there is installed."""
        self.kept = irreplaceable(self._tops(), folders)
        """The top-level modules of the folders that the host needs, as they are installed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module or package in one of the folders, at the top or in the namespace."""
        above = name.rpartition(".")[0]
        if name in self.kept:
            return self.kept[name][0]
        if (above and not namespace.is_shared(above)) or namespace.is_shared(name):
            return None
        spec = self.inside(name)
        if spec is None or spec.loader is not None:
            return spec
        if not f"{self._wanted}.".startswith(f"{name}.") or self.inside(self._wanted) is None:
            return None
        places, installed = self._places(name), PathFinder.find_spec(name, path)
        if installed is not None and installed.loader is None:  # other portions of it
            places += installed.submodule_search_locations or ()
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = list(dict.fromkeys(places))
        return spec

    def inside(self, name: str) -> ModuleSpec | None:
        """The spec of a module in the folders alone; that of a folder has no loader."""
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in self.kept:
            return None
        return PathFinder.find_spec(name, self._places(name.rpartition(".")[0]))

    def hidden(self, top: str) -> str:
        """The file of a top-level module in the folders that is not used; empty if none is."""
        if top not in sys.stdlib_module_names and top not in self.kept:
            return ""
        spec = PathFinder.find_spec(top, self._places(""))
        return "" if spec is None else spec.origin or ""

    def _tops(self) -> set[str]:
        """The names of what may be a module at the top of a folder."""
        found: set[str] = set()
        for folder in self.folders:
            with contextlib.suppress(OSError):
                found.update(entry.name.partition(".")[0] for entry in Path(folder).iterdir())
        tops = {name for name in found if name.isidentifier() and not namespace.is_shared(name)}
        return tops - sys.stdlib_module_names

    def _places(self, package: str) -> list[str]:
        below = package.split(".") if package else ()
        return [str(Path(folder, *below)) for folder in self.folders]

    def has(self, module: ModuleType) -> bool:
        """Whether a module was loaded from the folders, and from nowhere else."""
        if module.__name__.partition(".")[0] in self.kept:
            return False
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        path: list[str] = []
        with contextlib.suppress(KeyError):  # a namespace package asks for one above that is gone
            path += getattr(module, "__path__", None) or ()
        return self.holds(origin) or bool(path and all(map(self.holds, path)))

    def holds(self, place: object) -> bool:
        """Whether a file or folder lies in one of the folders, or is one."""
        if not isinstance(place, str) or f"{place}{os.sep}".startswith(tuple(self._installed)):
            return False
        return place in self.folders or self._is_below(place)

    def _is_below(self, place: str) -> bool:
        return place.startswith(tuple(folder + os.sep for folder in self.folders))


def _put_aside(finder: _FolderFinder) -> dict[str, ModuleType]:
    """Take modules out of `sys.modules` that would hide those of the folders; returns them."""
    units: dict[str, bool] = {}
    aside: dict[str, ModuleType] = {}
    tops = {name.partition(".")[0] for name in sys.modules}
    known = {top for top in tops if finder.inside(top) is not None}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in known:
            continue
        unit = _unit(name, finder)
        if unit not in units:
            units[unit] = bool(unit) and _is_rival(unit, finder)
        if units[unit]:
            aside[name] = module
    for name, module in aside.items():
        forget(name, module)
    return aside


def _unit(name: str, finder: _FolderFinder) -> str:
    """The topmost module above a module, or itself, that the folders have too; '' if none is.

    What is only a folder there may hold modules of others as well, unless it is wanted.
    """
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        unit = ".".join(parts[:count])
        if namespace.is_shared(unit):
            continue
        found = finder.inside(unit)
        if found is None:
            return ""
        if found.loader is not None or finder.find_spec(unit) is not None:
            return unit
    return ""


def _is_rival(unit: str, finder: _FolderFinder) -> bool:
    """Whether a module that is imported already hides one of the folders."""
    module = sys.modules.get(unit)
    return module is not None and not finder.has(module)


def _restore(name: str, module: ModuleType) -> None:
    sys.modules[name] = module
    above, _, own = name.rpartition(".")
    if above in sys.modules:
        setattr(sys.modules[above], own, module)


def _prune_shared(finder: _FolderFinder, before: dict[str, ModuleType]) -> None:
    """Take the folders off the paths of shared packages; those that are left empty go, too."""
    shared = [name for name in sys.modules if namespace.is_shared(name)]
    for name in sorted(shared, reverse=True):
        module = sys.modules[name]
        path = getattr(module, "__path__", None)
        if isinstance(path, list) and any(map(finder.holds, path)):
            module.__path__ = [place for place in path if not finder.holds(place)]
            if not module.__path__ and name not in before:
                forget(name, module)


def _behind_standard_library() -> int:
    """The place on `sys.path` behind the standard library."""
    library = Path(os.__file__).parent
    inside = (str(library), str(library / "lib-dynload"))
    places = [place for place, entry in enumerate(sys.path) if entry in inside]
    return max(places, default=-1) + 1


def _place_of_path_finder() -> int:
    return sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
