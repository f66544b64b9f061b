"""The `source` block of a workflow in the form that `create` gets: that of upstream's file."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Mapping
from typing import Any

from om_ingest.kinds import SERVICE_KINDS
from om_ingest.registry import InstalledSource

from om_ingest_compat.connectors.service import service_type

_SETTINGS_OF = {"mlmodel": "MlModelMetadata"}
"""`sourceConfig.config.type` of families that are not spelled as their namespace segment."""


def long_form(block: Mapping[str, Any], ref: InstalledSource, cls: type[Any]) -> dict[str, Any]:
    """The block as upstream dumps it: type, serviceName, serviceConnection, sourceConfig.

    What the short form has in `config` becomes options of a custom connection, or settings of one
    of upstream's own types. It wins over what the long form has.
    """
    family = ref.service_type
    if family not in SERVICE_KINDS:
        family = _family_of(block) or family_of_class(cls) or "database"
    given = copy.deepcopy(dict(block))
    config = given.pop("config", None) or {}
    connection = (given.pop("serviceConnection", None) or {}).get("config") or {}
    if not connection.get("type"):
        connection = {**connection, "type": service_type(SERVICE_KINDS[family], block)}
    if str(connection["type"]).lower().startswith("custom"):
        python_class = f"{cls.__module__}.{cls.__qualname__}"
        connection.setdefault("sourcePythonClass", python_class)
        connection["connectionOptions"] = {**(connection.get("connectionOptions") or {}), **config}
    else:
        connection.update(config)
    settings = (given.pop("sourceConfig", None) or {}).get("config") or {}
    if not settings.get("type"):
        settings = {**settings, "type": _SETTINGS_OF.get(family, f"{family.title()}Metadata")}
    return {
        "type": given.get("type") or ref.name,
        "serviceName": given.get("serviceName"),
        "serviceConnection": {"config": connection},
        "sourceConfig": {"config": settings},
    }


def _family_of(block: Mapping[str, Any]) -> str:
    """The family that a block tells by one of its types; empty if none does."""
    connection = (block.get("serviceConnection") or {}).get("config") or {}
    settings = (block.get("sourceConfig") or {}).get("config") or {}
    for given in (connection.get("type"), block.get("type"), settings.get("type")):
        plain = str(given or "").lower().removeprefix("custom").removesuffix("metadata")
        if plain in SERVICE_KINDS:
            return plain
    return ""


_TELLING = (
    re.compile(r"(\w+)ServiceSource"),
    re.compile(r"Custom(\w+)Connection"),
    re.compile(r"(\w+)Service"),
)
"""Names of classes that tell a family, the surest first."""


def family_of_class(cls: type[Any]) -> str:
    """The family that a connector is of, by its namespace, its bases and the classes it names.

    Empty if these tell none, or several.
    """
    parts = cls.__module__.split(".")
    if parts[:3] == ["metadata", "ingestion", "source"] and parts[3:4]:
        return parts[3] if parts[3] in SERVICE_KINDS else ""
    bases = [base.__name__ for base in cls.__mro__]
    named = [name for name, value in vars(sys.modules[cls.__module__]).items() if _is_class(value)]
    for pattern, given in zip(_TELLING, (bases, named, named), strict=True):
        matches = filter(None, map(pattern.fullmatch, given))
        found = {match[1].lower() for match in matches} & SERVICE_KINDS.keys()
        if len(found) == 1:
            return found.pop()
    return ""


def _is_class(value: object) -> bool:
    return isinstance(value, type)
