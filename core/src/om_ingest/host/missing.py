"""Why a module is not found, and what to do about it."""

from __future__ import annotations

import difflib
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

from om_ingest import namespace
from om_ingest.host import folders

_ANY_FOLDER = "Check the class path, or name the folder of its code: --path DIR."


def of_class_path(module: str) -> tuple[str, str]:
    """What is said of the module of a class path that is not found, and what to do about it."""
    added, parts = [Path(folder) for folder in folders.current()], module.split(".")
    top = parts[0]
    what = f"there is no module {module}"
    if not added:
        return what, _ANY_FOLDER
    holders = [folder for folder in added if _holds(folder, [top])]
    if holders and top in sys.stdlib_module_names:
        found = f"{top} is a module of Python's standard library, which comes before --path"
        return f"{what}: {found}", f"Rename the package {holders[0] / top}."
    if why := folders.not_used(top):
        return f"{what}: {why}", "Call the package of the connector by another name."
    for folder in holders[1:]:
        if _holds(folder, parts):
            found = f"{holders[0]} has {top}, too, and comes before {folder}, which has that module"
            return f"{what}: {found}", f"Name {folder} first, or alone."
    for folder in added:
        for count in range(1, len(parts)):
            inside = list(folder.parts[-count:]) == parts[:count]
            if inside and _holds(folder, parts[count:]):
                outer = folder.parents[count - 1]
                found = f"{folder} is the package {'.'.join(parts[:count])} itself"
                return f"{what}: {found}", f"Name the folder that it lies in: --path {outer}"
    places = ", ".join(map(str, dict.fromkeys(added)))
    hint = _near(module, map(str, added))
    return f"{what} in {places}, nor is it installed{hint}", _ANY_FOLDER


def of_import(module: str) -> tuple[str, str] | None:
    """As `of_class_path`, for a module that code imports from a package that is there.

    None if the package is not there either.
    """
    above = module.rpartition(".")[0]
    spec = namespace.find_spec(above) if above else None
    if spec is None or not spec.submodule_search_locations:
        return None
    place = next(iter(spec.submodule_search_locations))
    what = f"the package {above} in {place} has no such module"
    hint = _near(module, sys.path).removeprefix("; d")
    remedy = "Correct the import, or add what is missing to that package."
    return what, f"D{hint} {remedy}" if hint else remedy


def _holds(folder: Path, parts: list[str]) -> bool:
    """Whether a module or package lies in a folder, by its name."""
    path = folder.joinpath(*parts)
    return path.is_dir() or path.with_name(f"{path.name}.py").is_file()


def _near(module: str, path: Iterable[str]) -> str:
    """The question whether a module of a similar name is meant; empty if there is none."""
    places = list(path)
    here, above = places, ""
    for part in module.split("."):
        full = f"{above}.{part}" if above else part
        spec = namespace.find_spec(full, places)
        if spec is None:
            names = [each.name for each in pkgutil.iter_modules(here)]
            names += [each.name for folder in here for each in _folders_in(folder)]
            near = difflib.get_close_matches(part, names, n=1)
            rest = module[len(full) :]
            return f"; did you mean {f'{above}.' if above else ''}{near[0]}{rest}?" if near else ""
        above, here = full, list(spec.submodule_search_locations or ())
    return ""


def _folders_in(folder: str) -> list[Path]:
    path = Path(folder)
    inside = path.iterdir() if path.is_dir() else ()
    return [each for each in inside if each.is_dir() and each.name.isidentifier()]
