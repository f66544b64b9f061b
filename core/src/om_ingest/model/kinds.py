"""The one table of entity kinds: request, entity, REST collection and place in the tree.

Store, client, sinks and documentation read it; nothing else lists the kinds. Collections,
bulk and parents are from OpenMetadata REST contract §2 and §3.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.model import database, fqn, governance, table
from om_ingest.model.entity import CreateRequest, Entity, EntityReference


@dataclass(frozen=True)
class EntityKind:
    """Everything that differs between one kind of entity and the next."""

    collection: str
    """Path below `/v1/`, e.g. `services/databaseServices`."""

    request: type[CreateRequest]
    """The create request."""

    entity: type[Entity]
    """What a store answers."""

    parent_type: str | None = None
    """Entity type of the parent; None for a root."""

    level: int = 0
    """Steps below the root; a lower level is delivered first."""

    bulk: bool = False
    """Whether the collection has `PUT …/bulk`."""

    nested_field: str | None = None
    """The field with the FQN of a parent of the same kind; None if the kind cannot nest."""

    @property
    def entity_type(self) -> str:
        """The type name in references, e.g. `table`."""
        return self.entity.entity_type

    @property
    def parent_field(self) -> str | None:
        """The field of the request that holds the parent."""
        return self.request.parent_field

    @property
    def depth(self) -> int:
        """How many names the FQN has of one that is not nested."""
        return 1 + (KINDS[self.parent_type].depth if self.parent_type else 0)

    def type_above(self, parent_fqn: str) -> str | None:
        """The entity type of the parent with this FQN; None for a root."""
        if self.nested_field and len(fqn.split(parent_fqn)) >= self.depth:
            return self.entity_type
        return self.parent_type


_ALL = (
    EntityKind("users", governance.CreateUserRequest, governance.User),
    EntityKind("teams", governance.CreateTeamRequest, governance.Team),
    EntityKind(
        "classifications", governance.CreateClassificationRequest, governance.Classification
    ),
    EntityKind(
        "tags",
        governance.CreateTagRequest,
        governance.Tag,
        "classification",
        1,
        nested_field="parent",
    ),
    EntityKind(
        "services/databaseServices",
        database.CreateDatabaseServiceRequest,
        database.DatabaseService,
        None,
        2,
    ),
    EntityKind(
        "databases",
        database.CreateDatabaseRequest,
        database.Database,
        "databaseService",
        3,
        bulk=True,
    ),
    EntityKind(
        "databaseSchemas",
        database.CreateDatabaseSchemaRequest,
        database.DatabaseSchema,
        "database",
        4,
        bulk=True,
    ),
    EntityKind("tables", table.CreateTableRequest, table.Table, "databaseSchema", 5, bulk=True),
    EntityKind(
        "storedProcedures",
        database.CreateStoredProcedureRequest,
        database.StoredProcedure,
        "databaseSchema",
        5,
        bulk=True,
    ),
)

KINDS: dict[str, EntityKind] = {kind.entity_type: kind for kind in _ALL}
"""Every kind by its entity type, roots first."""


def kind_of(entity: str | type[Any] | Any) -> EntityKind:
    """The kind of an entity type name, of a request or entity class, or of an instance.

    Raises `RecordError` for anything else.
    """
    entity_type = entity if isinstance(entity, str) else getattr(entity, "entity_type", None)
    kind = KINDS.get(entity_type) if isinstance(entity_type, str) else None
    if kind is None:
        raise RecordError(f"Not an entity type: {entity!r}", f"Use one of: {', '.join(KINDS)}.")
    return kind


def own_name(request: CreateRequest) -> str:
    """The name that a request's FQN ends with; users are stored in lower case (§3.0)."""
    return request.name.lower() if request.entity_type == "user" else request.name


def parent_of(request: CreateRequest) -> str | EntityReference | None:
    """The request's parent as it was given: FQN, reference, or None for a root.

    The parent of a nested tag is a tag.
    """
    nested_field = KINDS[request.entity_type].nested_field
    if nested_field is not None and getattr(request, nested_field):
        return str(getattr(request, nested_field))
    field = request.parent_field
    return None if field is None else getattr(request, field)


def fqn_of(request: CreateRequest) -> str:
    """The FQN that a request addresses.

    Raises `RecordError` when the parent is missing, or is a reference that carries no
    FQN: only a store can look that up.
    """
    if request.parent_field is None:
        return fqn.quote(own_name(request))
    parent = parent_of(request)
    parent_fqn = parent.fullyQualifiedName if isinstance(parent, EntityReference) else parent
    if not parent_fqn:
        raise RecordError(
            f"The {request.entity_type} {request.name!r} does not say where it belongs",
            f"Set {request.parent_field} to the FQN of its parent.",
        )
    return fqn.child(parent_fqn, own_name(request))
