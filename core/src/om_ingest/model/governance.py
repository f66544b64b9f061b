"""Classifications, tags, glossaries, terms, users and teams (REST contract §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from om_ingest.model.entity import (
    CreateRequest,
    Described,
    Entity,
    EntityReference,
    Model,
    OwnedEntity,
    OwnedRequest,
    Parent,
    TaggedFields,
)
from om_ingest.model.naming import IS_FQN, EntityName, Fqn, FullyQualifiedName, Uri

Email = Annotated[str, Field(min_length=6, max_length=127, pattern=r"^\S+@\S+$")]
"""An e-mail address, 6 to 127 characters."""


class GovernedFields(Described):
    """The fields that classifications, tags, glossaries and terms share."""

    description: str
    provider: str | None = None
    mutuallyExclusive: bool | None = None
    reviewers: list[EntityReference] | None = None


class _ClassificationFields(GovernedFields, entity_type="classification"):
    autoClassificationConfig: dict[str, Any] | None = None


class CreateClassificationRequest(_ClassificationFields, OwnedRequest):
    """Create or update a classification: a named set of tags."""


class Classification(_ClassificationFields, OwnedEntity):
    """A stored classification."""

    termCount: int | None = None
    usageCount: int | None = None
    disabled: bool | None = None


class _TagFields(GovernedFields, entity_type="tag"):
    style: dict[str, Any] | None = None
    associatedTags: list[Fqn] | None = None
    recognizers: list[dict[str, Any]] | None = None
    autoClassificationEnabled: bool | None = None


class CreateTagRequest(_TagFields, OwnedRequest, parent_field="classification"):
    """Create or update a tag of a classification."""

    classification: Parent | None = None
    parent: Parent | None = None
    autoClassificationPriority: Annotated[int, Field(ge=0, le=100)] | None = None


class Tag(_TagFields, OwnedEntity):
    """A stored tag; `TagLabel.tagFQN` is its FQN."""

    classification: EntityReference | None = None
    parent: EntityReference | None = None
    children: list[EntityReference] | None = None
    autoClassificationPriority: int | None = None
    usageCount: int | None = None
    deprecated: bool | None = None
    disabled: bool | None = None
    dataProducts: list[EntityReference] | None = None
    dataContract: EntityReference | None = None


class CreateGlossaryRequest(GovernedFields, TaggedFields, OwnedRequest, entity_type="glossary"):
    """Create or update a glossary."""


class Glossary(GovernedFields, TaggedFields, OwnedEntity, entity_type="glossary"):
    """A stored glossary."""

    usageCount: int | None = None
    termCount: int | None = None
    disabled: bool | None = None
    dataProducts: list[EntityReference] | None = None
    dataContract: EntityReference | None = None
    votes: dict[str, Any] | None = None
    namespaces: list[dict[str, Any]] | None = None


class TermReference(Model):
    """An external page about a term."""

    name: str | None = None
    endpoint: Uri | None = None


class TermRelation(Model):
    """Relation of a term to another."""

    relationType: Annotated[str, StringConstraints(pattern="^[a-zA-Z][a-zA-Z0-9]*$")] = "relatedTo"
    term: EntityReference

    @model_validator(mode="before")
    @classmethod
    def _of_reference(cls, values: Any) -> Any:
        """Take the term itself, which is what older servers show."""
        is_term = isinstance(values, dict) and "term" not in values and "id" in values
        return {"term": values} if is_term else values


class _GlossaryTermFields(GovernedFields, TaggedFields, entity_type="glossaryTerm"):
    iri: Uri | None = None
    style: dict[str, Any] | None = None
    synonyms: list[EntityName] | None = None
    references: list[TermReference] | None = None
    conceptMappings: list[dict[str, Any]] | None = None


class CreateGlossaryTermRequest(_GlossaryTermFields, OwnedRequest, parent_field="glossary"):
    """Create or update a term of a glossary; `parent` is the broader term."""

    glossary: Parent
    parent: Parent | None = None
    relatedTerms: list[FullyQualifiedName] | None = None


class GlossaryTerm(_GlossaryTermFields, OwnedEntity):
    """A stored term; as a label, its FQN is `TagLabel.tagFQN`."""

    glossary: EntityReference
    parent: EntityReference | None = None
    children: list[EntityReference] | None = None
    relatedTerms: list[TermRelation] | None = None
    usageCount: int | None = None
    childrenCount: int | None = None
    disabled: bool | None = None
    dataProducts: list[EntityReference] | None = None
    dataContract: EntityReference | None = None
    votes: dict[str, Any] | None = None


class _UserFields(Model, entity_type="user"):
    email: Email
    externalId: str | None = None
    scimUserName: str | None = None
    timezone: str | None = None
    isBot: bool | None = None
    botName: str | None = None
    isAdmin: bool | None = None
    profile: dict[str, Any] | None = None
    personas: list[EntityReference] | None = None
    defaultPersona: EntityReference | None = None


class CreateUserRequest(_UserFields, CreateRequest):
    """Create or update a user; the name is stored in lower case (§3.0)."""

    teams: list[UUID] | None = None
    roles: list[UUID] | None = None
    domains: list[Annotated[EntityName, IS_FQN]] | None = None


class User(_UserFields, Entity):
    """A stored user."""

    isEmailVerified: bool | None = None
    allowImpersonation: bool | None = None
    owns: list[EntityReference] | None = None
    follows: list[EntityReference] | None = None
    inheritedRoles: list[EntityReference] | None = None
    inheritedPersonas: list[EntityReference] | None = None
    personaPreferences: list[dict[str, Any]] | None = None
    lastLoginTime: int | None = None
    lastActivityTime: int | None = None
    teams: list[EntityReference] | None = None
    roles: list[EntityReference] | None = None
    domains: list[EntityReference] | None = None


class TeamType(str, Enum):
    """Level of a team; only a Group can own data."""

    Group = "Group"
    Department = "Department"
    Division = "Division"
    BusinessUnit = "BusinessUnit"
    Organization = "Organization"


class _TeamFields(Model, entity_type="team"):
    email: Email | None = None
    externalId: str | None = None
    profile: dict[str, Any] | None = None
    isJoinable: bool | None = None
    owners: list[EntityReference] | None = None


class CreateTeamRequest(_TeamFields, CreateRequest):
    """Create or update a team."""

    teamType: TeamType
    parents: list[UUID] | None = None
    children: list[UUID] | None = None
    users: list[UUID] | None = None
    defaultRoles: list[UUID] | None = None
    defaultPersona: UUID | None = None
    policies: list[UUID] | None = None
    domains: list[Annotated[EntityName, IS_FQN]] | None = None


class Team(_TeamFields, Entity):
    """A stored team."""

    teamType: TeamType | None = None
    parents: list[EntityReference] | None = None
    children: list[EntityReference] | None = None
    users: list[EntityReference] | None = None
    defaultRoles: list[EntityReference] | None = None
    inheritedRoles: list[EntityReference] | None = None
    descendantTeams: list[EntityReference] | None = None
    owns: list[EntityReference] | None = None
    childrenCount: int | None = None
    userCount: int | None = None
    defaultPersona: EntityReference | None = None
    policies: list[EntityReference] | None = None
    domains: list[EntityReference] | None = None
