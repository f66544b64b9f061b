"""The installed sources, including those that hook plugins compute."""

from __future__ import annotations

from om_ingest import registry
from om_ingest.host.hooks import Hooks
from om_ingest.registry import InstalledSource


def sources(hooks: Hooks | None = None) -> list[InstalledSource]:
    """Every source, by name; imports hook plugins, and no connector."""
    hooks = hooks or Hooks()
    return registry.installed_sources(hooks.allow, hooks.computed_sources())


def find(name: str, hooks: Hooks) -> InstalledSource:
    """The one source that a user means; raises as `registry.find_source` does."""
    return registry.find_source(name, sources(hooks), hooks.allow)
