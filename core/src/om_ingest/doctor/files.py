"""Checks of files: those of the namespace, and leftovers of earlier installations."""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from om_ingest import namespace
from om_ingest.distributions import normalize
from om_ingest.doctor.inventory import ERROR, WARNING, Finding, Installed, Inventory, blame

SHARED = (*namespace.SHARED, *(f"{namespace.ROOT}.{name}" for name in namespace.SERVICE_TYPES))
"""Every package that is shared by all connectors."""

_LEFTOVER = "leftover"
_TREE = tuple(namespace.ROOT.split("."))
_INITS = {(*name.split("."), "__init__.py") for name in SHARED}


def shadowed_namespace(inventory: Inventory) -> Iterator[Finding]:
    """Modules and regular packages at a shared level: Python ignores other portions then."""
    for name in SHARED:
        for spec in namespace.specs(name):
            if spec.origin is None or not spec.has_location:
                continue
            file = Path(spec.origin)
            owner = inventory.owner(file)
            foreign = owner is not None and not owner.is_plugin
            yield blame(
                "shadowed namespace",
                f"{file} makes {name} a regular package, which hides connectors elsewhere",
                "Delete the file: nothing of om-ingest needs it."
                if owner is None
                else "Nothing: om-ingest adds the hidden portions itself. Other tools do not."
                if foreign
                else f"Delete the file from the project {owner.editable}."
                if owner.editable
                else f"Uninstall {owner.name}, and install a version that leaves the file out.",
                owner,
                file,
                severity=WARNING if foreign else ERROR,
            )


def shipped_init(inventory: Inventory) -> Iterator[Finding]:
    """Plugins whose wheel holds an `__init__.py` of a shared level."""
    for dist in inventory.plugins:
        for file in dist.in_tree:
            if file.relative_to(dist.folder.parent).parts in _INITS:
                yield blame(
                    "init in a shared level",
                    f"{dist.name} installed {file}; uninstalling it deletes the file for everybody",
                    f"Uninstall {dist.name}, and install a version whose wheel leaves it out."
                    + _reinstall(inventory.owners[file], dist),
                    dist,
                    file,
                )


def owned_twice(inventory: Inventory) -> Iterator[Finding]:
    """Files of the namespace, or of a plugin, that two distributions installed."""
    for file, owners in inventory.owners.items():
        by_name = {normalize(owner.name): owner for owner in owners}
        if len(by_name) < 2:
            continue
        plugins = [owner for owner in by_name.values() if owner.is_plugin]
        if not plugins and not any(file in owner.in_tree for owner in owners):
            continue
        culprit = (plugins or owners)[-1]
        yield blame(
            "file owned twice",
            f"{' and '.join(map(str, by_name.values()))} both installed {file}; "
            "the later one overwrote the earlier",
            f"Uninstall {culprit.name}." + _reinstall(owners, culprit),
            culprit,
            file,
        )


def missing(inventory: Inventory) -> Iterator[Finding]:
    """Files that a plugin, or another owner in the namespace, installed and that are missing."""
    for dist in inventory.distributions:
        if not dist.folder.is_dir():
            continue  # inside a zip file, which does not change
        for file in dist.files if dist.is_plugin else dist.in_tree:
            if not file.exists():
                yield blame(
                    "file missing",
                    f"{dist.name} installed {file}, and it was deleted",
                    f"Reinstall it: pip install --force-reinstall --no-deps {dist.name}",
                    dist,
                    file,
                )


def off_the_path(inventory: Inventory) -> Iterator[Finding]:
    """Connector code that is installed where the import system does not look."""
    present = {(module.service_type, module.name) for module in namespace.modules()}
    for dist in inventory.plugins:
        if dist.editable is not None and not dist.editable.is_dir():
            yield blame(
                "portion off the path",
                f"{dist.name} is installed as editable from {dist.editable}, which is gone",
                f"Uninstall {dist.name}, or install it from where the project is now.",
                dist,
                dist.editable,
            )
        for place in _portions(dist):
            hidden = sorted(_modules(place) - present)
            if hidden:
                yield blame(
                    "portion off the path",
                    f"{place} holds connectors of {dist.name}, but Python does not look there: "
                    + ", ".join(".".join(names) for names in hidden),
                    f"Reinstall {dist.name}, or put {place.parents[2]} onto PYTHONPATH.",
                    dist,
                    place,
                )


