"""Records of a source: requests, edges, attachments, and the marker of a complete scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from om_ingest.errors import RecordError
from om_ingest.model.entity import AttachmentRequest, CreateRequest, Entity
from om_ingest.model.lineage import AddLineageRequest


@dataclass(frozen=True)
class ScopeComplete:
    """Marks a scope as complete: the run has yielded everything of this kind below it.

    Only in complete scopes may a sink mark missing entities as deleted. A marker is not counted
    as a record. Raises `RecordError` if `entity` is not an entity class.
    """

    scope_fqn: str
    """FQN of the service, database or schema that has been listed completely. The service or
    database, where its schemas were listed: one that is gone is not found to be called complete."""

    entity: type[Entity]
    """The entity class of the kind that is complete, e.g. `Table`."""

    def __post_init__(self) -> None:
        given: object = self.entity
        if not (isinstance(given, type) and issubclass(given, Entity)):
            raise RecordError(
                f"ScopeComplete for {self.scope_fqn} names {self.entity!r}, which is no entity",
                "Give the class of what is complete, e.g. om_ingest.model.Table.",
            )


Record: TypeAlias = CreateRequest | AddLineageRequest | AttachmentRequest | ScopeComplete
"""What `Source.next_record` yields."""

RECORD_TYPES = (CreateRequest, AddLineageRequest, AttachmentRequest, ScopeComplete)

DATA_TYPES = (CreateRequest, AddLineageRequest, AttachmentRequest)
"""The records that are counted, that is, all but markers."""
