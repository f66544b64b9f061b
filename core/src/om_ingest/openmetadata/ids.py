"""Looks up ids and FQNs of entities that requests refer to (REST contract §3.0)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from uuid import UUID

from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, Identity, identity_at
from om_ingest.model.entity import Entity, EntityReference
from om_ingest.openmetadata import evidence
from om_ingest.openmetadata.network.answers import Answer

_REMEMBERED_COUNT = 10_000


class Listed(Protocol):
    """Ids that are known from lists."""

    def id_of(self, identity: Identity) -> str | None:
        """The id of a live entity, if a list has shown it."""

    def forget_id(self, identity: Identity) -> str | None:
        """Forget an id; returns it."""


class Ids:
    """Looks up ids and FQNs of references, and caches the most recently used."""

    def __init__(
        self, by_name: Callable[[str, str], Answer], by_id: Callable[[str, str], Answer]
    ) -> None:
        """The functions ask the server for an entity by its type and its FQN or id."""
        self.listed: Listed | None = None
        """What lists have shown."""
        self._by_name = by_name
        self._by_id = by_id
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, str], str] = {}
        self._fqns: dict[tuple[str, str], str] = {}

    def id_of(self, entity_type: str, fqn: str) -> str:
        """The id of a live entity; raises `RecordError` when there is none."""
        self._check_known(entity_type, fqn)
        key = identity_at(entity_type, fqn)
        known = self.known_id(*key)
        if known is None:
            answer = self._by_name(*key)
            entity = found(*key, answer)
            known = str(entity["id"])
            self.note(entity_type, str(entity["fullyQualifiedName"]), known)
            self._remember(self._ids, key, known)
        return known

    def fqn_of(self, entity_type: str, entity_id: UUID | str) -> str:
        """The FQN of a live entity; raises `RecordError` when there is none."""
        key = (entity_type, str(entity_id))
        known = self._remembered(self._fqns, key)
        if known is None:
            self._check_known(entity_type, key[1])
            answer = self._by_id(entity_type, key[1])
            known = str(found(*key, answer)["fullyQualifiedName"])
            self._remember(self._fqns, key, known)
        return known

    def known_fqn(self, entity_type: str, entity_id: str) -> str | None:
        """The FQN of an entity, if it was looked up already; asks nothing."""
        return self._remembered(self._fqns, (entity_type, entity_id))

    def known_id(self, entity_type: str, fqn: str) -> str | None:
        """The id of an entity, if it was shown already; asks nothing."""
        key = identity_at(entity_type, fqn)
        known = self._remembered(self._ids, key)
        if known is None and self.listed is not None:
            return self.listed.id_of(key)
        return known

    def learn(self, entity: Entity) -> None:
        """Cache id and FQN of an entity that was read: a reference to it is likely."""
        if not entity.deleted:
            self.note(entity.entity_type, entity.fullyQualifiedName, str(entity.id))

    def note(self, entity_type: str, fqn: str, entity_id: str) -> None:
        """Cache id and FQN of a live entity, as the server spells them."""
        self._remember(self._ids, (entity_type, fqn), entity_id)
        self._remember(self._fqns, (entity_type, entity_id), fqn)

    def resolved(self, reference: dict[str, Any]) -> dict[str, Any]:
        """A reference in the form that servers accept: id and type. Raises `RecordError`."""
        entity_id = reference.get("id")
        if entity_id is None:
            fqn = reference.get("fullyQualifiedName")
            if not fqn:
                raise RecordError(
                    f"a reference to a {reference['type']} has neither id nor FQN",
                    "Set id or fullyQualifiedName.",
                )
            entity_id = self.id_of(reference["type"], fqn)
        return {"id": str(entity_id), "type": reference["type"]}

    def forget(self, references: Iterable[EntityReference]) -> bool:
        """Drop these from the cache; returns whether any was in it."""
        keys = [
            identity_at(reference.type, reference.fullyQualifiedName or "")
            for reference in references
            if reference.type in KINDS
        ]
        with self._lock:
            forgotten = [self._ids.pop(key, None) for key in keys]
        if self.listed is not None:
            forgotten += [self.listed.forget_id(key) for key in keys]
        return any(forgotten)

    def forget_missing(self, missing: Identity) -> Identity:
        """Drop what the server says is not there; returns it by its FQN, if given by its id."""
        with self._lock:
            stale = [key for key, entity_id in self._ids.items() if entity_id == missing[1]]
            for key in (missing, *stale):
                self._ids.pop(key, None)
        return stale[0] if stale else missing

    def forget_all(self) -> None:
        """Empty the cache: an entity was deleted, maybe with its children."""
        with self._lock:
            self._ids.clear()
            self._fqns.clear()

    def _remembered(self, memory: dict[tuple[str, str], str], key: tuple[str, str]) -> str | None:
        with self._lock:
            found = memory.pop(key, None)
            if found is not None:
                memory[key] = found  # the last one in is the most recently used
            return found

    def _remember(
        self, memory: dict[tuple[str, str], str], key: tuple[str, str], value: str
    ) -> None:
        with self._lock:
            if len(memory) >= _REMEMBERED_COUNT:
                memory.pop(next(iter(memory)))
            memory[key] = value

    @staticmethod
    def _check_known(entity_type: str, name: str) -> None:
        if entity_type not in KINDS:
            raise RecordError(
                f"the {entity_type} {name} cannot be looked up", "Give its id in the reference."
            )


def found(entity_type: str, name: str, answer: Answer) -> dict[str, Any]:
    """The entity in the answer to a look-up; raises `RecordError` if it is not there."""
    if evidence.is_absent(answer, name):
        raise evidence.MissingError(
            f"the {entity_type} {name} does not exist; yield it first",
            "Yield it before what points at it.",
            identity_at(entity_type, name),
        )
    if not answer.is_done:
        raise RecordError(
            f"the {entity_type} {name} cannot be looked up: {answer.reason}", "Correct the FQN."
        )
    return dict(answer.body)
