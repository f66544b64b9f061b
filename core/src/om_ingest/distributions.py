"""Installed distributions, read from their metadata directories; nothing is imported."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import importlib_metadata

if TYPE_CHECKING:
    from importlib_metadata import EntryPoint


class _Metadata(Protocol):
    """The part of a distribution's interface that is used here; any finder may return one."""

    @property
    def entry_points(self) -> Iterable[EntryPoint]: ...

    def read_text(self, filename: str) -> str | None: ...


@dataclass(frozen=True)
class Package:
    """The metadata of an installed distribution that the host uses."""

    name: str
    """As spelled in the metadata."""

    version: str
    requires: tuple[str, ...]
    """Its `Requires-Dist` lines."""

    summary: str = ""
    """Its own description in one line."""

    has_headers: bool = True
    """Whether its METADATA or PKG-INFO could be read."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


HOST = "om-ingest"

NO_PACKAGE = Package("", "", ())
"""Stands for the owner of files that no distribution owns."""


def normalize(name: str) -> str:
    """The canonical spelling of a name: lower case; `_`, `.` and `-` are the same (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.lru_cache(maxsize=1)
def host_version() -> str:
    """The running version of om-ingest."""
    # Not `importlib_metadata.version`, which imports a parser of e-mail: 10 ms.
    return package_of(importlib_metadata.distribution(HOST)).version


def declared(group: str) -> Iterator[tuple[EntryPoint, Package]]:
    """Entry points of one group; of a distribution found twice on the path, the first."""
    seen: set[str] = set()
    for dist, text in _with_entry_points(tuple(sys.path)):
        if f"[{group}]" not in text:
            continue  # parsing is slow: only where the group occurs
        package = package_of(dist)
        if normalize(package.name) in seen:
            continue
        seen.add(normalize(package.name))
        for point in entry_points(dist) or ():
            if point.group == group:
                yield point, package


def installed() -> Iterator[Any]:
    """Every distribution on the path, except those that pip has renamed to `~…` for deletion."""
    for dist in importlib_metadata.distributions():
        if not folder_of(dist).name.startswith("~"):
            yield dist


def folder_of(dist: _Metadata) -> Path:
    """The metadata directory of a distribution; `.` if its finder has none."""
    return Path(str(getattr(dist, "_path", "")))


def text_of(dist: _Metadata, file: str) -> str | None:
    """A file of the metadata directory; None if it is missing or not text."""
    try:
        return dist.read_text(file)
    except (OSError, UnicodeDecodeError):
        return None


def entry_points(dist: _Metadata) -> list[EntryPoint] | None:
    """The entry points of a distribution; None if the file that lists them is malformed."""
    try:
        return list(dist.entry_points)
    except (OSError, TypeError, ValueError):  # a line without `=`, or not text
        return None


@functools.lru_cache(maxsize=1)
def _with_entry_points(path: tuple[str, ...]) -> list[tuple[_Metadata, str]]:
    """Every distribution on `path` with entry points; cached, as a command reads several groups."""
    found = ((dist, text_of(dist, "entry_points.txt")) for dist in installed())
    return [(dist, text) for dist, text in found if text]


def owners(files: Iterable[str]) -> dict[str, Package]:
    """Which distribution installed each module: a file or folder, without its ending.

    The owner is the distribution whose RECORD lists the module, or else the one installed as
    editable from the project that contains the module (PEP 610).
    """
    wanted = {os.path.realpath(file): file for file in files}
    found: dict[str, Package] = {}
    projects: dict[str, _Metadata] = {}
    for dist in installed() if wanted else ():
        root = os.path.realpath(folder_of(dist).parent)
        here = [file for file in wanted if file.startswith(root + os.sep)]
        record = ("\n" + (text_of(dist, "RECORD") or "")).replace('\n"', "\n") if here else ""
        names = {file: "\n" + file[len(root) + 1 :].replace(os.sep, "/") for file in here}
        own = [file for file in here if f"{names[file]}." in record or f"{names[file]}/" in record]
        if own:
            package = package_of(dist)
            found = {**{wanted[file]: package for file in own}, **found}
        if project := project_of(dist):
            projects.setdefault(project, dist)
    for project in sorted(projects, key=len, reverse=True):  # the innermost first
        for file in wanted:
            if file.startswith(project + os.sep):
                found.setdefault(wanted[file], package_of(projects[project]))
    return found


def project_of(dist: _Metadata) -> str:
    """Folder of the project that an editable installation points at; else empty (PEP 610)."""
    import json  # only for owners of files; a plain listing does without

    try:
        document = json.loads(text_of(dist, "direct_url.json") or "{}")
        if not document.get("dir_info", {}).get("editable"):
            return ""
        url = document["url"]
    except (AttributeError, KeyError, ValueError):
        return ""  # not what an installer writes
    from urllib.parse import urlsplit  # both cost 40 ms, and few environments need them
    from urllib.request import url2pathname

    return os.path.realpath(url2pathname(urlsplit(url).path))


def package_of(dist: _Metadata) -> Package:
    """The headers of a distribution; the name of its directory stands in for missing ones."""
    fields = ("Name", "Version", "Summary", "Requires-Dist")
    values: dict[str, list[str]] = {field: [] for field in fields}
    text = text_of(dist, "METADATA") or text_of(dist, "PKG-INFO") or ""
    for line in _headers(text):
        name, _, value = line.partition(":")
        if name in values:
            values[name].append(value.strip())
    stem = folder_of(dist).name.rpartition(".")[0]
    return Package(
        name=next(iter(values["Name"]), stem.partition("-")[0]),
        version=next(iter(values["Version"]), stem.partition("-")[2]),
        requires=tuple(values["Requires-Dist"]),
        summary=next(iter(values["Summary"]), ""),
        has_headers=bool(text),
    )


def _headers(text: str) -> list[str]:
    """The header lines of core metadata, joined where one is folded (RFC 5322 §2.2.3).

    The e-mail parser of the standard library takes longer than the rest of a listing.
    """
    head = text.partition("\n\n")[0]
    return head.replace("\n ", " ").replace("\n\t", " ").splitlines()
