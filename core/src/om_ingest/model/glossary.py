"""Glossaries and their terms (REST contract §3.1)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints

from om_ingest.model.entity import (
    EntityReference,
    GovernedFields,
    Model,
    OwnedEntity,
    OwnedRequest,
    Parent,
    TaggedFields,
)
from om_ingest.model.naming import EntityName, FullyQualifiedName, Uri


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
