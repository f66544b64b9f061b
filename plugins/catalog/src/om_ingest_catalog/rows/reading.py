"""Lookup of one entity by FQN or id, and its ancestors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TypeAlias
from uuid import UUID

from om_ingest.config import summary
from om_ingest.errors import NotFoundError, RecordError, described
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import fqn as names
from om_ingest.model.fqn import normalised
from pydantic import ValidationError

from om_ingest_catalog.rows.body import Body, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow

UNREADABLE = (AttributeError, LookupError, RecordError, RecursionError, TypeError, ValueError)
"""What reading a row raises that does not hold what its kind needs."""

_REASON_CHARS = 300


class UnreadableError(RecordError):
    """A row does not hold what its kind needs: another program has written it, or a release with
    other rules. Lists leave it out and name it; reading it alone raises this.
    """


def unreadable(row: EntityRow, error: BaseException) -> UnreadableError:
    """The error for a row whose reading raised one of `UNREADABLE`."""
    if isinstance(error, UnreadableError):
        return error
    why = summary(error) if isinstance(error, ValidationError) else described(error)
    return UnreadableError(
        f"The {row.entity_type} {row.fqn} cannot be read: {why[:_REASON_CHARS]}",
        "Ingest it again, or delete it.",
    )


def body_of(row: EntityRow) -> Body:
    """The body of a row; only its name if it is no JSON object, so that it can be replaced."""
    try:
        body = {**parse(row.body)}
    except UNREADABLE:
        return {"name": row.name}
    return body


@cache
def field_names(entity_type: str) -> frozenset[str]:
    """All fields of a kind."""
    return frozenset(KINDS[entity_type].entity.model_fields)


def ancestors(row: EntityRow) -> Sequence[tuple[str, str, str]]:
    """Ancestors of an entity, nearest first: (field, entity type, FQN) each."""
    kind = KINDS[row.entity_type]
    above = row.fqn.rpartition(".")[0]
    if '"' in row.fqn:
        above = names.join(*names.split(row.fqn)[:-1])
    if kind.parent_choice:
        return ((str(kind.parent_field), chosen_parent(kind, row), above),)
    return _ancestors_below(row.entity_type, above)


@lru_cache(maxsize=1024)
def _ancestors_below(entity_type: str, above: str) -> tuple[tuple[str, str, str], ...]:
    """Ancestors of all entities of a kind whose FQNs differ in their last name."""
    result = []
    kind = KINDS[entity_type]
    parts = [*(names.split(above) if above else ()), ""]
    while True:
        if kind.nested_field is not None and len(parts) > kind.depth:
            field = kind.nested_answer or kind.nested_field
            result.append((field, str(kind.nested_type), names.join(*parts[:-1])))
            del parts[kind.depth :]
        if kind.parent is None:
            return tuple(result)
        del parts[-2 if kind.infix else -1 :]
        result.append((str(kind.parent_field), kind.parent.entity_type, names.join(*parts)))
        kind = kind.parent


def chosen_parent(kind: EntityKind, row: EntityRow) -> str:
    """The entity type of a row's parent, for kinds with several possible parent types."""
    return str(parse(row.body)[str(kind.parent_field)]["type"])


def service_of(row: EntityRow) -> tuple[str, str] | None:
    """Entity type and FQN of the service whose `serviceType` the row inherits."""
    if "serviceType" not in field_names(row.entity_type):
        return None
    above = ancestors(row)
    return above[-1][1:] if above else None


Key: TypeAlias = UUID | str
"""A UUID is an id; a string is an FQN, where redundant quotes are accepted."""


def find(file: CatalogFile, entity_type: str, key: Key) -> EntityRow | None:
    """The row of an entity, deleted or not; None if it does not exist."""
    if isinstance(key, UUID):
        row = file.by_id(str(key))
        return row if row is not None and row.entity_type == entity_type else None
    exact = normalised(KINDS[entity_type].as_stored(key))
    return None if exact is None else file.by_fqn(entity_type, exact)


def find_live(file: CatalogFile, entity_type: str, key: Key) -> EntityRow:
    """The row of a live entity; raises `NotFoundError` if it does not exist or is deleted."""
    row = find(file, entity_type, key)
    if row is None or row.deleted:
        raise NotFoundError.of(entity_type, key)
    return row


class ServiceTypes:
    """Looks up the service type that a row inherits; caches it per service."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._known: dict[tuple[str, str], str | None] = {}

    def __call__(self, row: EntityRow) -> str | None:
        """The service type; None for kinds that have none, and for services themselves."""
        try:
            key = service_of(row)
            if key is None:
                return None
            if key not in self._known:
                self._known[key] = None  # also if the service cannot be read: its parts can
                service = self._file.by_fqn(*key)
                self._known[key] = parse(service.body).get("serviceType") if service else None
        except UNREADABLE:
            return None
        return self._known[key]


def check_parent_is_live(file: CatalogFile, row: EntityRow) -> None:
    """Raise `RecordError` if the parent of an entity is deleted."""
    for _, entity_type, fqn in ancestors(row)[:1]:
        parent = file.by_fqn(entity_type, fqn)
        if parent is None or parent.deleted:
            raise RecordError(
                f"The {entity_type} {fqn} above {row.fqn} is deleted", "Restore it first."
            )