def incomplete(inventory: Inventory) -> Iterator[Finding]:
    """Metadata directories of plugins whose uninstallation was not completed."""
    for dist in inventory.plugins:
        if not dist.complete:
            yield blame(
                _LEFTOVER,
                f"{dist.folder} has no RECORD: it is left over from an incomplete installation",
                f"Delete the folder, and reinstall {dist.name} if you need it.",
                dist,
                dist.folder,
            )


def orphans(inventory: Inventory) -> Iterator[Finding]:
    """Connectors among installed packages that no distribution owns."""
    roots = {dist.folder.parent for dist in inventory.distributions}
    depth = namespace.DEPTH - 1  # from a portion of a service type up to the path
    for module in namespace.modules():
        above = Path(module.location).parents
        root = above[depth - 1] if len(above) >= depth else Path()
        if root not in roots or root.name not in ("site-packages", "dist-packages"):
            continue
        spec = namespace.find_spec(module.module)
        file = Path(spec.origin) if spec is not None and spec.origin is not None else None
        if file is not None and file not in inventory.owners:
            place = file.parent if file.name == "__init__.py" else file
            yield blame(
                _LEFTOVER,
                f"{place} lies among installed packages, and no distribution owns it",
                "Delete it, or install the connector with pip.",
                None,
                place,
            )


def renamed(inventory: Inventory) -> Iterator[Finding]:
    """Folders that pip renamed to `~…` to uninstall them, and could not delete."""
    for dist in inventory.debris:
        if dist.is_plugin:
            yield _interrupted(dist.folder, dist)
    tops = dict.fromkeys(dist.folder.parent for dist in inventory.distributions)
    below = Path(*namespace.ROOT.split(".")[1:])
    found = [path for top in tops for path in top.glob("~*") if (path / below).is_dir()]
    for name in SHARED:
        for portion in namespace.portions(name):
            found += Path(portion).glob("~*")
    for path in dict.fromkeys(found):
        yield _interrupted(path, None)


def installed_twice(inventory: Inventory) -> Iterator[Finding]:
    """Plugins that are on the path twice."""
    by_name: dict[str, list[Installed]] = defaultdict(list)
    for dist in inventory.distributions:
        by_name[normalize(dist.name)].append(dist)
    for first, *others in by_name.values():
        for other in others:
            if not (first.is_plugin or other.is_plugin) or _is_project_of(first, other):
                continue
            together = first.folder.parent == other.folder.parent
            same = first.version == other.version and not together
            yield blame(
                "installed twice" if same else "two versions",
                f"{first} in {first.folder.parent} hides {other.version} in {other.folder.parent}",
                f"Uninstall {other.name} until none is left, then install the one you need."
                if together
                else f"Uninstall one of them, or take {other.folder.parent} off the path.",
                other,
                other.folder,
                severity=WARNING if same else ERROR,
            )


def _portions(dist: Installed) -> list[Path]:
    """Folders in which a distribution installs connectors, by its metadata."""
    found = [] if dist.editable is None else [dist.editable / "src", dist.editable]
    places = [top.joinpath(*_TREE) for top in found]
    for file in dist.files:
        parts = file.parts
        places += [
            Path(*parts[:end])
            for end in range(len(_TREE), len(parts))
            if parts[end - len(_TREE) : end] == _TREE
        ]
    return [place for place in dict.fromkeys(places) if place.is_dir()]


def _modules(place: Path) -> set[tuple[str, str]]:
    """Service type and name of every connector in a portion of `namespace.ROOT`."""
    return {
        (service_type, info.name)
        for service_type in namespace.SERVICE_TYPES
        for info in pkgutil.iter_modules([str(place / service_type)])
        if not info.name.startswith("_")
    }


def _reinstall(owners: list[Installed], culprit: Installed) -> str:
    """The rest of a fix: reinstall the other owners of a deleted file."""
    names = " ".join(dict.fromkeys(dist.name for dist in owners if dist.name != culprit.name))
    command = f"pip install --force-reinstall --no-deps {names}"
    return f" Then restore the file of the other: {command}" if names else ""


def _is_project_of(first: Installed, other: Installed) -> bool:
    """Whether `other` is a build's metadata in the project of the editable `first`."""
    project = first.editable or other.editable
    return project is not None and any(
        dist.folder.suffix == ".egg-info" and project in dist.folder.resolve().parents
        for dist in (first, other)
    )


def _interrupted(place: Path, dist: Installed | None) -> Finding:
    return blame(
        _LEFTOVER,
        f"pip renamed something to {place} to uninstall it, and was interrupted",
        "Delete it.",
        dist,
        place,
    )
