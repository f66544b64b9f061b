"""Upstream module -> upstream name -> what stands in for it, by area.

Each area is a module with a dict `MODULES`. A value is `"module:attribute"` of this plugin, or
`"model:NAME"` for `om_ingest.model.NAME` in the spelling of OpenMetadata's generated models. No
names mean that a module may be imported, and nothing in it can be used.
"""

from __future__ import annotations

from collections.abc import Mapping

from om_ingest_compat.modules.table import api, client, generated, importable, topology

AREAS: Mapping[str, dict[str, dict[str, str]]] = {
    "api": api.MODULES,
    "client": client.MODULES,
    "topology": topology.MODULES,
    "generated": generated.MODULES,
    "importable": importable.MODULES,
}
"""The parts of the table, as docs/reference/compat.md has them."""

MODULES: dict[str, dict[str, str]] = {}
"""The whole table; a module may have names in several areas."""

PACKAGES: set[str] = set()
"""Every package that a module of the table lies in."""

for _area in AREAS.values():
    for _module, _names in _area.items():
        MODULES.setdefault(_module, {}).update(_names)

for _module in MODULES:
    while _module := _module.rpartition(".")[0]:
        PACKAGES.add(_module)
