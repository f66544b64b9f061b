"""Finds the one source that a user names."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from dataclasses import replace

from om_ingest import namespace
from om_ingest.distributions import normalize, owners
from om_ingest.errors import PluginConflictError, PluginError, UnknownSourceError
from om_ingest.registry.allow import AllowList
from om_ingest.registry.sources import (
    BLOCKED,
    INCOMPATIBLE,
    MODULE_MISSING,
    InstalledSource,
    installed_sources,
    service_type_of,
)


def find_source(
    name: str,
    sources: Iterable[InstalledSource] | None = None,
    allow: AllowList | None = None,
) -> InstalledSource:
    """The source that a user means by `name`, `distribution:name` or `module:Class`.

    Looks among `sources`, by default all that are installed.

    Raises `UnknownSourceError`, `PluginConflictError` for a bare name with two claimants,
    and `PluginError` for a source whose status forbids running it.
    """
    allow = AllowList.from_environment() if allow is None else allow
    known = list(installed_sources(allow) if sources is None else sources)
    distribution, _, bare = name.rpartition(":")
    claimants = [
        source
        for source in known
        if source.name == normalize(bare)
        and (not distribution or normalize(source.distribution) == normalize(distribution))
    ]
    if not claimants and distribution:
        return _explicit(name, known, allow)
    if not claimants:
        raise _unknown(name, known)
    if len(claimants) > 1:
        names = " and ".join(
            f"{claimant.distribution} {claimant.version}".strip() or claimant.module
            for claimant in claimants
        )
        raise PluginConflictError(
            f"Two distributions claim the source {name!r}: {names}",
            "Say which: " + " or ".join(_unique_name(claimant, known) for claimant in claimants),
        )
    source = claimants[0]
    if source.status == BLOCKED:
        raise _blocked(source)
    if source.status in (INCOMPATIBLE, MODULE_MISSING):
        raise PluginError(
            f"The source {source.name!r} of {source.distribution} {source.version} cannot run: "
            f"{source.detail}",
            "Install a compatible version, or tell its maintainer.",
        )
    return source


def _explicit(name: str, known: Iterable[InstalledSource], allow: AllowList) -> InstalledSource:
    module, _, attribute = name.partition(":")
    if not attribute.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        raise UnknownSourceError(
            f"There is no source named {name!r}",
            "Write a name from `om-ingest list-sources`, distribution:name, or module:Class.",
        )
    file = _file(module)
    owner = owners([file]).get(file) if file else None
    same = next((source for source in known if source.module == module), None)
    source = InstalledSource(
        name=same.name if same and same.target == name else normalize(attribute),
        service_type=service_type_of(module),
        distribution=owner.name if owner else same.distribution if same else "",
        version=owner.version if owner else same.version if same else "",
        origin="explicit",
        target=name,
    )
    if refusal := allow.refusal(source.distribution, source.version):
        raise _blocked(replace(source, detail=refusal))
    return source


def _file(module: str) -> str:
    """File or folder of a module, without ending; empty if there is none."""
    spec = namespace.find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    return spec.origin.removesuffix(".py").removesuffix(f"{os.sep}__init__")


def _unique_name(source: InstalledSource, known: Iterable[InstalledSource]) -> str:
    """A unique name of one of several claimants: `distribution:name`, or else its class."""
    same = [other for other in known if other.qualified_name == source.qualified_name]
    if source.distribution and len(same) == 1:
        return source.qualified_name
    return source.target if ":" in source.target else f"{source.target}:CLASS"


def _blocked(source: InstalledSource) -> PluginError:
    owner = f"{source.distribution} {source.version}".strip() or source.target
    return PluginError(
        f"The source {source.name!r} of {owner} may not be loaded: {source.detail}",
        "Add its distribution to the allow-list, if you trust it."
        if source.distribution
        else "No distribution owns its code, so no list can name it: install it with pip.",
    )


def _unknown(name: str, known: list[InstalledSource]) -> UnknownSourceError:
    hint = did_you_mean(normalize(name), [source.name for source in known])
    return UnknownSourceError(
        f"There is no source named {name!r}{hint}",
        "See `om-ingest list-sources` for what is installed.",
    )


def did_you_mean(name: str, known: list[str]) -> str:
    """End of a message that suggests the most similar known name; empty if none is similar."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
