"""What a source yields: requests, edges, attachments, and the marker of a complete scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from om_ingest.errors import RecordError
from om_ingest.model.entity import AttachmentRequest, CreateRequest, Entity
from om_ingest.model.lineage import AddLineageRequest


@dataclass(frozen=True)
class ScopeComplete:
    """Says: everything of this kind below this scope has been yielded in this run.

    Only below such scopes may a sink treat what was not yielded as deleted. It is a
    marker, not data: it is never counted as a record. Raises `RecordError` for something else
    than a class of entities: one such marker would spoil the batch that it is written with.
    """

    scope_fqn: str
    """FQN of the service, database or schema that has been read to its end."""

    entity: type[Entity]
    """The kind that is complete, e.g. `Table`."""

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
"""The records that are counted: `ScopeComplete` is a marker."""
