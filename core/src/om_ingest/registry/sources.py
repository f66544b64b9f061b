"""Installed sources with their status; no connector is imported."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import importlib_metadata

from om_ingest import namespace
from om_ingest.distributions import Package, declared, normalize, owners, package_of
from om_ingest.namespace import NamespaceModule
from om_ingest.registry.allow import AllowList

if TYPE_CHECKING:
    from importlib_metadata import EntryPoint

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
    found = [
        _from_entry_point(point, package, present) for point, package in declared(SOURCE_GROUP)
    ]
    claimed = {_place(source.module) for source in found}
    loose = [module for module in modules if module.module not in claimed]
    owner = owners(module.file for module in loose)
    for module in loose:
        package = owner.get(module.file)
        if package is None or normalize(package.name) != _FRAMEWORK:
            found.append(_from_module(module, package))
    found.extend(computed)
    found = _without_repetitions(found)
    marked = (_mark_blocked(source, allow) for source in _mark_conflicts(found))
    return sorted(marked, key=lambda source: (source.name, source.distribution))


@functools.lru_cache(maxsize=1)
def host_version() -> str:
    """The running version of om-ingest."""
    # Not `importlib_metadata.version`, which imports a parser of e-mail: 10 ms.
    return package_of(importlib_metadata.distribution("om-ingest")).version


def _from_entry_point(point: EntryPoint, package: Package, present: set[str]) -> InstalledSource:
    target = point.value.split("[")[0].strip()
    module = target.partition(":")[0]
    source = InstalledSource(
        name=normalize(point.name),
        service_type=service_type_of(module),
        distribution=package.name,
        version=package.version,
        origin="entry point",
        target=target,
    )
    if wanted := unmet(package.requires):
        return _incompatible(source, wanted)
    # Most modules are known from one look at the folders; only others are searched for.
    if module not in present and namespace.find_spec(module) is None:
        return replace(source, status=MODULE_MISSING, detail=f"there is no module {module}")
    return source


def _from_module(module: NamespaceModule, package: Package | None) -> InstalledSource:
    source = InstalledSource(
        name=normalize(module.name),
        service_type=module.service_type,
        distribution=package.name if package else "",
        version=package.version if package else "",
        origin="namespace",
        target=module.module,
    )
    wanted = unmet(package.requires) if package else ""
    return _incompatible(source, wanted) if wanted else source


def _incompatible(source: InstalledSource, wanted: str) -> InstalledSource:
    detail = f"it needs {wanted}, this is om-ingest {host_version()}"
    return replace(source, status=INCOMPATIBLE, detail=detail)


@functools.lru_cache(maxsize=1024)
def unmet(requirements: tuple[str, ...]) -> str:
    """The requirement on om-ingest that the running version does not meet, or ''."""
    for text in requirements:
        name = re.match(r"\s*[\w.-]*", text)
        if name is None or normalize(name[0].strip()) != "om-ingest":
            continue
        fits = _within_bounds(text, host_version())
        if fits is not None:
            if not fits:
                return text
            continue
        # Costs 15 ms, and few requirements need it.
        from packaging.requirements import InvalidRequirement, Requirement

        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return text  # malformed: it cannot be met
        if (
            normalize(requirement.name) == "om-ingest"
            and (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
            and not requirement.specifier.contains(host_version(), prereleases=True)
        ):
            return text
    return ""


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


def _mark_blocked(source: InstalledSource, allow: AllowList) -> InstalledSource:
    refusal = allow.refusal(source.distribution, source.version)
    return replace(source, status=BLOCKED, detail=refusal) if refusal else source


def service_type_of(module: str) -> str:
    """Service type from a module's place in the namespace; empty outside of it."""
    prefix = namespace.ROOT + "."
    return module.removeprefix(prefix).partition(".")[0] if module.startswith(prefix) else ""
