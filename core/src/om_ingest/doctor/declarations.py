"""Checks of declarations: entry points, names and requirements."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from om_ingest import namespace, registry
from om_ingest.distributions import normalize
from om_ingest.doctor.inventory import Finding, Installed, Inventory, blame

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def unreadable(inventory: Inventory) -> Iterator[Finding]:
    """Plugins with unreadable metadata: what they declare is unknown."""
    for dist in inventory.plugins:
        if dist.complete and not dist.readable:
            yield blame(
                "unreadable metadata",
                f"METADATA or entry_points.txt in {dist.folder} is missing or malformed",
                f"Reinstall {dist.name}, or tell its maintainer.",
                dist,
                dist.folder,
            )


def sources(inventory: Inventory) -> Iterator[Finding]:
    """Sources whose module is missing, or whose name another distribution claims too."""
    for source in registry.installed_sources():
        dist = inventory.named(source.distribution)
        if source.status == registry.MODULE_MISSING:
            yield blame(
                source.status,
                f"The source {source.name!r}: {source.detail}",
                f"Reinstall {source.distribution}, or uninstall it; its entry point is wrong "
                "if that does not help.",
                dist,
                _entry_points(dist),
            )
        elif source.status == registry.CONFLICT:
            yield blame(
                source.status,
                f"The source {source.name!r} of {source.distribution or source.module} is "
                f"{source.detail}",
                f"Run it as {source.qualified_name}, or uninstall all claimants but one."
                if source.distribution
                else "Delete the file, or uninstall the distribution of that name.",
                dist,
                _origin(source.module),
            )


def plugins(inventory: Inventory) -> Iterator[Finding]:
    """The same for sinks, processors, commands and hooks."""
    for plugin in registry.installed_plugins():
        what = {
            registry.MODULE_MISSING: f"there is no module {plugin.target.partition(':')[0]}",
            registry.CONFLICT: "two distributions claim the name",
        }.get(plugin.status)
        dist = inventory.named(plugin.distribution)
        if what is not None:
            yield blame(
                plugin.status,
                f"The {plugin.kind} {plugin.name!r} of {plugin.distribution}: {what}",
                "Uninstall all claimants but one."
                if plugin.status == registry.CONFLICT
                else f"Reinstall {plugin.distribution}, or uninstall it.",
                dist,
                _entry_points(dist),
            )


def frameworks(inventory: Inventory) -> Iterator[Finding]:
    """Distributions that need openmetadata-ingestion, where nothing stands in for it, either."""
    if inventory.named(registry.FRAMEWORK) or registry.is_stood_in_for():
        return
    files: dict[str, Path] = {}
    for source in registry.installed_sources():
        if source.distribution and (file := _origin(source.module)):
            files.setdefault(normalize(source.distribution), file)
    for dist in inventory.distributions:
        needs = any(_needs_framework(text) for text in dist.requires)
        file = files.get(normalize(dist.name))
        used = "" if needs or file is None else _used(file)
        if needs or used:
            why = f" imports {used}, and" if used else " needs it, and"
            yield blame(
                "missing framework",
                f"{dist.name} was written for {registry.FRAMEWORK}:{why} it is not installed",
                f"pip install {registry.COMPANION}, which stands in for it.",
                dist,
                dist.folder / "METADATA" if needs else file,
            )


def _needs_framework(text: str) -> bool:
    """Whether a requirement is one on openmetadata-ingestion, and not only for an extra."""
    needed = _parsed(text) if registry.FRAMEWORK in normalize(text) else None
    if needed is None or normalize(needed.name) != registry.FRAMEWORK:
        return False
    return needed.marker is None or needed.marker.evaluate({"extra": ""})


def _used(file: Path) -> str:
    """A module of openmetadata-ingestion that a source, or a module beside it, imports; or ''."""
    texts = sorted(file.parent.glob("*.py")) if file.name == "__init__.py" else [file]
    for each in texts:
        with contextlib.suppress(OSError):
            if found := next(registry.imported_of_framework(each.read_bytes()), ""):
                return found
    return ""


def requirements(inventory: Inventory) -> Iterator[Finding]:
    """Requirements of plugins, direct and indirect, that are missing or of another version."""
    seen: set[tuple[str, str]] = set()
    pending = [(dist, "") for dist in inventory.plugins]
    while pending:
        dist, extra = pending.pop()
        if (normalize(dist.name), extra) in seen:
            continue
        seen.add((normalize(dist.name), extra))
        for text in dist.requires:
            needed = _parsed(text)
            if needed is None:
                yield blame(
                    "unreadable requirement",
                    f"{dist.name} needs {text!r}, which is not a valid requirement",
                    f"Tell the maintainer of {dist.name}.",
                    dist,
                    dist.folder / "METADATA",
                )
                continue
            if needed.marker is not None and not needed.marker.evaluate({"extra": extra}):
                continue
            found = inventory.named(needed.name)
            if found is not None and _fits(needed, found.version):
                pending += [(found, extra) for extra in ("", *needed.extras)]
            elif found is None and normalize(needed.name) == registry.FRAMEWORK:
                continue  # see `frameworks`
            elif normalize(needed.name) == "om-ingest":
                yield blame(
                    registry.INCOMPATIBLE,
                    f"{dist.name} needs {text}, this is om-ingest {registry.host_version()}",
                    f"Install a version of {dist.name} that fits, or the om-ingest it needs.",
                    dist,
                    dist.folder / "METADATA",
                )
            else:
                have = f"{found.version} is installed" if found else "it is not installed"
                yield blame(
                    "missing dependency",
                    f"{dist.name} needs {needed.name}{needed.specifier}, but {have}",
                    f"Install the missing dependencies: pip install {dist.name}",
                    dist,
                    dist.folder / "METADATA",
                )


def _parsed(text: str) -> Requirement | None:
    from packaging.requirements import InvalidRequirement, Requirement  # needed here alone

    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _fits(needed: Requirement, version: str) -> bool:
    from packaging.version import InvalidVersion

    try:
        return needed.specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return not needed.specifier


def _entry_points(dist: Installed | None) -> Path | None:
    """The file in which a distribution declares its plugins."""
    return dist.folder / "entry_points.txt" if dist else None


def _origin(module: str) -> Path | None:
    """The file of a module; None if it cannot be found."""
    spec = namespace.find_spec(module)
    return Path(spec.origin) if spec is not None and spec.origin else None
