"""The installed sources, including those that hook plugins compute."""

from __future__ import annotations

from om_ingest import registry
from om_ingest.host.hooks import Hooks
from om_ingest.registry import AllowList, InstalledSource


def sources(allow: AllowList | None = None, hooks: Hooks | None = None) -> list[InstalledSource]:
    """Every source, by name; imports hook plugins, and no connector."""
    allow = AllowList.from_environment() if allow is None else allow
    hooks = Hooks(allow) if hooks is None else hooks
    return registry.installed_sources(allow, hooks.computed_sources())


def find(name: str, allow: AllowList | None = None, hooks: Hooks | None = None) -> InstalledSource:
    """The one source that a user means; raises as `registry.find_source` does."""
    allow = AllowList.from_environment() if allow is None else allow
    return registry.find_source(name, sources(allow, hooks), allow)
