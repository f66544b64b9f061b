"""Fully qualified names: build, split and quote (OpenMetadata REST contract §8).

An FQN is a path of names joined by dots. A name that holds a dot or a double quote is
wrapped in double quotes, and a double quote inside it is doubled. Every other name
stands bare.
"""

from __future__ import annotations

import re
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


def parent(fqn: str) -> str | None:
    """The FQN one level up; None for a name without one."""
    names = split(fqn)
    return join(*names[:-1]) if len(names) > 1 else None


_KEYWORDS: dict[str, tuple[str, ...]] = {
    "databaseService": ("service_name",),
    "database": ("service_name", "database_name"),
    "databaseSchema": ("service_name", "database_name", "schema_name"),
    "table": ("service_name", "database_name", "schema_name", "table_name"),
    "storedProcedure": ("service_name", "database_name", "schema_name", "procedure_name"),
    "column": ("service_name", "database_name", "schema_name", "table_name", "column_name"),
    "classification": ("classification_name",),
    "tag": ("classification_name", "tag_name"),
    "user": ("user_name",),
    "team": ("team_name",),
}
_REWRITTEN_KEYWORDS = frozenset({"table_name", "column_name"})


def build(metadata: object = None, entity_type: Any = None, **names: str | None) -> str:
    """The FQN of an entity from keyword parts, as OpenMetadata's own client spells them.

    `metadata` is accepted and not used: nothing is looked up. `entity_type` is an entity
    class such as `Table`, or `Column`. Keywords are `service_name`, `database_name`,
    `schema_name`, `table_name`, `column_name`, `procedure_name`, `classification_name`,
    `tag_name`, `user_name`, `team_name`. Reserved sequences in table and column names
    are rewritten as on the way to a server (contract §8.2, §8.4).

    Raises `FqnError` when a part is missing or one is given that the entity has not.
    """
    kind = getattr(entity_type, "entity_type", None)
    if kind not in _KEYWORDS:
        raise FqnError(
            f"Cannot build a fully qualified name for {entity_type!r}",
            f"Pass an entity class of om_ingest.model; known: {', '.join(_KEYWORDS)}.",
        )
    names.pop("skip_es_search", None)  # asks the official client not to search; we never do
    wanted = _KEYWORDS[kind]
    missing = [keyword for keyword in wanted if not names.get(keyword)]
    unknown = sorted(set(names) - set(wanted))
    if missing or unknown:
        raise FqnError(
            f"A {kind} needs {', '.join(wanted)}"
            + (f"; missing or empty: {', '.join(missing)}" if missing else "")
            + (f"; not known: {', '.join(unknown)}" if unknown else ""),
            "Pass each part as a keyword argument.",
        )
    values = ((keyword, str(names[keyword])) for keyword in wanted)
    return join(*(encode_reserved(v) if k in _REWRITTEN_KEYWORDS else v for k, v in values))
