"""Owners of the database as users and teams of the store, if it has them."""

from __future__ import annotations

from om_ingest import EntityReference, SourceStatus
from om_ingest.model import Team, TeamType, User
from om_ingest.store import MetadataStore


class Owners:
    """Looks each name up once; a name that the store does not have is told once."""

    def __init__(self, store: MetadataStore, status: SourceStatus) -> None:
        self._store = store
        self._status = status
        self._known: dict[str, list[EntityReference] | None] = {}

    def of(self, name: str | None) -> list[EntityReference] | None:
        """The owner of this name, as the field of a request; None if there is none."""
        if not name:
            return None
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> list[EntityReference] | None:
        user = self._store.get_by_name(User, name.lower())  # as servers keep the names of users
        if user is not None:
            return [user.reference()]
        team = self._store.get_by_name(Team, name)
        if team is not None and team.teamType in (None, TeamType.Group):  # no other can own
            return [team.reference()]
        self._status.warning(
            f"owner {name}", "it is no user or group of the catalog: what it owns has no owner"
        )
        return None
