"""Fully qualified names: build, join, split and quote (OpenMetadata REST contract §8).

`build` takes keywords, as OpenMetadata's own client does; everything else is text only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from om_ingest.kinds.table import KINDS
from om_ingest.model.fqn import (
    FqnError as FqnError,
    child as child,
    join as join,
    normalised as normalised,
    parent as parent,
    quote as quote,
    spelled as spelled,
    split as split,
    unquote as unquote,
)
from om_ingest.model.naming import encode_reserved

_KEYWORDS = {name: kind.fqn_keywords for name, kind in KINDS.items() if kind.fqn_keywords}
_KEYWORDS["column"] = {**_KEYWORDS["table"], "column_name": True}
_REWRITTEN = {"column_name", *(kind.fqn_keyword for kind in KINDS.values() if kind.rewrites_names)}


def build(
    metadata: object = None, entity_type: Any = None, **names: str | Sequence[str] | None
) -> str:
    """The FQN of an entity from keyword parts, as OpenMetadata's own client spells them.

    `metadata` is accepted and not used: nothing is looked up. `entity_type` is an entity
    class such as `Table`, or `Column`. Keywords are those of contract §8.4: `service_name`,
    `database_name`, `schema_name`, `table_name`, `column_name`, `topic_name` …; the FQN of
    a `parent_container` and the list of names in a `directory_path` are optional.
    Reserved sequences in names of tables, columns and data models are rewritten as on the
    way to a server (contract §8.2).

    Raises `FqnError` for a missing part, and for one that the entity does not have.
    """
    name = getattr(entity_type, "entity_type", None)
    keywords = _KEYWORDS.get(name) if isinstance(name, str) else None
    if keywords is None:
        known = ", ".join(name for name in _KEYWORDS if not name.endswith("Service"))
        raise FqnError(
            f"Cannot build a fully qualified name for {entity_type!r}",
            f"Pass an entity class of om_ingest.model: a service, or {known}.",
        )
    names.pop("skip_es_search", None)  # asks the official client not to search; we never do
    missing = [key for key, required in keywords.items() if required and not names.get(key)]
    unknown = sorted(names.keys() - keywords.keys())
    if missing or unknown:
        raise FqnError(
            f"A {name} needs {', '.join(keywords)}"
            + (f"; missing or empty: {', '.join(missing)}" if missing else "")
            + (f"; not known: {', '.join(unknown)}" if unknown else ""),
            "Pass each part as a keyword argument.",
        )
    kind = KINDS.get(str(name))
    parts: list[str] = []
    for key in keywords:
        value = names.get(key) or ()
        if kind is not None and kind.infix and key == kind.fqn_keyword:
            parts.append(kind.infix)
        if key == "parent_container":  # an FQN, which begins with that of the service
            parts = split(str(value)) if value else parts
        elif isinstance(value, str):
            parts.append(encode_reserved(value) if key in _REWRITTEN else value)
        else:
            parts.extend(value)
    return join(*parts)
