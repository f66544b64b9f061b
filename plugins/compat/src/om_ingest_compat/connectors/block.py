"""The `source` block of a workflow in the form that `create` gets: that of upstream's file."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from om_ingest.kinds import SERVICE_KINDS
from om_ingest.registry import InstalledSource

from om_ingest_compat.connectors.service import service_type

_SETTINGS_OF = {"mlmodel": "MlModelMetadata"}
"""`sourceConfig.config.type` of families that are not spelled as their namespace segment."""


def long_form(block: Mapping[str, Any], ref: InstalledSource, python_class: str) -> dict[str, Any]:
    """The block as upstream dumps it: type, serviceName, serviceConnection, sourceConfig.

    What the short form has in `config` becomes options of a custom connection, or settings of one
    of upstream's own types. It wins over what the long form has.
    """
    family = ref.service_type if ref.service_type in SERVICE_KINDS else _family_of(block)
    given = copy.deepcopy(dict(block))
    config = given.pop("config", None) or {}
    connection = (given.pop("serviceConnection", None) or {}).get("config") or {}
    if not connection.get("type"):
        connection = {**connection, "type": service_type(SERVICE_KINDS[family], block)}
    if str(connection["type"]).lower().startswith("custom"):
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
    """The family of a connector that does not lie in the namespace; `database` if nothing tells."""
    connection = (block.get("serviceConnection") or {}).get("config") or {}
    settings = (block.get("sourceConfig") or {}).get("config") or {}
    for given in (connection.get("type"), block.get("type"), settings.get("type")):
        plain = str(given or "").lower().removeprefix("custom").removesuffix("metadata")
        if plain in SERVICE_KINDS:
            return plain
    return "database"
