"""Checks of the modules in the namespace: whether they lie where they are looked for."""

from __future__ import annotations

import difflib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from om_ingest import namespace, registry
from om_ingest.distributions import normalize
from om_ingest.doctor.inventory import ERROR, WARNING, Finding, Inventory, blame

_LEVELS = (
    ("metadata", ("ingestion",)),
    ("metadata.ingestion", ("source",)),
    (namespace.ROOT, namespace.SERVICE_TYPES),
)
"""Each level of the namespace above the connectors, and the folders that it may have."""

_MOVE = f"Move it into the folder of its service type: {', '.join(namespace.SERVICE_TYPES)}."


def unreadable(inventory: Inventory) -> Iterator[Finding]:
    """Modules at the place of a connector that cannot be read as Python."""
    for module in namespace.modules():
        file = _file(Path(module.location), module.name)
        owner = inventory.owner(file)
        if owner is not None and normalize(owner.name) == registry.FRAMEWORK:
            continue
        if problem := registry.problem_of(module.module, module.location):
            yield blame(
                "unreadable module",
                f"{file} is no Python that can be read: {problem}",
                "Correct it; if it is no connector, move it out of this folder."
                if owner is None
                else f"Reinstall {owner.name}, or tell its maintainer.",
                owner,
                file,
            )


def misspelt(inventory: Inventory) -> Iterator[Finding]:
    """Folders and modules in the namespace that lie where no connector is looked for."""
    targets = [source.module for source in registry.installed_sources()]
    for level, expected in _LEVELS:
        for portion in map(Path, namespace.portions(level)):
            for place in sorted(portion.iterdir()) if portion.is_dir() else ():
                name = place.name.removesuffix(".py")
                if name in expected or not name.isidentifier() or name.startswith("_"):
                    continue
                near = difflib.get_close_matches(name.lower(), expected, 1, cutoff=0.7)
                if near and place.is_dir():
                    held, fix = _code_in(place), f"Rename the folder to {near[0]}."
                elif level == namespace.ROOT:
                    held, fix = _sources_at(portion, name), _MOVE
                else:
                    continue
                owner = inventory.owner(next(place.rglob("*.py"), place))
                if not held or (owner is not None and not owner.is_plugin):
                    continue
                declared = any(target.startswith(f"{level}.{name}.") for target in targets)
                yield blame(
                    "misspelt folder" if fix != _MOVE else "unknown service type",
                    f"{place} is not where connectors are looked for; it holds {', '.join(held)}",
                    fix,
                    owner,
                    place,
                    severity=WARNING if declared else ERROR,
                )


def _code_in(folder: Path) -> list[str]:
    """Modules and folders in a folder, if there is any code below it."""
    if next(folder.rglob("*.py"), None) is None:
        return []
    names = {path.name.removesuffix(".py") for path in folder.iterdir()}
    return sorted(name for name in names if name.isidentifier() and not name.startswith("_"))


def _sources_at(portion: Path, name: str) -> list[str]:
    """Modules that look like sources: the one of this name, and those in the folder of it."""
    module, folder = f"{namespace.ROOT}.{name}", str(portion / name)
    inside = [info.name for info in pkgutil.iter_modules([folder])]
    found = [each for each in inside if registry.holds_source(f"{module}.{each}", folder)]
    is_one = _file(portion, name).exists() and registry.holds_source(module, str(portion))
    return found or [name] * is_one


def _file(folder: Path, name: str) -> Path:
    """The file of a module or package in a folder."""
    package = folder / name / "__init__.py"
    return package if package.is_file() else folder / f"{name}.py"
