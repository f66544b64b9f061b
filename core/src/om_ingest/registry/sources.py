"""Installed sources with their status; no connector is imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from om_ingest import namespace
from om_ingest.distributions import (
    NO_PACKAGE,
    Package,
    declared,
    normalize,
    owners,
)
from om_ingest.registry.allow import AllowList
from om_ingest.registry.frameworks import FRAMEWORK
from om_ingest.registry.module_text import holds_source
from om_ingest.registry.requirements import incompatibility, missing

SOURCE_GROUP = "metadata.ingestion.source"

OK = "ok"
"""Its metadata proves that it fits this om-ingest, and that all it asks for is installed."""

NOT_CHECKED = "not checked"
"""It has no metadata: nothing is known but that its text looks like a source."""

MISSING = "missing"
"""A declared dependency is not installed; the detail names it."""

CONFLICT = "conflict"
INCOMPATIBLE = "incompatible"
MODULE_MISSING = "module missing"
BLOCKED = "blocked"
NEVER_IMPORTED = (BLOCKED, INCOMPATIBLE, MODULE_MISSING)
"""Statuses of sources that no command imports."""


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
    """`entry point`, `namespace`, `folder`, `computed`, `explicit` or `built in`."""

    target: str
    """`module:Class`, or a module with exactly one source class."""

    status: str = OK
    """`ok`, `not checked`, `missing`, `conflict`, `incompatible`, `module missing` or `blocked`."""

    detail: str = ""
    """The problem, if there is one; with the status `missing` the dependencies that are."""

    def imported(self) -> InstalledSource:
        """The source once it has been imported: that proves more than metadata would."""
        return replace(self, status=OK) if self.status == NOT_CHECKED else self

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
        found.append(checked(source, package, present))
    claimed = {_place(source.module) for source in found}
    loose = [module for module in modules if module.module not in claimed]
    owner = owners(module.file for module in loose)
    for module in loose:
        package = owner.get(module.file, NO_PACKAGE)
        if normalize(package.name) != FRAMEWORK and holds_source(module.module, module.location):
            source = source_of(module.name, package, "namespace", module.module)
            found.append(checked(source, package, present))
    marked = _mark_conflicts(_without_repetitions([*found, *computed]))
    judged = (permitted(source, allow) for source in marked)
    return sorted(judged, key=lambda source: (source.name, source.distribution))


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


def permitted(source: InstalledSource, allow: AllowList) -> InstalledSource:
    """The source, with the status `blocked` if it may not be imported."""
    refusal = allow.refusal(source.distribution, source.version)
    return replace(source, status=BLOCKED, detail=refusal) if refusal else source


def checked(source: InstalledSource, package: Package, present: set[str]) -> InstalledSource:
    """The source with its status: what its metadata says, and whether its module exists.

    `present` holds modules that are known to exist.
    """
    if problem := incompatibility(package):
        return replace(source, status=INCOMPATIBLE, detail=problem)
    # Most modules are known from one look at the folders; only others are searched for.
    if source.module not in present and namespace.find_spec(source.module) is None:
        detail = f"there is no module {source.module}"
        return replace(source, status=MODULE_MISSING, detail=detail)
    if absent := missing(package.requires):
        return replace(source, status=MISSING, detail=absent)
    return source if package.name else replace(source, status=NOT_CHECKED)


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
            if others and source.status in (OK, NOT_CHECKED, MISSING):
                names = ", ".join(other.distribution or other.target for other in others)
                source = replace(source, status=CONFLICT, detail=f"also claimed by {names}")
            yield source
