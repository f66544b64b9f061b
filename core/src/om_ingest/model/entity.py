"""Fields and types that create requests and stored entities share.

Field names are OpenMetadata's own, in its spelling, so that a record reads the same in
Python, in a file and on the wire (OpenMetadata REST contract §3.0). In each module, a class such as
`_TableFields` has the fields that `CreateTableRequest` and `Table` share.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from om_ingest.model.model import Model as Model
from om_ingest.model.naming import (
    OVER_REST,
    DateTime,
    EntityName,
    Fqn,
    FullyQualifiedName,
    SourceHash,
    Timestamp,
    decode_reserved,
)

if TYPE_CHECKING:
    from typing_extensions import Self

_LABEL_FIELDS = ("tagFQN", "labelType", "state")


class EntityReference(Model):
    """Points at an entity by id, by FQN, or both.

    `type` is an entity type such as `table` or `databaseService`. A server knows
    entities by id; where only the FQN is given, the sink looks the id up.
    """

    id: UUID | None = None
    type: str
    name: str | None = None
    fullyQualifiedName: Fqn | None = None
    displayName: str | None = None
    description: str | None = None
    deleted: bool | None = None
    inherited: bool | None = None
    href: str | None = None


Parent = Annotated[FullyQualifiedName | EntityReference, Field(union_mode="left_to_right")]
"""The parent in a create request: its FQN, or a reference whose id or FQN is set."""


class TagSource(str, Enum):
    """Where a tag is defined."""

    Classification = "Classification"
    Glossary = "Glossary"


class LabelType(str, Enum):
    """How a tag was assigned."""

    Manual = "Manual"
    Propagated = "Propagated"
    Automated = "Automated"
    Derived = "Derived"
    Generated = "Generated"


class State(str, Enum):
    """Whether a person has confirmed a tag."""

    Suggested = "Suggested"
    Confirmed = "Confirmed"


class TagLabel(Model):
    """A tag on an entity or a column; the tag itself must exist (contract §3.0)."""

    tagFQN: Fqn
    name: str | None = None
    displayName: str | None = None
    description: str | None = None
    style: dict[str, Any] | None = None
    source: TagSource = TagSource.Classification
    labelType: LabelType = LabelType.Automated
    state: State = State.Confirmed
    href: str | None = None
    reason: str | None = None
    appliedAt: DateTime | None = None
    appliedBy: str | None = None
    metadata: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _is_complete(self, info: ValidationInfo) -> Self:
        """The defaults are for connectors; over REST, these fields are required (contract §3.0)."""
        if info.context == OVER_REST:
            missing = [name for name in _LABEL_FIELDS if name not in self.model_fields_set]
            if missing:
                raise PydanticCustomError(
                    "label", "{fields} must not be null", {"fields": ", ".join(missing)}
                )
        return self


class AccessDetails(Model):
    """Time and user of an access."""

    timestamp: Timestamp
    accessedBy: EntityReference | None = None
    accessedByAProcess: str | None = None


class LifeCycle(Model):
    """Creation, last update and last access of the data behind an entity."""

    created: AccessDetails | None = None
    updated: AccessDetails | None = None
    accessed: AccessDetails | None = None


class FieldChange(Model):
    """One field of a change: `name` is `description`, `columns.<column>.description` …"""

    name: str
    oldValue: Any = None
    newValue: Any = None


class ChangeDescription(Model):
    """Changes of the latest version (contract §6.2)."""

    fieldsAdded: list[FieldChange] = []
    fieldsUpdated: list[FieldChange] = []
    fieldsDeleted: list[FieldChange] = []
    previousVersion: float | None = None


class Described(Model):
    """The fields that requests and entities of every kind share."""

    name: EntityName
    displayName: str | None = None
    description: str | None = None


class RewrittenName(Model):
    """A name in which reserved sequences are rewritten (contract §8.2).

    The original becomes the `displayName`, unless there is one.
    """

    name: str
    displayName: str | None = None

    def model_post_init(self, context: Any, /) -> None:
        if self.displayName is None and "__reserved__" in self.name:
            self.displayName = decode_reserved(self.name)


class CreateRequest(Described):
    """Creates an entity, or updates the one with the same FQN."""

    parent_field: ClassVar[str | None] = None
    """Name of the field with the parent; None for a root kind."""

    def __init_subclass__(cls, *, parent_field: str | None = None, **config: Any) -> None:
        super().__init_subclass__(**config)
        if parent_field is not None:
            cls.parent_field = parent_field


class Entity(Described):
    """An entity as a store holds it."""

    id: UUID
    fullyQualifiedName: FullyQualifiedName
    version: float | None = None
    updatedAt: Timestamp | None = None
    updatedBy: str | None = None
    impersonatedBy: str | None = None
    href: str | None = None
    deleted: bool | None = None
    changeDescription: ChangeDescription | None = None
    incrementalChangeDescription: ChangeDescription | None = None

    def reference(self) -> EntityReference:
        """This entity as a reference that a request can carry."""
        return EntityReference(
            id=self.id,
            type=self.entity_type,
            name=self.name,
            fullyQualifiedName=self.fullyQualifiedName,
        )


class AttachmentRequest(Model):
    """Attaches data to an entity; the kinds are in `om_ingest.model.attachment`."""

    @property
    def target(self) -> EntityReference:
        """The entity to attach to; each kind overrides this."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """Key of the attachment: a later one with the same key replaces the earlier one."""
        target = self.target
        return f"{target.type}:{target.fullyQualifiedName or target.id}"


class TaggedFields(Described):
    """The fields that everything with tags and custom properties shares."""

    tags: list[TagLabel] | None = None
    extension: Any = None


class OwnedRequest(CreateRequest):
    """A request for a kind that can have owners and belong to domains."""

    owners: list[EntityReference] | None = None
    domains: list[FullyQualifiedName] | None = None


class OwnedEntity(Entity):
    """A stored entity of a kind that can have owners and belong to domains."""

    owners: list[EntityReference] | None = None
    domains: list[EntityReference] | None = None
    followers: list[EntityReference] | None = None
    entityStatus: str | None = None


class UnlinkedAssetRequest(OwnedRequest, TaggedFields):
    """A request for a data asset without a page in the source."""

    dataProducts: list[FullyQualifiedName] | None = None
    lifeCycle: LifeCycle | None = None
    sourceHash: SourceHash | None = None


class AssetRequest(UnlinkedAssetRequest):
    """A request for a data asset: database, table, topic, dashboard …"""

    sourceUrl: str | None = None


class ServiceAssetRequest(AssetRequest, parent_field="service"):
    """A request for a data asset that lies directly in a service."""

    service: Parent


class UnlinkedAssetEntity(OwnedEntity, TaggedFields):
    """A stored data asset without a page in the source."""

    dataProducts: list[EntityReference] | None = None
    lifeCycle: LifeCycle | None = None
    sourceHash: str | None = None
    dataContract: EntityReference | None = None
    votes: dict[str, Any] | None = None
    certification: dict[str, Any] | None = None


class AssetEntity(UnlinkedAssetEntity):
    """A stored data asset."""

    sourceUrl: str | None = None
    usageSummary: dict[str, Any] | None = None


class ServiceAssetEntity(AssetEntity):
    """A stored data asset that lies directly in a service."""

    service: EntityReference
