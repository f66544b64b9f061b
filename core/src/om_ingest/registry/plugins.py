"""Installed sinks, processors, commands, observers, hooks and frameworks, found by entry point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from om_ingest import namespace
from om_ingest.distributions import Package, declared, normalize
from om_ingest.registry.allow import AllowList
from om_ingest.registry.frameworks import COMPANION, FRAMEWORK_GROUP
from om_ingest.registry.requirements import incompatibility, missing
from om_ingest.registry.sources import (
    BLOCKED,
    CONFLICT,
    INCOMPATIBLE,
    MISSING,
    MODULE_MISSING,
    OK,
    SOURCE_GROUP,
)

if TYPE_CHECKING:
    from importlib_metadata import EntryPoint

SINK_GROUP = "om_ingest.sink"
PROCESSOR_GROUP = "om_ingest.processor"
COMMAND_GROUP = "om_ingest.command"
OBSERVER_GROUP = "om_ingest.observer"
HOOK_GROUP = "om_ingest"

KINDS = {
    SINK_GROUP: "sink",
    PROCESSOR_GROUP: "processor",
    COMMAND_GROUP: "command",
    OBSERVER_GROUP: "observer",
    HOOK_GROUP: "hook",
    FRAMEWORK_GROUP: "framework",
}
"""Kind of plugin for each entry-point group."""

_EXTRAS = {
    ("command", "catalog"): "om-ingest[catalog]",
    ("command", "lineage"): "om-ingest-lineage",
    ("command", "new"): "om-ingest[new]",
    ("command", "serve"): "om-ingest-catalog-server",
    ("framework", "metadata"): COMPANION,
    ("observer", "openlineage"): "om-ingest[openlineage]",
    ("processor", "sql-lineage"): "om-ingest-lineage",
    ("sink", "catalog"): "om-ingest[catalog]",
    ("source", "duckdb"): "om-ingest-sql[duckdb]",
    ("source", "mariadb"): "om-ingest-sql[mysql]",
    ("source", "mysql"): "om-ingest-sql[mysql]",
    ("source", "postgres"): "om-ingest-sql[postgres]",
    ("source", "query-log"): "om-ingest-lineage",
    ("source", "sample-tables"): "om-ingest-sample-tables",
    ("source", "sqlalchemy"): "om-ingest-sql[sqlalchemy]",
    ("source", "sqlite"): "om-ingest-sqlite",
}
"""Plugins of this project in distributions of their own: kind and name -> requirement for pip."""

GROUPS = (SOURCE_GROUP, *KINDS)
"""Every group that the host reads."""


@dataclass(frozen=True)
class InstalledPlugin:
    """An installed sink, processor, command, observer, hook or framework."""

    kind: str
    """`sink`, `processor`, `command`, `observer`, `hook` or `framework`."""

    name: str
    distribution: str
    version: str
    target: str
    """`module:attribute`."""

    status: str = OK
    """`ok`, `missing`, `conflict`, `incompatible`, `module missing` or `blocked`."""

    detail: str = ""
    """The problem, as far as the status does not say it all."""


def installed_plugins(
    allow: AllowList | None = None, built_in_commands: Collection[str] = ()
) -> list[InstalledPlugin]:
    """Every plugin but the sources, by kind and name; nothing is imported.

    A command named like one of `built_in_commands` has the status `conflict`: it never runs.
    """
    allow = AllowList.from_environment() if allow is None else allow
    found = [
        (kind, point, package)
        for group, kind in KINDS.items()
        for point, package in declared(group)
    ]
    claims = Counter((kind, normalize(point.name)) for kind, point, _ in found if kind != "hook")
    claims.update((KINDS[COMMAND_GROUP], normalize(name)) for name in built_in_commands)
    return sorted(
        (
            InstalledPlugin(
                kind=kind,
                name=point.name,
                distribution=package.name,
                version=package.version,
                target=point.value,
                **_checked(point, package, allow, claims[kind, normalize(point.name)]),
            )
            for kind, point, package in found
        ),
        key=lambda plugin: (plugin.kind, plugin.name, plugin.distribution),
    )


def declared_plugins(
    group: str, allow: AllowList | None = None
) -> Iterator[tuple[EntryPoint, Package]]:
    """The entry points of one group that may be loaded."""
    allow = AllowList.from_environment() if allow is None else allow
    for point, package in declared(group):
        if allow.allows(package.name, package.version):
            yield point, package


def extra_of(kind: str, name: str) -> str | None:
    """The requirement for pip that installs a plugin of this project; None for any other."""
    return _EXTRAS.get((kind, normalize(name)))


def is_declared(group: str, name: str) -> bool:
    """Whether any installed distribution has a plugin of this name."""
    return any(normalize(point.name) == normalize(name) for point, _ in declared(group))


def _checked(point: EntryPoint, package: Package, allow: AllowList, claims: int) -> dict[str, str]:
    """Status and detail."""
    if refusal := allow.refusal(package.name, package.version):
        return {"status": BLOCKED, "detail": refusal}
    if claims > 1:
        return {"status": CONFLICT}
    if problem := incompatibility(package):
        return {"status": INCOMPATIBLE, "detail": problem}
    if namespace.find_spec(point.value.partition(":")[0].strip()) is None:
        return {"status": MODULE_MISSING}
    absent = missing(package.requires)
    return {"status": MISSING, "detail": absent} if absent else {"status": OK}
