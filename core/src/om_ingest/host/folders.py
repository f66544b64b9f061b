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
from om_ingest.distributions import normalize, owners
from om_ingest.errors import PluginError, WorkflowError
from om_ingest.registry import needed_by_host

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
def added(folders: Iterable[str | Path], allow: AllowList) -> Iterator[None]:
    """Find code in these folders, until it is left; raises as `checked` does.

    Modules of the same names that other code has imported are put aside meanwhile, and those
    imported from the folders are forgotten at the end.
    """
    paths = checked(folders, allow)
    if not paths:
        yield
        return
    before, entries = dict(sys.modules), sys.path[:]
    finder = _FolderFinder(paths)
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


def forget(name: str, module: ModuleType) -> None:
    """Take a module out of `sys.modules`, and off its package."""
    sys.modules.pop(name, None)
    above, _, own = name.rpartition(".")
    parent = sys.modules.get(above)
    if parent is not None and vars(parent).get(own) is module:
        delattr(parent, own)


class _FolderFinder:
    """Lets the folders win over path entries that come before the standard library, too."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = folders

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module or package in one of the folders, at the top or in the namespace."""
        above = name.rpartition(".")[0]
        is_below = bool(above) and not namespace.is_shared(above)
        if is_below or name in sys.stdlib_module_names or namespace.is_shared(name):
            return None
        places = [str(Path(folder, *above.split("."))) for folder in self._folders]
        spec = PathFinder.find_spec(name, places)
        return spec if spec is not None and spec.loader is not None else None

    def has(self, module: ModuleType) -> bool:
        """Whether a module was loaded from one of the folders."""
        spec = getattr(module, "__spec__", None)
        places = [getattr(spec, "origin", None)]
        with contextlib.suppress(KeyError):  # a namespace package asks for one above that is gone
            places += getattr(module, "__path__", None) or ()
        return any(map(self.holds, places))

    def holds(self, place: object) -> bool:
        """Whether a file or folder lies in one of the folders, or is one."""
        if not isinstance(place, str):
            return False
        return any(place == folder or place.startswith(folder + os.sep) for folder in self._folders)


def _put_aside(finder: _FolderFinder) -> dict[str, ModuleType]:
    """Take modules out of `sys.modules` that would hide those of the folders; returns them."""
    rivals: dict[str, bool] = {}
    aside: dict[str, ModuleType] = {}
    for name, module in list(sys.modules.items()):
        unit = _unit(name)
        if unit and unit not in rivals:
            rivals[unit] = _is_rival(unit, finder)
        if unit and rivals[unit]:
            aside[name] = module
    for name, module in aside.items():
        forget(name, module)
    return aside


def _unit(name: str) -> str:
    """The topmost package or module above a module that one distribution has for itself."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        unit = ".".join(parts[:count])
        if not namespace.is_shared(unit):
            return unit
    return ""


def _is_rival(unit: str, finder: _FolderFinder) -> bool:
    """Whether a module that is imported already hides one of the folders.

    What the host stands on does not count: it cannot be imported twice.
    """
    module = sys.modules.get(unit)
    spec = finder.find_spec(unit) if module is not None else None
    if module is None or spec is None or finder.has(module):
        return False
    origin = getattr(getattr(module, "__spec__", None), "origin", None)
    if not isinstance(origin, str):
        return False
    file = origin.removesuffix(".py").removesuffix(f"{os.sep}__init__")
    package = owners([file]).get(file)
    return package is None or normalize(package.name) not in needed_by_host()


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
