"""What a name of an upstream module stands for: an object of this plugin, or an imitation."""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from typing import Any

from om_ingest_compat.imitations import IMITATIONS
from om_ingest_compat.modules.table import MODULES
from om_ingest_compat.modules.table.topology import INSTEAD

_GENERATED = "metadata.generated.schema."
_CONNECTORS = "metadata.ingestion.source."

PERMISSIVE = "a model that takes any field"
EXCEPTION = "an exception that nothing raises"
UNUSABLE = "it can be imported, but not used"


def is_generated(module: str) -> bool:
    """Whether a module lies below the models that upstream generates from its JSON schemas."""
    return module.startswith(_GENERATED)


def is_of_connector(module: str) -> bool:
    """Whether a module has the place of a connector: below a family of services, or deeper."""
    return module.startswith(_CONNECTORS) and module.count(".") > _CONNECTORS.count(".")


def resolved(module: str, name: str, target: str) -> Any:
    """The object that an entry of the table names."""
    home, _, attribute = target.partition(":")
    if home == "model":
        return _models().model(attribute)
    found = importlib.import_module(home)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


def imitated(module: str, name: str) -> Any:
    """Something in the place of a name that this plugin does not have; it is noted."""
    kind = kind_of(module, name)
    IMITATIONS.note(module, name, kind + hint(module, name))
    if kind == PERMISSIVE:
        return _models().permissive(module, name)
    if kind == EXCEPTION:
        return type(name, (Exception,), {"__module__": module})
    from om_ingest_compat.modules.standin import StandIn  # few connectors need one

    return StandIn(module, name, _remedy(module, name))


def _remedy(module: str, name: str) -> str:
    near = nearest(module, name)
    return (
        (f"Did you mean {near}? Otherwise install " if near else "Install ")
        + "openmetadata-ingestion beside om-ingest, or "
        + INSTEAD.get(f"{module}.{name}", "remove its use.")
    )


def kind_of(module: str, name: str) -> str:
    """What stands in for a name that the table does not have."""
    if is_generated(module):
        return PERMISSIVE
    return EXCEPTION if name.endswith(("Error", "Exception")) else UNUSABLE


def hint(module: str, name: str) -> str:
    """The end of a message: which name of the table may be meant; empty if none is near."""
    near = nearest(module, name)
    return f"; did you mean {near}?" if near else ""


def nearest(module: str, name: str) -> str:
    """The name of the table that may be meant; empty if none is near."""
    known = MODULES.get(module, ())
    if near := get_close_matches(name, known, n=1, cutoff=0.8):
        return near[0]
    homes = [home for home, names in MODULES.items() if name in names]
    if homes:
        return f"{get_close_matches(module, homes, n=1, cutoff=0)[0]}.{name}"
    ends = [one for one in known if len(one) > 4 and name.endswith(one)]
    return max(ends, key=len, default="")  # Source, that most connectors import as WorkflowSource


def absence(module: str) -> str:
    """Why there is no such module, with the nearest one."""
    if is_of_connector(module):
        return "om-ingest-compat has none of the framework's own connectors"
    near = _near(module)
    return "om-ingest-compat has no such module" + (f"; did you mean {near}?" if near else "")


def _near(module: str) -> str:
    """The module whose last name is nearest, in the same package first; empty if none is near.

    What precedes the last name is the same for many modules, and says little.
    """
    package, _, last = module.rpartition(".")
    lasts: dict[str, list[str]] = {}
    for each in MODULES:
        lasts.setdefault(each.rpartition(".")[2], []).append(each)
    if last in lasts:
        return next(iter(get_close_matches(module, lasts[last], n=1, cutoff=0.6)), "")
    beside = [each.rpartition(".")[2] for each in MODULES if each.rpartition(".")[0] == package]
    near = get_close_matches(last, beside, n=1, cutoff=0.85)
    return f"{package}.{near[0]}" if near else ""


def _models() -> Any:
    return importlib.import_module("om_ingest_compat.models")  # pydantic takes its time
