"""The `source` block of a workflow in the form that `create` gets: that of upstream's file."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from om_ingest.kinds import SERVICE_KINDS
from om_ingest.registry import InstalledSource

_SETTINGS_OF = {"mlmodel": "MlModelMetadata", "api": "ApiMetadata"}
"""`sourceConfig.config.type` of families that are not spelled as their namespace segment."""

_CUSTOM_OF = {"mlmodel": "CustomMlModel"}


def long_form(block: Mapping[str, Any], ref: InstalledSource, python_class: str) -> dict[str, Any]:
    """The block as upstream dumps it: type, serviceName, serviceConnection, sourceConfig.

    What the short form has in `config` becomes options of a custom connection, beside those of
    the long form, which it wins over.
    """
    family = ref.service_type if ref.service_type in SERVICE_KINDS else _family_of(block)
    given = copy.deepcopy(dict(block))
    config = given.pop("config", None) or {}
    connection = (given.pop("serviceConnection", None) or {}).get("config") or {}
    if not connection.get("type"):
        connection = {"type": _CUSTOM_OF.get(family, f"Custom{family.title()}"), **connection}
    if str(connection["type"]).lower().startswith("custom"):
        connection.setdefault("sourcePythonClass", python_class)
        connection["connectionOptions"] = {**(connection.get("connectionOptions") or {}), **config}
    else:
        connection.update(config)
    settings = (given.pop("sourceConfig", None) or {}).get("config") or {}
    if not settings.get("type"):
        settings = {"type": _SETTINGS_OF.get(family, f"{family.title()}Metadata"), **settings}
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
