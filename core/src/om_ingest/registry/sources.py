"""Installed sources with their status; no connector is imported."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import importlib_metadata

from om_ingest import namespace
from om_ingest.distributions import (
    NO_PACKAGE,
    Package,
    declared,
    normalize,
    owners,
    package_of,
)
from om_ingest.registry.allow import AllowList

SOURCE_GROUP = "metadata.ingestion.source"

_FRAMEWORK = "openmetadata-ingestion"
"""Its connectors lie in the namespace too, but need its framework: they are not listed."""

OK = "ok"
CONFLICT = "conflict"
INCOMPATIBLE = "incompatible"
MODULE_MISSING = "module missing"
BLOCKED = "blocked"


@dataclass(frozen=True)
class InstalledSource:
    """An installed source, and where it comes from."""

    name: str
    """Lower case, words joined by hyphens."""

    service_type: str
    """Service type, e.g. `database`; empty for a module outside of the namespace."""

    distribution: str
    """The pip distribution; empty for files that no distribution owns."""

    version: str
    """Version of the distribution; empty without one."""

    origin: str
    """`entry point`, `namespace`, `computed`, `explicit` or `built in`."""

    target: str
    """`module:Class`, or a module with exactly one source class."""

    status: str = OK
    """`ok`, `conflict`, `incompatible`, `module missing` or `blocked`."""

    detail: str = ""
    """The problem, when the status is not `ok`."""

    @property
    def module(self) -> str:
        """The module to import."""
        return self.target.partition(":")[0]

    @property
    def owner(self) -> str:
        """Distribution and version, as messages name them; empty without one."""
        return f"{self.distribution} {self.version}".strip()

    @property
    def qualified_name(self) -> str:
        """`distribution:name`, which stays unique when names collide."""
        return f"{self.distribution}:{self.name}" if self.distribution else self.name


def installed_sources(
    allow: AllowList | None = None, computed: Iterable[InstalledSource] = ()
) -> list[InstalledSource]:
    """Every source found by entry point or in the namespace, and `computed`; by name.

    The allow-list is that of the environment unless one is given.
    """
    allow = AllowList.from_environment() if allow is None else allow
    modules = list(namespace.modules())
    present = {module.module for module in modules}
    found = []
    for point, package in declared(SOURCE_GROUP):
        source = source_of(point.name, package, "entry point", point.value.split("[")[0].strip())
        found.append(_checked(source, package, present))
    claimed = {_place(source.module) for source in found}
    loose = [module for module in modules if module.module not in claimed]
    owner = owners(module.file for module in loose)
    for module in loose:
        package = owner.get(module.file, NO_PACKAGE)
        if normalize(package.name) != _FRAMEWORK:
            source = source_of(module.name, package, "namespace", module.module)
            found.append(_checked(source, package, present))
    marked = []
    for source in _mark_conflicts(_without_repetitions([*found, *computed])):
        refusal = allow.refusal(source.distribution, source.version)
        marked.append(replace(source, status=BLOCKED, detail=refusal) if refusal else source)
    return sorted(marked, key=lambda source: (source.name, source.distribution))


@functools.lru_cache(maxsize=1)
def host_version() -> str:
    """The running version of om-ingest."""
    # Not `importlib_metadata.version`, which imports a parser of e-mail: 10 ms.
    return package_of(importlib_metadata.distribution("om-ingest")).version


def source_of(name: str, package: Package, origin: str, target: str) -> InstalledSource:
    """A source of a distribution, not checked in any way."""
    module = target.partition(":")[0]
    prefix = namespace.ROOT + "."
    inside = module.startswith(prefix)
    return InstalledSource(
        name=normalize(name),
        service_type=module.removeprefix(prefix).partition(".")[0] if inside else "",
        distribution=package.name,
        version=package.version,
        origin=origin,
        target=target,
    )


def _checked(source: InstalledSource, package: Package, present: set[str]) -> InstalledSource:
    """The source with its status: whether it fits this om-ingest, and its module exists."""
    if problem := incompatibility(package):
        return replace(source, status=INCOMPATIBLE, detail=problem)
    # Most modules are known from one look at the folders; only others are searched for.
    if source.module not in present and namespace.find_spec(source.module) is None:
        detail = f"there is no module {source.module}"
        return replace(source, status=MODULE_MISSING, detail=detail)
    return source


def incompatibility(package: Package) -> str:
    """Which om-ingest a distribution needs, if it is not the running version; else empty."""
    wanted = unmet(package.requires)
    return f"it needs {wanted}, this is om-ingest {host_version()}" if wanted else ""


@functools.lru_cache(maxsize=1024)
def unmet(requirements: tuple[str, ...]) -> str:
    """The requirement on om-ingest that the running version does not meet, or ''."""
    for text in requirements:
        name = re.match(r"\s*[\w.-]*", text)
        if name is None or normalize(name[0].strip()) != "om-ingest":
            continue
        fits = _within_bounds(text, host_version())
        if not (_is_met(text) if fits is None else fits):
            return text
    return ""


def _is_met(text: str) -> bool:
    # Costs 15 ms, and few requirements need it.
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        needed = Requirement(text)
    except InvalidRequirement:
        return False
    applies = needed.marker is None or needed.marker.evaluate({"extra": ""})
    return not applies or needed.specifier.contains(host_version(), prereleases=True)


_BOUND = r"\s*(>=|<)\s*(\d+(?:\.\d+)*)\s*"
_BOUNDED = re.compile(
    rf"\s*om[-_.]+ingest\s*(?:\[[\w.,\s-]*\])?(?:{_BOUND}(?:,{_BOUND})?)?", re.IGNORECASE
)


def _within_bounds(requirement: str, version: str) -> bool | None:
    """Whether a final release is within `>=` and `<` bounds; None for any other requirement.

    Nearly every connector asks for om-ingest in this form (PEP 440).
    """
    match = _BOUNDED.fullmatch(requirement)
    if match is None or not re.fullmatch(r"\d+(\.\d+)*", version):
        return None
    release = _release(version)
    bounds = [(match[1], match[2]), (match[3], match[4])]
    return all(
        release >= _release(bound) if operator == ">=" else release < _release(bound)
        for operator, bound in bounds
        if operator
    )


def _release(text: str) -> tuple[int, ...]:
    """The numbers of a final release; 1, 1.0 and 1.0.0 are the same."""
    return tuple(map(int, re.sub(r"(\.0+)+$", "", text).split(".")))


def _without_repetitions(sources: list[InstalledSource]) -> list[InstalledSource]:
    """Remove sources found twice, and modules that an entry point already represents.

    A module named like an entry point of its own distribution belongs to that source.
    """
    named = {(s.distribution, s.name) for s in sources if s.origin == "entry point"}
    objects = {(s.name, s.target) for s in sources if s.origin != "computed"}
    return [
        source
        for source in dict.fromkeys(sources)
        if not (
            (source.origin == "computed" and (source.name, source.target) in objects)
            or (source.origin == "namespace" and (source.distribution, source.name) in named)
        )
    ]


def _place(module: str) -> str:
    """The connector's top module or package in the namespace that contains a module."""
    return ".".join(module.split(".")[: namespace.DEPTH])


def _mark_conflicts(sources: list[InstalledSource]) -> Iterator[InstalledSource]:
    by_name: dict[str, list[InstalledSource]] = defaultdict(list)
    for source in sources:
        by_name[source.name].append(source)
    for claimants in by_name.values():
        for source in claimants:
            others = [other for other in claimants if other != source]
            if others and source.status == OK:
                names = ", ".join(other.distribution or other.target for other in others)
                source = replace(source, status=CONFLICT, detail=f"also claimed by {names}")
            yield source
