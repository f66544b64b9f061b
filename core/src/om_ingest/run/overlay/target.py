"""What a target has of what a scratch store has, too; its ids are the ones that are shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, Identity
from om_ingest.kinds.identity import identity_at
from om_ingest.model.entity import EntityReference
from om_ingest.run.overlay.changes import Changes
from om_ingest.store import EntityT, MetadataStore
from om_ingest.workflow.presence import Presence


class Target:
    """The target as far as it has what the scratch store has, too."""

    def __init__(self, store: MetadataStore, presence: Presence, changes: Changes) -> None:
        self._store = store
        self._presence = presence
        self._changes = changes

    def find(self, entity: type[EntityT], identity: Identity) -> EntityT | None:
        """The target's entity, deleted or not; None if it has none, or does not tell."""
        if not self._changes.state("held", identity) and not self._presence.may_have(identity):
            return None
        try:
            return self._store.get_by_name(entity, identity[1], include_deleted=True)
        except RecordError:
            return None

    def with_ids(self, mine: EntityT) -> EntityT:
        """An entity of the scratch store whose references have the ids of the target."""
        changed: dict[str, Any] = {}
        for field, value in mine.__dict__.items():
            if isinstance(value, EntityReference):
                changed[field] = self.with_id(value)
            elif isinstance(value, list) and value and isinstance(value[0], EntityReference):
                changed[field] = [self.with_id(each) for each in value]
        return mine.with_valid(**changed) if changed else mine

    def with_id(self, reference: EntityReference) -> EntityReference:
        """A reference of the scratch store with the id of the target, if that has the entity."""
        fqn, given = reference.fullyQualifiedName, str(reference.id)
        if reference.id is None or not fqn or reference.type not in KINDS:
            return reference
        shown = self._changes.shown_id(given)
        if shown is None:
            entity = KINDS[reference.type].entity
            found = self.find(entity, identity_at(reference.type, fqn))
            shown = given if found is None else str(found.id)
            self._changes.note_id(given, shown)
        return reference if shown == given else reference.with_valid(id=UUID(shown))
