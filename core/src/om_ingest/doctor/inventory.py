"""What is installed, read once: distributions with files and requirements; and findings."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import importlib_metadata

from om_ingest import namespace
from om_ingest.distributions import (
    Package,
    entry_points,
    folder_of,
    normalize,
    package_of,
    project_of,
    text_of,
)
from om_ingest.registry import GROUPS

_TREE = tuple(namespace.ROOT.split("."))
_SHARED = len(_TREE) + 2
"""Maximum of path components of an `__init__.py` at a shared level."""

_PIP = {"", "pip", "uv"}
"""Installers that always write a RECORD."""


@dataclass(frozen=True, kw_only=True)
class Installed(Package):
    """One installed distribution."""

    folder: Path
    """Its metadata directory (`*.dist-info`, `*.egg-info`)."""

    files: tuple[Path, ...]
    """Absolute paths of the modules that its RECORD lists; none for an editable one."""

    complete: bool
    """Whether its metadata directory is complete."""

    readable: bool
    """Whether its headers and its entry points can be read."""

    editable: Path | None
    """Project folder of an editable installation."""

    declares: bool
    """Whether it has an entry point in one of the host's groups."""

    @cached_property
    def is_plugin(self) -> bool:
        """Whether it is a plugin of this host, by its declarations, requirements or files.

        A distribution with other files in the tree `metadata` than connectors is a framework,
        such as openmetadata-ingestion, and no plugin.
        """
        if self.declares or any(map(_needs_host, self.requires)):
            return True
        depth = len(self.folder.parent.parts)
        tree = [file.parts[depth:] for file in self.in_tree]
        code = [names for names in tree if names[-1] != "__init__.py" or len(names) > _SHARED]
        return bool(code) and all(names[: len(_TREE)] == _TREE for names in code)

    @cached_property
    def in_tree(self) -> tuple[Path, ...]:
        """Its files in the tree `metadata`, the namespace above all connectors."""
        top = self.folder.parent / _TREE[0]
        return tuple(file for file in self.files if top in file.parents)


@dataclass(frozen=True)
class Inventory:
    """All distributions on the path; one that is installed twice occurs twice."""

    distributions: tuple[Installed, ...]
    debris: tuple[Installed, ...] = ()
    """Those that pip renamed to `~…` and did not delete."""

    owners: dict[Path, list[Installed]] = field(default_factory=dict)
    """The distributions that list a file."""

    @cached_property
    def plugins(self) -> list[Installed]:
        """The plugins of this host."""
        return [dist for dist in self.distributions if dist.is_plugin]

    def owner(self, file: Path) -> Installed | None:
        """The distribution that lists this file, or whose project it lies in; None if none."""
        if claimants := self.owners.get(file):
            return claimants[0]
        if any(dist.folder.parent in file.parents for dist in self.distributions if dist.files):
            return None  # a folder of installed files, maybe inside a project
        return next((d for d in self.distributions if d.editable in file.parents), None)

    def named(self, name: str) -> Installed | None:
        """The distribution of this name that Python finds first; None if there is none."""
        return self._by_name.get(normalize(name))

    @cached_property
    def _by_name(self) -> dict[str, Installed]:
        return {normalize(dist.name): dist for dist in reversed(self.distributions)}


def take() -> Inventory:
    """Read the metadata of everything on `sys.path`; imports nothing."""
    found: dict[Path, Installed] = {}
    for distribution in importlib_metadata.distributions():
        folder = folder_of(distribution)
        if folder not in found:
            found[folder] = _read(distribution, folder)
    kept = [dist for dist in found.values() if not dist.folder.name.startswith("~")]
    owners: dict[Path, list[Installed]] = {}
    for dist in kept:
        for file in dist.files:
            owners.setdefault(file, []).append(dist)
    return Inventory(
        distributions=tuple(kept),
        debris=tuple(dist for dist in found.values() if dist not in kept),
        owners=owners,
    )


def _read(dist: Any, folder: Path) -> Installed:
    package, record = package_of(dist), text_of(dist, "RECORD")
    installer = (text_of(dist, "INSTALLER") or "").strip()
    points = text_of(dist, "entry_points.txt") or ""
    return Installed(
        **vars(package),
        folder=folder,
        files=tuple(_files(record or "", folder.parent)),
        # Packages of an operating system come without a RECORD, and say who installed them.
        complete=record is not None or folder.suffix != ".dist-info" or installer not in _PIP,
        readable=entry_points(dist) is not None and package.has_headers,
        editable=Path(project) if (project := project_of(dist)) else None,
        declares=any(f"[{group}]" in points for group in GROUPS),
    )


def _files(record: str, root: Path) -> Iterator[Path]:
    """The modules of a RECORD; their paths are relative to the metadata's parent."""
    for row in csv.reader(record.splitlines()):
        if row and row[0].endswith((".py", ".so", ".pyd")):
            yield Path(os.path.normpath(root / row[0]))


def _needs_host(requirement: str) -> bool:
    """Whether a `Requires-Dist` line requires om-ingest, and not only for an extra."""
    name = re.match(r"\s*([A-Za-z0-9][\w.-]*)", requirement)
    return (
        name is not None
        and normalize(name[1]) == "om-ingest"
        and "extra" not in requirement.partition(";")[2]
    )


ERROR = "error"
"""Something does not work, or will break with an uninstallation."""

WARNING = "warning"
"""Unusual, but om-ingest works."""


@dataclass(frozen=True)
class Finding:
    """A problem of the installation: what is wrong, in which distribution, and the fix."""

    kind: str
    """Short name of the sort of finding, e.g. `shadowed namespace`."""

    what: str
    """What is wrong, in one sentence."""

    fix: str
    """What to do about it."""

    distribution: str = ""
    """The distribution that causes it; empty if unknown."""

    version: str = ""
    """Its version."""

    file: str = ""
    """The file or folder concerned; empty if there is none."""

    severity: str = ERROR
    """`error` or `warning`; only errors make the installation unhealthy."""


def blame(
    kind: str,
    what: str,
    fix: str,
    dist: Installed | None,
    file: Path | None = None,
    *,
    severity: str = ERROR,
) -> Finding:
    """A finding about a distribution; `dist` is None if no distribution owns the file."""
    return Finding(
        kind=kind,
        what=what,
        fix=fix,
        distribution=dist.name if dist else "",
        version=dist.version if dist else "",
        file=str(file) if file else "",
        severity=severity,
    )
