"""What the client knows of users and teams."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from om_ingest import model
from om_ingest.kinds import KINDS
from om_ingest.model import Entity

from om_ingest_compat import running
from om_ingest_compat.client.patching import Patching
from om_ingest_compat.models.values import VALUES
from om_ingest_compat.shims.entities import json_of, kind_named, reference_to, spelled, text_of
from om_ingest_compat.shims.lru import LRUCache

_REMEMBERED_COUNT = 10_000
"""How many answers to questions for users and teams are kept, by e-mail and by display name."""


class People(Patching):
    """The methods of the client that look for users and teams."""

    @cached_property
    def _known(self) -> _Known:
        return _Known(self._store)

    def get_reference_by_email(self, email: Any, *_: Any, **__: Any) -> Any:
        """A list with a reference to the user or team with this e-mail; None if there is none."""
        wanted = text_of(email or "").lower()
        found = self._known.reference("email", wanted) if wanted else None
        return None if found is None else _listed(found)

    def get_user_by_email(self, email: Any, *_: Any, **__: Any) -> Any:
        """The user with this e-mail; None if there is none."""
        found = self.get_reference_by_email(email)
        user = spelled(model.User)
        return None if found is None else self.get_by_id(user, found.root[0].id)

    def get_reference_by_name(self, name: Any, *_: Any, is_owner: bool = False, **__: Any) -> Any:
        """A list with a reference to the user or team with this name; None if there is none.

        It is looked for among names and display names. With `is_owner`, only groups count among
        the teams: others own nothing.
        """
        wanted = text_of(name or "")
        if not wanted:
            return None
        for entity in (model.User, model.Team):
            found = self._exactly(entity, wanted)
            if found is not None:
                is_other = entity is model.Team and text_of(found.teamType or "Group") != "Group"
                return None if is_owner and is_other else _listed(reference_to(found))
        known = self._known.reference("name", wanted.lower())
        return None if known is None else _listed(known)

    def _exactly(self, entity: Any, name: str) -> Any:
        kind = kind_named(entity)
        assert kind is not None, "users and teams are kinds"
        quoted = name if '"' in name or "." not in name else f'"{name}"'
        return self._find(kind, quoted)


class _Known:
    """Users and teams by e-mail and by display name: all are read once, and then each new one.

    Where there are too many to remember, answers are, also those that nobody was found.
    """

    def __init__(self, store: Any) -> None:
        self._store = store
        self._answers = LRUCache(_REMEMBERED_COUNT)
        self._is_whole = False
        self._count = -1

    def reference(self, field: str, wanted: str) -> Any:
        """The reference to whoever has this e-mail or display name; None if nobody has."""
        self._catch_up()
        if (field, wanted) in self._answers:
            return self._answers.get((field, wanted))
        if self._is_whole:
            return None
        found = next((one for key, one in self._read() if key == (field, wanted)), None)
        self._answers.put((field, wanted), found)
        return found

    def _catch_up(self) -> None:
        """Read who was written since the last time; everybody, if these are too many."""
        run = running.current()
        new, is_first = run.people_count - self._count, self._count < 0
        self._count = run.people_count
        if is_first or new > len(run.people):
            self._answers.clear()
            self._is_whole = True
            for key, reference in self._read():
                if len(self._answers) >= _REMEMBERED_COUNT:
                    break
                self._keep(key, reference)
        else:
            for person in list(run.people)[len(run.people) - new :]:
                self._look_at(*person)
        self._is_whole = self._is_whole and len(self._answers) < _REMEMBERED_COUNT

    def _look_at(self, entity_type: str, fqn: str) -> None:
        """Remember somebody who is new or changed, and forget somebody who is gone."""
        found = self._store.get_by_name(KINDS[entity_type].entity, fqn)
        for key, reference in _keys(found) if found else ():
            self._keep(key, reference)
        if found is None:
            gone = (entity_type, fqn)
            self._answers.forget(
                lambda one: one is not None and (one.type, str(one.fullyQualifiedName)) == gone
            )

    def _keep(self, key: tuple[str, str], reference: Any) -> None:
        if key not in self._answers or self._answers.get(key) is None:
            self._answers.put(key, reference)

    def _read(self) -> Iterator[tuple[tuple[str, str], Any]]:
        for entity in (model.User, model.Team):
            for found in self._store.list_entities(entity):
                yield from _keys(found)


def _keys(found: Entity) -> Iterator[tuple[tuple[str, str], Any]]:
    reference = reference_to(found)
    for field, name in (("email", "email"), ("name", "displayName")):
        if value := getattr(found, name, None):
            yield (field, text_of(value).lower()), reference


def _listed(reference: Any) -> Any:
    """A list of one reference, of the class that the connector's framework has."""
    home = sys.modules.get("metadata.generated.schema.type.entityReferenceList")
    made = getattr(home, "EntityReferenceList", VALUES["EntityReferenceList"])
    own = made in VALUES.values()
    return made([reference if own else json_of(reference)])
