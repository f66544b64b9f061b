"""Finds the one source or plugin that a user names."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from om_ingest import namespace
from om_ingest.distributions import NO_PACKAGE, Package, declared, normalize, owners
from om_ingest.errors import PluginConflictError, PluginError, UnknownSourceError, WorkflowError
from om_ingest.registry.allow import AllowList
from om_ingest.registry.frameworks import FRAMEWORK
from om_ingest.registry.plugins import KINDS, extra_of
from om_ingest.registry.requirements import incompatibility
from om_ingest.registry.sources import (
    BLOCKED,
    NEVER_IMPORTED,
    InstalledSource,
    checked,
    installed_sources,
    permitted,
    source_of,
)

if TYPE_CHECKING:
    from importlib_metadata import EntryPoint

_ALLOW = "Add its distribution to the allow-list, if you trust it."
_ANOTHER_VERSION = "Install a compatible version, or tell its maintainer."


CUSTOM_TYPES = tuple(
    f"custom{family}"
    for family in (
        *("Api", "Dashboard", "Database", "Drive", "Messaging", "MlModel", "Pipeline"),
        *("Search", "Storage"),
    )
)
"""Types of a workflow file whose `sourcePythonClass` names the source (REST contract §12.3)."""


def class_path(name: str, *, is_class: bool = False) -> str:
    """`module:Class` for a class path in OpenMetadata's spelling, `module.Class`; others stay.

    Without `is_class` it may be another name, and is a class path if its last word is capital.
    """
    module, dot, last = name.rpartition(".")
    is_path = all(part.isidentifier() for part in name.split("."))
    if is_path and (is_class or (dot and last[0].isupper())):
        return f"{module}:{last}"
    return name


def find_source(
    name: str,
    sources: Iterable[InstalledSource] | None = None,
    allow: AllowList | None = None,
) -> InstalledSource:
    """The source that a user means by `name`, `distribution:name` or `module:Class`.

    Looks among `sources`, by default all that are installed. A module in the namespace that is
    not listed, as it does not look like a source, is found by its name, too.

    Raises `UnknownSourceError`; `PluginError` with the distribution to install, if it is a
    source of this project; `PluginConflictError` for a bare name with two claimants; and
    `PluginError` for a source whose status forbids running it.
    """
    if "/" in name or "\\" in name or name.endswith(".py"):
        module = re.sub(r"[/\\]+", ".", name.removesuffix(".py")).strip(".")
        raise UnknownSourceError(
            f"{name!r} is a path of files, and no class path",
            f"Write {module}.CLASS, with the name of the class in that file.",
        )
    allow = AllowList.from_environment() if allow is None else allow
    known = list(installed_sources(allow) if sources is None else sources)
    name = class_path(name)
    distribution, colon, bare = name.rpartition(":")
    if colon and not distribution:
        raise UnknownSourceError(
            f"The class {bare!r} is named without its module",
            f"Write my_package.my_module.{bare}, with the names that the connector has.",
        )
    claimants = [
        source
        for source in known
        if source.name == normalize(bare)
        and (not distribution or normalize(source.distribution) == normalize(distribution))
    ]
    if not claimants and distribution:
        return _explicit(name, known, allow)
    claimants = claimants or _unlisted(name, allow)
    if not claimants and (extra := extra_of("source", name)):
        raise _not_installed("source", name, extra)
    if not claimants and (stem := _without_workflow(name, known)):
        raise UnknownSourceError(
            f"{name!r} names a workflow of OpenMetadata for queries or profiles of the source"
            f" {stem!r}, and here each source has one workflow",
            f"Write {stem}: with the processor sql-lineage it has lineage, and usage if the source"
            " yields queries. For other things run that workflow with openmetadata-ingestion.",
        )
    if not claimants:
        raise UnknownSourceError(
            _unknown("source", name, [*(source.name for source in known), *CUSTOM_TYPES]),
            "See `om-ingest list-sources` for what is installed, and `om-ingest doctor` for code "
            "that is not found.",
        )
    if len(claimants) > 1:
        names = [_unique_name(claimant, known) for claimant in claimants]
        remedy = f"Say which: {' or '.join(names)}"
        if all(claimant.origin == "folder" for claimant in claimants):
            what = f"{len(claimants)} classes in the folder are called {name!r}"
            raise PluginConflictError(what, remedy)
        rivals = [claimant.owner or claimant.module for claimant in claimants]
        raise _contested("source", name, rivals, remedy)
    source = claimants[0]
    if source.status == BLOCKED:
        raise _blocked(source)
    if source.status in NEVER_IMPORTED:
        what = f"The source {source.name!r} of {source.owner} cannot run: {source.detail}"
        raise PluginError(what, _ANOTHER_VERSION)
    return source


def of_service_type(name: str, sources: Iterable[InstalledSource]) -> list[InstalledSource]:
    """The sources of one family, e.g. `database`; raises `WorkflowError` for an unknown one."""
    sources, wanted = list(sources), name.lower()
    known = sorted({*namespace.SERVICE_TYPES, *(each.service_type for each in sources)} - {""})
    if wanted not in known:
        raise WorkflowError(_unknown("service type", name, known), f"Known: {', '.join(known)}.")
    return [source for source in sources if source.service_type == wanted]


def find_plugin(
    group: str, name: str, allow: AllowList | None = None
) -> tuple[EntryPoint, Package]:
    """The entry point with this name, and its distribution; `_` and `-` are the same.

    Raises `WorkflowError` with the known names; `PluginError` with the distribution to
    install, if it is a plugin of this project; `PluginConflictError` if two distributions claim
    the name; and `PluginError` if it may not be loaded.
    """
    kind = KINDS[group]
    allow = AllowList.from_environment() if allow is None else allow
    points = list(declared(group))
    found = [item for item in points if normalize(item[0].name) == normalize(name)]
    if not found and (extra := extra_of(kind, name)):
        raise _not_installed(kind, name, extra)
    if not found:
        known = sorted({point.name for point, _ in points})
        raise WorkflowError(
            _unknown(kind, name, known), f"Installed: {', '.join(known) or 'none'}."
        )
    if len(found) > 1:
        rivals = [str(package) for _, package in found]
        raise _contested(kind, name, rivals, "Uninstall one of them.")
    point, package = found[0]
    what = f"The {kind} {name!r} of {package}"
    if refusal := allow.refusal(package.name, package.version):
        raise PluginError(f"{what} may not be loaded: {refusal}", _ALLOW)
    if problem := incompatibility(package):
        raise PluginError(f"{what} cannot be used: {problem}", _ANOTHER_VERSION)
    return point, package


def _not_installed(kind: str, name: str, extra: str) -> PluginError:
    folder = extra.removeprefix("om-ingest").strip("-[]")
    return PluginError(
        f"The {kind} {name!r} is not installed",
        f'Install it: pip install "{extra}"; from a checkout of om-ingest, plugins/{folder}.',
    )


def _without_workflow(name: str, known: Iterable[InstalledSource]) -> str:
    """The source in `mysql-usage` or `mysql-lineage`, if it is known (REST contract §12.3)."""
    stem, _, workflow = normalize(name).rpartition("-")
    is_one = workflow in ("lineage", "usage", "profiler")
    return stem if is_one and any(source.name == stem for source in known) else ""


def _explicit(name: str, known: Iterable[InstalledSource], allow: AllowList) -> InstalledSource:
    """The source `module:Class`, which needs no entry point."""
    module, _, attribute = name.partition(":")
    if not attribute.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        raise UnknownSourceError(
            f"There is no source named {name!r}",
            "Write a name from `om-ingest list-sources`, distribution:name, or module:Class.",
        )
    same = next((source for source in known if source.module == module), None)
    package = Package(same.distribution, same.version, ()) if same else NO_PACKAGE
    if file := _file(module):
        package = owners([file]).get(file, package)
    own_name = same.name if same and same.target == name else attribute
    source = source_of(own_name, package, "explicit", name)
    if refusal := allow.refusal(source.distribution, source.version):
        raise _blocked(replace(source, detail=refusal))
    return source


def _unlisted(name: str, allow: AllowList) -> list[InstalledSource]:
    """The module of this name in the namespace, whatever it holds: importing it will tell."""
    for module in namespace.modules():
        if normalize(module.name) == normalize(name):
            package = owners([module.file]).get(module.file, NO_PACKAGE)
            if normalize(package.name) != FRAMEWORK:
                source = source_of(name, package, "namespace", module.module)
                return [permitted(checked(source, package, {module.module}), allow)]
    return []


def _file(module: str) -> str:
    """File or folder of a module, without ending; empty if there is none."""
    spec = namespace.find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    return spec.origin.removesuffix(".py").removesuffix(f"{os.sep}__init__")


def listed_name(source: InstalledSource, known: Iterable[InstalledSource]) -> str:
    """The name of a source; its class if it lies in a folder, and others have the name, too."""
    is_shared = sum(other.name == source.name for other in known) > 1
    return source.target if source.origin == "folder" and is_shared else source.name


def _unique_name(source: InstalledSource, known: Iterable[InstalledSource]) -> str:
    """A unique name of one of several claimants: `distribution:name`, or else its class."""
    same = [other for other in known if other.qualified_name == source.qualified_name]
    if source.distribution and len(same) == 1:
        return source.qualified_name
    return source.target if ":" in source.target else f"{source.target}:CLASS"


def _blocked(source: InstalledSource) -> PluginError:
    what = f"The source {source.name!r} of {source.owner or source.target} may not be loaded"
    unowned = "No distribution owns its code, so no list can name it: install it with pip."
    return PluginError(f"{what}: {source.detail}", _ALLOW if source.distribution else unowned)


def _contested(kind: str, name: str, rivals: Iterable[str], remedy: str) -> PluginConflictError:
    what = f"Two distributions claim the {kind} {name!r}: {' and '.join(rivals)}"
    return PluginConflictError(what, remedy)


def _unknown(kind: str, name: str, known: Sequence[str]) -> str:
    """The message about an unknown name; suggests the most similar known one."""
    spelled = {normalize(each): each for each in known}
    near = difflib.get_close_matches(normalize(name), spelled, n=1)
    hint = f"; did you mean {spelled[near[0]]!r}?" if near else ""
    return f"There is no {kind} named {name!r}{hint}"
