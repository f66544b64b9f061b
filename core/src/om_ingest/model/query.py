"""Queries that were run against a service (REST contract §3.0, §3.1)."""

from __future__ import annotations

import hashlib
from typing import Any

from om_ingest.model.entity import (
    EntityReference,
    Model,
    OwnedEntity,
    OwnedRequest,
    Parent,
    TagLabel,
)
from om_ingest.model.naming import EntityName, FullyQualifiedName, Number, Timestamp


class _QueryFields(Model, entity_type="query"):
    query: str
    tags: list[TagLabel] | None = None
    query_type: str | None = None
    exclude_usage: bool | None = None
    duration: Number | None = None
    usedBy: list[str] | None = None
    dialect: str | None = None
    queryDate: Timestamp | None = None
    queryUsedIn: list[EntityReference] | None = None
    triggeredBy: EntityReference | None = None
    processedLineage: bool | None = None


class CreateQueryRequest(_QueryFields, OwnedRequest, parent_field="service"):
    """Create or update a query; without a name it gets the MD5 of its text.

    `users` are FQNs of users, `queryUsedIn` points at tables; duration in seconds.
    """

    name: EntityName = ""
    service: Parent
    users: list[FullyQualifiedName] | None = None

    def model_post_init(self, context: Any, /) -> None:
        if not self.name:
            self.name = hashlib.md5(self.query.encode(), usedforsecurity=False).hexdigest()


class Query(_QueryFields, OwnedEntity):
    """A stored query."""

    service: EntityReference
    users: list[EntityReference] | None = None
    votes: dict[str, Any] | None = None
    checksum: str | None = None
