"""Installed plugins, found by distribution metadata and file names.

No plugin is imported here: a broken plugin cannot break the list, and listing stays fast.
"""

from om_ingest.distributions import host_version as host_version, normalize as normalize
from om_ingest.registry.allow import AllowList as AllowList
from om_ingest.registry.frameworks import (
    COMPANION as COMPANION,
    FRAMEWORK as FRAMEWORK,
    FRAMEWORK_GROUP as FRAMEWORK_GROUP,
    declared_frameworks as declared_frameworks,
    imported_of_framework as imported_of_framework,
    is_of_framework as is_of_framework,
    is_stood_in_for as is_stood_in_for,
)
from om_ingest.registry.in_folders import sources_in as sources_in
from om_ingest.registry.lookup import (
    class_path as class_path,
    find_plugin as find_plugin,
    find_source as find_source,
    listed_name as listed_name,
    of_service_type as of_service_type,
)
from om_ingest.registry.module_text import (
    holds_source as holds_source,
    problem_of as problem_of,
)
from om_ingest.registry.plugins import (
    COMMAND_GROUP as COMMAND_GROUP,
    GROUPS as GROUPS,
    HOOK_GROUP as HOOK_GROUP,
    KINDS as KINDS,
    OBSERVER_GROUP as OBSERVER_GROUP,
    PROCESSOR_GROUP as PROCESSOR_GROUP,
    SINK_GROUP as SINK_GROUP,
    InstalledPlugin as InstalledPlugin,
    declared_plugins as declared_plugins,
    extra_of as extra_of,
    installed_plugins as installed_plugins,
    is_declared as is_declared,
)
from om_ingest.registry.requirements import (
    incompatibility as incompatibility,
    needed_by_host as needed_by_host,
    unmet as unmet,
)
from om_ingest.registry.sources import (
    BLOCKED as BLOCKED,
    CONFLICT as CONFLICT,
    INCOMPATIBLE as INCOMPATIBLE,
    MISSING as MISSING,
    MODULE_MISSING as MODULE_MISSING,
    NEVER_IMPORTED as NEVER_IMPORTED,
    NOT_CHECKED as NOT_CHECKED,
    OK as OK,
    SOURCE_GROUP as SOURCE_GROUP,
    InstalledSource as InstalledSource,
    installed_sources as installed_sources,
)
