"""Texts in requests: `metadata.ingestion.ometa.utils`."""

from __future__ import annotations

import re
import string
from typing import Any
from urllib.parse import quote as percent_encoded

from om_ingest_compat.shims.entities import kind_named, text_of


def model_str(arg: Any) -> str:
    """The text of a name, FQN or id, whatever it is wrapped in."""
    return text_of(arg)


def format_name(name: str) -> str:
    """A name with `_` in place of every space and mark."""
    return re.sub(f"[{re.escape(string.punctuation)} ]", "_", name)


def quote(fqn: Any) -> str:
    """An FQN for a URL: `%22a.b%2Fc%22`."""
    return percent_encoded(text_of(fqn), safe="")


def get_entity_type(entity: Any) -> str:
    """The entity type of a class: `databaseSchema`; a text is one already."""
    if isinstance(entity, str):
        return entity
    kind, name = kind_named(entity), str(entity.__name__)
    return kind.entity_type if kind else name[:1].lower() + name[1:]
