"""Checks for leftovers of earlier installations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from om_ingest import namespace
from om_ingest.distributions import normalize
from om_ingest.doctor.files import SHARED
from om_ingest.doctor.inventory import ERROR, WARNING, Finding, Installed, Inventory, blame

LEFTOVER = "leftover"


def incomplete(inventory: Inventory) -> Iterator[Finding]:
    """Metadata directories of plugins whose uninstallation was not completed."""
    for dist in inventory.distributions:
        if dist.is_plugin and not dist.complete:
            yield blame(
                LEFTOVER,
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
                LEFTOVER,
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


def _is_project_of(first: Installed, other: Installed) -> bool:
    """Whether `other` is a build's metadata in the project of the editable `first`."""
    project = first.editable or other.editable
    return project is not None and any(
        dist.folder.suffix == ".egg-info" and project in dist.folder.resolve().parents
        for dist in (first, other)
    )


def _interrupted(place: Path, dist: Installed | None) -> Finding:
    return blame(
        LEFTOVER,
        f"pip renamed something to {place} to uninstall it, and was interrupted",
        "Delete it.",
        dist,
        place,
    )
