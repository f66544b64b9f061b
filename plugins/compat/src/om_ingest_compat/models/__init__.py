"""The generated models of OpenMetadata, spelled as each release spells them.

`values`, `parts` and `connections` make classes that differ in their names only from lists, and put
them among their own names, so that they can be pickled: editors and type checkers do not see them.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import om_ingest.model

from om_ingest_compat.models.earlier import with_earlier_members
from om_ingest_compat.models.open_models import permissive as permissive
from om_ingest_compat.models.spelling import (
    core_of as core_of,
    native as native,
    spelled as spelled,
    spelled_entity as spelled_entity,
)


def model(name: str) -> Any:
    """What stands for a class of `om_ingest.model`: an enum itself, a model spelled both ways."""
    found = getattr(om_ingest.model, name)
    if isinstance(found, type) and issubclass(found, Enum):
        return with_earlier_members(found)
    return spelled(found)
