"""Fully qualified names: build, split and quote (OpenMetadata REST contract §8).

An FQN is a path of names joined by dots. A name that holds a dot or a double quote is
wrapped in double quotes, and a double quote inside it is doubled. Every other name
stands bare.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.model.naming import encode_reserved

_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)', re.DOTALL)


class FqnError(RecordError, ValueError):
    """A string is no FQN, or the parts for one are missing or empty."""


def quote(name: str) -> str:
    """One name as it stands inside an FQN; raises `FqnError` for an empty name."""
    if not name:
        raise FqnError("A part of a fully qualified name is empty", "Give every part a name.")
    if "." in name or '"' in name:
        return '"' + name.replace('"', '""') + '"'
    return name


def unquote(part: str) -> str:
    """The name behind one part of an FQN, quoted or not."""
    if len(part) >= 2 and part[0] == part[-1] == '"':
        return part[1:-1].replace('""', '"')
    return part


def join(*names: str) -> str:
    """The FQN of plain names, outermost first; each is quoted where it must be."""
    return ".".join(map(quote, names))


def child(parent_fqn: str, name: str) -> str:
    """The FQN of `name` below an entity whose FQN is known."""
    return f"{parent_fqn}.{quote(name)}"


def split(fqn: str) -> list[str]:
    """The plain names of an FQN, outermost first: the reverse of `join`.

    Raises `FqnError` for empty parts and unbalanced quotes.
    """
    names: list[str] = []
    position = 0
    while True:
        match = _PART.match(fqn, position)
        if match is None or not (match[1] or match[2]):
            raise FqnError(
                f"Not a fully qualified name: {fqn!r}",
                "Join names with dots; put a name that holds a dot into double quotes.",
            )
        names.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        position = match.end()
        if position == len(fqn):
            return names
        if fqn[position] != ".":
            raise FqnError(
                f"Not a fully qualified name: {fqn!r}",
                "Put a name that holds a quote into double quotes and double the quote.",
            )
        position += 1


def normalised(text: str) -> str | None:
    """The FQN in its one spelling, without quotes that are not needed; None when it is none."""
    try:
        text.encode()  # half of a surrogate pair is no text, and no database takes it
        if text and '"' not in text and ".." not in text and text[0] != "." != text[-1]:
            return text
        return join(*split(text))
    except (FqnError, UnicodeEncodeError):
        return None


def spelled(text: str) -> str:
    """The FQN in its one spelling; the text as it is when it is none."""
    return normalised(text) or text


def parent(fqn: str) -> str | None:
    """The FQN one level up; None for a name without one."""
    names = split(fqn)
    return join(*names[:-1]) if len(names) > 1 else None


_KEYWORDS: dict[str, tuple[str, ...]] = {
    "database": ("service_name", "database_name"),
    "databaseSchema": ("service_name", "database_name", "schema_name"),
    "table": ("service_name", "database_name", "schema_name", "table_name"),
    "storedProcedure": ("service_name", "database_name", "schema_name", "procedure_name"),
    "column": ("service_name", "database_name", "schema_name", "table_name", "column_name"),
    "dashboard": ("service_name", "dashboard_name"),
    "chart": ("service_name", "chart_name"),
    "dashboardDataModel": ("service_name", "data_model_name"),
    "topic": ("service_name", "topic_name"),
    "pipeline": ("service_name", "pipeline_name"),
    "mlmodel": ("service_name", "mlmodel_name"),
    "container": ("service_name", "parent_container", "container_name"),
    "searchIndex": ("service_name", "search_index_name"),
    "apiCollection": ("service_name", "api_collection_name"),
    "directory": ("service_name", "directory_path"),
    "file": ("service_name", "directory_path", "file_name"),
    "spreadsheet": ("service_name", "directory_path", "spreadsheet_name"),
    "worksheet": ("service_name", "directory_path", "spreadsheet_name", "worksheet_name"),
    "query": ("service_name", "query_checksum"),
    "classification": ("classification_name",),
    "tag": ("classification_name", "tag_name"),
    "user": ("user_name",),
    "team": ("team_name",),
}
_OPTIONAL = {
    "container": "parent_container",
    "file": "directory_path",
    "spreadsheet": "directory_path",
    "worksheet": "directory_path",
}
_REWRITTEN_KEYWORDS = frozenset({"table_name", "column_name", "data_model_name"})


def build(
    metadata: object = None, entity_type: Any = None, **names: str | Sequence[str] | None
) -> str:
    """The FQN of an entity from keyword parts, as OpenMetadata's own client spells them.

    `metadata` is accepted and not used: nothing is looked up. `entity_type` is an entity
    class such as `Table`, or `Column`. Keywords are those of contract §8.4: `service_name`,
    `database_name`, `schema_name`, `table_name`, `column_name`, `topic_name` …; the FQN of
    a `parent_container` and the list of names in a `directory_path` may be left out.
    Reserved sequences in names of tables, columns and data models are rewritten as on the
    way to a server (contract §8.2).

    Raises `FqnError` when a part is missing or one is given that the entity has not.
    """
    kind = getattr(entity_type, "entity_type", None)
    wanted = _KEYWORDS.get(kind) if isinstance(kind, str) else None
    if wanted is None and isinstance(kind, str) and kind.endswith("Service"):
        wanted = ("service_name",)
    if wanted is None:
        raise FqnError(
            f"Cannot build a fully qualified name for {entity_type!r}",
            f"Pass an entity class of om_ingest.model: a service, or {', '.join(_KEYWORDS)}.",
        )
    names.pop("skip_es_search", None)  # asks the official client not to search; we never do
    optional = _OPTIONAL.get(str(kind))
    missing = [keyword for keyword in wanted if keyword != optional and not names.get(keyword)]
    unknown = sorted(set(names) - set(wanted))
    if missing or unknown:
        raise FqnError(
            f"A {kind} needs {', '.join(wanted)}"
            + (f"; missing or empty: {', '.join(missing)}" if missing else "")
            + (f"; not known: {', '.join(unknown)}" if unknown else ""),
            "Pass each part as a keyword argument.",
        )
    parts: list[str] = []
    for keyword in wanted:
        value = names.get(keyword) or ()
        if keyword == "parent_container":  # an FQN, which begins with that of the service
            parts = split(str(value)) if value else parts
        elif isinstance(value, str):
            parts.append(encode_reserved(value) if keyword in _REWRITTEN_KEYWORDS else value)
        else:
            parts.extend(value)
        if keyword == "service_name" and kind == "dashboardDataModel":
            parts.append("model")
    return join(*parts)
