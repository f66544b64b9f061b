"""Kinds and entities by the names that people type."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from om_ingest.errors import WorkflowError
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import fqn as names

from om_ingest_catalog.rows.body import member_fqns
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.reading import body_of, find
from om_ingest_catalog.rows.search import Named, deleted, named, named_like

_SAME_NAME_COUNT = 100_000
"""How many entities with the same name are looked at."""

_SIMILAR_COUNT = 2000
"""How many entities with a similar name are looked at."""

_SHOWN_COUNT = 10
_SUGGESTED_COUNT = 3
_CUTOFF = 0.6
"""Least similarity of a suggestion, as of `difflib`."""

_CUTOFF_OF_TYPES = 0.75

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def plural(kind: EntityKind) -> str:
    """Several of a kind, e.g. `databaseSchemas`; `kind_named` takes it as well."""
    return _plural(kind.entity_type)


def as_argument(fqn: str) -> str:
    """An FQN as it is typed in a shell."""
    return shlex.quote(fqn)


def kind_named(text: str) -> EntityKind:
    """The kind that people call so: `table`, `Tables`, `database-schema`, `schemas` …

    Case, hyphens and the plural make no difference, and the last word is enough if no other kind
    has it. Raises `WorkflowError`.
    """
    wanted = _folded(text)
    exact = [entity_type for entity_type in KINDS if wanted in _spellings(entity_type)]
    found = exact or [entity_type for entity_type in KINDS if wanted in _endings(entity_type)]
    if len(found) == 1:
        return KINDS[found[0]]
    if found:
        raise WorkflowError(f"{text!r} may be several entity types", f"Name {_either(found)}.")
    near = _near_kinds(wanted)
    hint = f"Did you mean {_either(near)}? " if near else ""
    raise WorkflowError(
        f"There is no entity type {text!r}",
        f"{hint}`om-ingest catalog list` shows the types that are in a catalog.",
    )


def entities_named(
    file: CatalogFile, text: str, kinds: Sequence[EntityKind] = ()
) -> list[EntityRow]:
    """The live entity that people call so; several if some of different kinds share its FQN.

    An FQN is taken with or without its quotes, and in any case if no other has that spelling;
    the end of an FQN, such as the name of a table, is enough if no other ends so, and a display
    name if nothing else fits. Raises `WorkflowError`, which names the candidates or similar names.
    """
    kinds = kinds or tuple(KINDS.values())
    rows = [row for kind in kinds if (row := find(file, kind.entity_type, text))]
    if live := [row for row in rows if not row.deleted]:
        return live
    types = {kind.entity_type for kind in kinds}
    found = _loosely_named(file, text, types)
    fqns = {one.fqn for one in found}
    if len(fqns) == 1:
        return [row for one in found if (row := file.by_fqn(one.entity_type, one.fqn))]
    if fqns:
        shown = [f"{one.entity_type} {as_argument(one.fqn)}" for one in found[:_SHOWN_COUNT]]
        more = [f"… and {len(found) - _SHOWN_COUNT} more"] if len(found) > _SHOWN_COUNT else []
        raise WorkflowError(
            f"{text!r} is the name of {len(found)} entities",
            "\n  ".join(["Give the whole name of one:", *shown, *more]),
        )
    if gone := rows or _loosely_named(file, text, types, deleted):
        raise WorkflowError(
            f"The {gone[0].entity_type} {gone[0].fqn} is deleted",
            "A run that yields it again restores it.",
        )
    raise WorkflowError(f"There is no {text!r} in this catalog", _hint(file, text, types))


def _loosely_named(
    file: CatalogFile,
    text: str,
    types: set[str],
    look: Callable[[CatalogFile, str, int], list[Named]] = named,
) -> list[Named]:
    """The entities that come nearest to being called so; none if it is nobody's name."""
    given = names.normalised(text.strip())
    typed = _plain(given) if given else text.strip()
    parts = typed.split(".")
    found: dict[int, set[Named]] = {}
    for start in range(len(parts)):  # a name may have dots in it
        for one in look(file, ".".join(parts[start:]), _SAME_NAME_COUNT):
            rank = _rank(one, typed) if one.entity_type in types else None
            if rank is not None:
                found.setdefault(rank, set()).add(one)
    return sorted(found[min(found)]) if found else []


