"""What distributions require, compared with what is installed; nothing is imported."""

from __future__ import annotations

import functools
import operator
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from om_ingest.distributions import (
    HOST,
    Package,
    folder_of,
    host_version,
    installed,
    normalize,
    package_of,
)
from om_ingest.registry.frameworks import COMPANION, FRAMEWORK, is_stood_in_for

if TYPE_CHECKING:
    from packaging.requirements import Requirement


def incompatibility(package: Package) -> str:
    """Which om-ingest a distribution needs, if it is not the running version; else empty."""
    wanted = unmet(package.requires)
    return f"it needs {wanted}, this is om-ingest {host_version()}" if wanted else ""


@functools.lru_cache(maxsize=1024)
def unmet(requirements: tuple[str, ...]) -> str:
    """The requirement on om-ingest that the running version does not meet, or ''."""
    for text in requirements:
        if _name_of(text) != HOST:
            continue
        fits = _fits(text, host_version())
        if fits is None:
            needed = _parsed(text)
            fits = needed is not None and (not _applies(needed) or _allows(needed, host_version()))
        if not fits:
            return text
    return ""


def missing(requirements: tuple[str, ...]) -> str:
    """What of `Requires-Dist` lines is not installed, or in another version; '' if all is there.

    E.g. `boto3, lxml>=5 (4.9.1 is installed)`. Requirements of extras, of other platforms, and
    on om-ingest itself do not count; nor do those that cannot be read, and one on a framework that
    a plugin stands in for.
    """
    return _missing(requirements, tuple(sys.path))


@functools.lru_cache(maxsize=1024)
def _missing(requirements: tuple[str, ...], path: tuple[str, ...]) -> str:
    return ", ".join(filter(None, map(_lacking, requirements)))


def needed_by_host(plugins: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names of om-ingest, of `plugins`, and of all distributions that one of them needs.

    What is needed for an extra counts for those of om-ingest only.
    """
    return _needed_by(frozenset({HOST, *plugins}), tuple(sys.path))


@functools.lru_cache(maxsize=8)
def _needed_by(names: frozenset[str], path: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    pending = [*names]
    while pending:
        name = pending.pop()
        dist = _by_name(path).get(name)
        if name not in found and dist is not None:
            found.add(name)
            lines = package_of(dist).requires
            if name != HOST:
                lines = tuple(line for line in lines if not re.search(r"\bextra\s*==", line))
            pending += map(_name_of, lines)
    return frozenset(found)


def _lacking(text: str) -> str:
    """What one requirement lacks; empty if nothing."""
    name = _name_of(text)
    if not name or name == HOST:
        return ""
    match = _PLAIN.fullmatch(text)
    if match and match["extra"]:
        return ""
    has = _version_of(name)
    if match and not has:
        return _absent(match["name"])
    if has and _fits(text, has):
        return ""
    needed = _parsed(text)
    if needed is None or not _applies(needed) or (has and _allows(needed, has)):
        return ""
    if not has:
        return _absent(needed.name)
    return f"{needed.name}{needed.specifier} ({has} is installed)"


def _absent(name: str) -> str:
    """What is said of a distribution that is not installed; empty if a plugin stands in for it."""
    if normalize(name) != FRAMEWORK:
        return name
    return "" if is_stood_in_for() else f"{name} or {COMPANION}"


def _name_of(requirement: str) -> str:
    found = re.match(r"\s*([A-Za-z0-9][\w.-]*)", requirement)
    return normalize(found[1].rstrip("-_.")) if found else ""


def _version_of(name: str) -> str:
    """The installed version of a distribution; empty if it is not installed."""
    dist = _by_name(tuple(sys.path)).get(name)
    if dist is None:
        return ""
    match = _FOLDER.fullmatch(folder_of(dist).name)
    # A wheel's folder spells other versions in other ways: they are read.
    return match[2] if match and _FINAL.fullmatch(match[2]) else package_of(dist).version


@functools.lru_cache(maxsize=1)
def _by_name(path: tuple[str, ...]) -> dict[str, Any]:
    """Every distribution on `path`, by its name; the first of those with one name."""
    found: dict[str, Any] = {}
    for dist in installed():
        match = _FOLDER.fullmatch(folder_of(dist).name)
        found.setdefault(normalize(match[1] if match else package_of(dist).name), dist)
    return found


_FOLDER = re.compile(r"(.+?)-(\d[^-]*)(?:-py[\d.]+)?\.(?:dist|egg)-info")
_FINAL = re.compile(r"\d+(?:\.\d+)*")
_BOUND = r"\s*(?:[<>=!]=|[<>])\s*\d+(?:\.\d+)*\s*"
_PLAIN = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[\w.,\s-]*\])?\s*"
    rf"(?P<bounds>{_BOUND}(?:,{_BOUND})*)?"
    r"""\s*(?P<extra>;\s*extra\s*==\s*(["'])[\w.-]+\4\s*)?"""
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


def _fits(requirement: str, version: str) -> bool | None:
    """Whether a final release meets a requirement of a plain form; None for any other.

    Most are of this form, and importing `packaging` for the others takes 15 ms (PEP 440).
    """
    match = _PLAIN.fullmatch(requirement)
    if match is None or not _FINAL.fullmatch(version):
        return None
    if match["extra"]:
        return True  # no extra is asked for
    bounds = re.findall(r"([<>=!]+)\s*([\d.]+)", match["bounds"] or "")
    return all(
        _COMPARISONS[comparison](_release(version), _release(wanted))
        for comparison, wanted in bounds
    )


def _release(text: str) -> tuple[int, ...]:
    """The numbers of a final release; 1, 1.0 and 1.0.0 are the same."""
    return tuple(map(int, re.sub(r"(\.0+)+$", "", text).split(".")))


def _parsed(text: str) -> Requirement | None:
    from packaging.requirements import InvalidRequirement, Requirement  # see `_fits`

    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _applies(needed: Requirement) -> bool:
    return needed.marker is None or needed.marker.evaluate({"extra": ""})


def _allows(needed: Requirement, version: str) -> bool:
    from packaging.version import InvalidVersion

    try:
        return needed.specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return not needed.specifier
