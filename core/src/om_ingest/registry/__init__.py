"""Installed plugins, found by distribution metadata and file names.

No plugin is imported here: a broken plugin cannot break the list, and listing stays fast.
"""

from om_ingest.distributions import normalize
from om_ingest.registry.allow import AllowList
from om_ingest.registry.lookup import find_source
from om_ingest.registry.plugins import (
    COMMAND_GROUP,
    GROUPS,
    HOOK_GROUP,
    PROCESSOR_GROUP,
    SINK_GROUP,
    InstalledPlugin,
    declared_plugins,
    extra_of,
    find_plugin,
    installed_plugins,
    is_declared,
)
from om_ingest.registry.sources import (
    BLOCKED,
    CONFLICT,
    INCOMPATIBLE,
    MODULE_MISSING,
    OK,
    SOURCE_GROUP,
    InstalledSource,
    host_version,
    installed_sources,
    unmet,
)

__all__ = [
    "BLOCKED",
    "COMMAND_GROUP",
    "CONFLICT",
    "GROUPS",
    "HOOK_GROUP",
    "INCOMPATIBLE",
    "MODULE_MISSING",
    "OK",
    "PROCESSOR_GROUP",
    "SINK_GROUP",
    "SOURCE_GROUP",
    "AllowList",
    "InstalledPlugin",
    "InstalledSource",
    "declared_plugins",
    "extra_of",
    "find_plugin",
    "find_source",
    "host_version",
    "installed_plugins",
    "installed_sources",
    "is_declared",
    "normalize",
    "unmet",
]
