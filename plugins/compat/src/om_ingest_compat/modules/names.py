"""What a name of an upstream module stands for: an object of this plugin, or an imitation."""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from typing import Any

from om_ingest_compat.imitations import IMITATIONS
from om_ingest_compat.modules.table import MODULES

GENERATED = "metadata.generated.schema"
"""The package of the models that upstream generates from its JSON schemas."""

_MODELS = "om_ingest_compat.models"  # pydantic takes its time: only for a connector that needs it


def is_generated(module: str) -> bool:
    """Whether a module lies below the generated models."""
    return module.startswith(f"{GENERATED}.")


def resolved(module: str, name: str, target: str) -> Any:
    """The object that an entry of the table names."""
    home, _, attribute = target.partition(":")
    if home == "model":
        return importlib.import_module(_MODELS).model(attribute)
    found = importlib.import_module(home)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


def imitated(module: str, name: str) -> Any:
    """Something in the place of a name that this plugin does not have; it is noted."""
    what = kind_of(module, name)
    IMITATIONS.note(module, name, what + hint(module, name))
    if what is PERMISSIVE and name[0].isupper():
        return importlib.import_module(_MODELS).permissive(module, name)
    from om_ingest_compat.modules.standin import stand_in  # few connectors need one

    return stand_in(module, name)


PERMISSIVE = "a model that takes any field"
UNUSABLE = "it can be imported and not used"
EXCEPTION = "an exception that nothing raises"


def kind_of(module: str, name: str) -> str:
    """What stands in for a name that the table does not have."""
    if is_generated(module):
        return PERMISSIVE
    return EXCEPTION if name.endswith(("Error", "Exception")) else UNUSABLE


def hint(module: str, name: str) -> str:
    """The name of the table that may be meant; empty if none is near."""
    if near := get_close_matches(name, MODULES.get(module, ()), n=1, cutoff=0.8):
        return f"; did you mean {near[0]}?"
    homes = [home for home, names in MODULES.items() if name in names]
    if homes:
        near = get_close_matches(module, homes, n=1, cutoff=0) or homes
        return f"; did you mean {near[0]}.{name}?"
    return ""