def _rank(one: Named, typed: str) -> int | None:
    """How well an entity is called by a text: 0 is best; None for not at all."""
    plain = _plain(one.fqn)
    shown = plain.removesuffix(one.name) + (one.display_name or one.name)
    for rank, (name, wanted) in enumerate(
        (
            (plain, typed),
            (plain.casefold(), typed.casefold()),
            (f".{plain}"[-len(typed) - 1 :], f".{typed}"),
            (f".{plain}".casefold()[-len(typed.casefold()) - 1 :], f".{typed}".casefold()),
            (f".{shown}".casefold()[-len(typed.casefold()) - 1 :], f".{typed}".casefold()),
        )
    ):
        if name == wanted:
            return rank
    return None


def _plain(fqn: str) -> str:
    """The names of an FQN with dots between them, without quotes."""
    return ".".join(names.split(fqn))


def _hint(file: CatalogFile, text: str, types: set[str]) -> str:
    """What somebody may have meant by a name that nothing has."""
    owner, _, column = text.rpartition(".")
    for one in _loosely_named(file, owner, types)[:_SHOWN_COUNT] if owner else ():
        row, members = file.by_fqn(one.entity_type, one.fqn), KINDS[one.entity_type].members
        if row and members and _has(member_fqns(members, row.fqn, body_of(row)), column):
            return f"It is a part of the {one.entity_type} {as_argument(one.fqn)}: name that."
    near = _similar(file, text, types)
    if near:
        return f"Did you mean {_either([*map(as_argument, near)])}?"
    return "`om-ingest catalog search WORDS` finds names, and `om-ingest catalog tree` shows all."


def _has(fqns: Iterable[str], name: str) -> bool:
    wanted = names.unquote(name).casefold()
    return any(names.split(fqn)[-1].casefold() == wanted for fqn in fqns)


def _similar(file: CatalogFile, text: str, types: set[str]) -> list[str]:
    """FQNs like a text, the most similar first."""
    wanted = (names.plain(text) or text.casefold()).split(".")
    by_ending: dict[str, list[str]] = {}
    for one in (
        *named(file, wanted[-1], _SIMILAR_COUNT),
        *named_like(file, wanted[-1], _SIMILAR_COUNT),
    ):
        if one.entity_type in types:
            plain = (names.plain(one.fqn) or "").split(".")
            by_ending.setdefault(".".join(plain[-len(wanted) :]), []).append(one.fqn)
    close = difflib.get_close_matches(".".join(wanted), by_ending, _SUGGESTED_COUNT, _CUTOFF)
    return list(dict.fromkeys(fqn for ending in close for fqn in by_ending[ending]))[
        :_SUGGESTED_COUNT
    ]


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x")) else f"{word}s"


def _both(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from (_folded(word), _folded(_plural(word)))


@cache
def _spellings(entity_type: str) -> frozenset[str]:
    kind = KINDS[entity_type]
    collections = {_folded(kind.collection), _folded(kind.collection.rpartition("/")[2])}
    return frozenset(_both((kind.entity_type, kind.class_name))) | collections


@cache
def _endings(entity_type: str) -> frozenset[str]:
    """The last words of a type: `schema` of `databaseSchema`."""
    every = [_WORDS.findall(name) for name in (entity_type, KINDS[entity_type].class_name)]
    return frozenset(
        _both("".join(words[start:]) for words in every for start in range(1, len(words)))
    )


def _near_kinds(wanted: str) -> list[str]:
    spellings = {
        spelling: entity_type
        for entity_type in KINDS
        for spelling in (*_endings(entity_type), *_spellings(entity_type))
    }
    close = difflib.get_close_matches(wanted, spellings, _SUGGESTED_COUNT, _CUTOFF_OF_TYPES)
    return list(dict.fromkeys(spellings[spelling] for spelling in close))


def _either(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
