"""Frameworks that connectors may be written for, and the plugins that stand in for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from om_ingest import namespace
from om_ingest.distributions import declared

FRAMEWORK_GROUP = "om_ingest.framework"

FRAMEWORK = "openmetadata-ingestion"
"""Its connectors lie in the namespace too, but need its framework: they are not listed."""

COMPANION = "om-ingest-compat"
"""The distribution of this project that stands in for it."""

_FRAMEWORK_FILES = re.compile(
    r"connections\w*|sqa_types|\w+\.(common_\w+|\w+_(service|source|mixin|handler|parser|helpers))"
)
"""Files of openmetadata-ingestion's source folder that are no connectors, in 1.5 to 2.0."""

_IMPORTED = re.compile(rb"(?m)^[ \t]*(?:from|import)[ \t]+(metadata(?:\.\w+)*)")


def declared_frameworks() -> frozenset[str]:
    """The top-level packages of foreign frameworks that plugins stand in for."""
    return frozenset(point.name for point, _ in declared(FRAMEWORK_GROUP))


def is_stood_in_for() -> bool:
    """Whether a plugin stands in for openmetadata-ingestion."""
    return namespace.ROOT.partition(".")[0] in declared_frameworks()


def is_of_framework(name: str) -> bool:
    """Whether a module is one of openmetadata-ingestion's own, and no connector.

    It has code all over `metadata`, and base classes of its connectors beside them.
    """
    if name.startswith(namespace.ROOT + "."):
        return bool(_FRAMEWORK_FILES.fullmatch(name.removeprefix(namespace.ROOT + ".")))
    return name == "metadata" or (name.startswith("metadata.") and not namespace.is_shared(name))


def imported_of_framework(text: bytes) -> Iterator[str]:
    """The modules of openmetadata-ingestion that the text of a module imports, as it says."""
    for found in re.finditer(_IMPORTED, text):
        name = found[1].decode()
        if is_of_framework(name):
            yield name
