"""Families of which OpenMetadata knows only the services: metadata, security, MCP, LLM (§2)."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from om_ingest.model.entity import EntityReference, Model
from om_ingest.model.service import (
    Connection,
    PlainServiceEntity,
    PlainServiceRequest,
    UnstyledServiceEntity,
    UnstyledServiceRequest,
)


class MetadataServiceType(str, Enum):
    """Every metadata product that OpenMetadata names."""

    Amundsen = "Amundsen"
    MetadataES = "MetadataES"
    OpenMetadata = "OpenMetadata"
    Atlas = "Atlas"
    Alation = "Alation"
    AlationSink = "AlationSink"
    Collibra = "Collibra"


class MetadataConnection(Connection):
    """How to reach another catalog."""


class _MetadataService(Model):
    entity_type: ClassVar[str] = "metadataService"

    serviceType: MetadataServiceType
    connection: MetadataConnection | None = None


class CreateMetadataServiceRequest(_MetadataService, PlainServiceRequest):
    """Create or update a metadata service."""


class MetadataService(_MetadataService, PlainServiceEntity):
    """A stored metadata service."""

    provider: str | None = None


class SecurityServiceType(str, Enum):
    """Every security product that OpenMetadata names."""

    Ranger = "Ranger"


class SecurityConnection(Connection):
    """How to reach a policy server."""


class _SecurityService(Model):
    entity_type: ClassVar[str] = "securityService"

    serviceType: SecurityServiceType
    connection: SecurityConnection | None = None


class CreateSecurityServiceRequest(_SecurityService, UnstyledServiceRequest):
    """Create or update a security service."""


class SecurityService(_SecurityService, UnstyledServiceEntity):
    """A stored security service."""


class McpServiceType(str, Enum):
    """Every MCP product that OpenMetadata names."""

    Mcp = "Mcp"


class McpConnection(Connection):
    """How to reach an MCP server."""


class _McpService(Model):
    entity_type: ClassVar[str] = "mcpService"

    serviceType: McpServiceType
    connection: McpConnection | None = None


class CreateMcpServiceRequest(_McpService, UnstyledServiceRequest):
    """Create or update a MCP service."""


class McpService(_McpService, UnstyledServiceEntity):
    """A stored MCP service."""


class LlmServiceType(str, Enum):
    """Every LLM product that OpenMetadata names; `CustomLLM` for all others."""

    OpenAI = "OpenAI"
    Anthropic = "Anthropic"
    AzureOpenAI = "AzureOpenAI"
    Bedrock = "Bedrock"
    VertexAI = "VertexAI"
    Ollama = "Ollama"
    HuggingFace = "HuggingFace"
    CustomLLM = "CustomLLM"


class LlmConnection(Connection):
    """How to reach a provider of language models."""


class _LlmService(Model):
    entity_type: ClassVar[str] = "llmService"

    serviceType: LlmServiceType
    connection: LlmConnection | None = None


class CreateLlmServiceRequest(_LlmService, UnstyledServiceRequest):
    """Create or update a LLM service."""


class LlmService(_LlmService, UnstyledServiceEntity):
    """A stored LLM service."""

    models: list[EntityReference] | None = None
