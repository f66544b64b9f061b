"""Fully qualified names as text: join, split and quote (OpenMetadata REST contract §8).

An FQN is a path of names with dots between them. A name with a dot or a double quote in it is
wrapped in double quotes, and a double quote inside it is doubled. Every other name is bare.
`om_ingest.fqn` has these functions and `build`.
"""

from __future__ import annotations

import re

from om_ingest.errors import RecordError

_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)', re.DOTALL)


class FqnError(RecordError, ValueError):
    """Malformed FQN, or missing or empty parts of one."""


def quote(name: str) -> str:
    """The name as a part of an FQN, quoted if necessary; raises `FqnError` for an empty name."""
    if not name:
        raise FqnError("A part of a fully qualified name is empty", "Give every part a name.")
    if "." in name or '"' in name:
        return '"' + name.replace('"', '""') + '"'
    return name


def unquote(part: str) -> str:
    """The plain name of one part of an FQN, quoted or not."""
    if len(part) >= 2 and part[0] == part[-1] == '"':
        return part[1:-1].replace('""', '"')
    return part


def join(*names: str) -> str:
    """The FQN of plain names, outermost first; each is quoted if necessary."""
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
    """The FQN without needless quotes, as servers look for it; None for text that is not one."""
    try:
        text.encode()  # a lone surrogate cannot be encoded, and no database takes it
        if text and '"' not in text and ".." not in text and text[0] != "." != text[-1]:
            return text
        return join(*split(text))
    except (FqnError, UnicodeEncodeError):
        return None


def spelled(text: str) -> str:
    """As `normalised`; text that is not an FQN is returned as it is."""
    return (normalised(text) or text) if '"' in text else text


def plain(text: str) -> str | None:
    """The names of an FQN with dots between them, without any quotes or case; None for no FQN.

    Two spellings of one FQN have the same plain form; different FQNs may share it.
    """
    normal = normalised(text.strip())
    return None if normal is None else ".".join(split(normal)).casefold()


def parent(fqn: str) -> str | None:
    """The FQN one level up; None for a single name."""
    names = split(fqn)
    return join(*names[:-1]) if len(names) > 1 else None
