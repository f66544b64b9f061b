"""Services without assets: metadata, security, MCP, LLM (REST contract §2)."""

from __future__ import annotations

from enum import Enum

from om_ingest.model.entity import EntityReference, Model
from om_ingest.model.service import (
    PlainServiceEntity,
    PlainServiceRequest,
    UnstyledServiceEntity,
    UnstyledServiceRequest,
)


class MetadataServiceType(str, Enum):
    """Metadata products that OpenMetadata knows."""

    Amundsen = "Amundsen"
    MetadataES = "MetadataES"
    OpenMetadata = "OpenMetadata"
    Atlas = "Atlas"
    Alation = "Alation"
    AlationSink = "AlationSink"
    Collibra = "Collibra"


class _MetadataService(Model, entity_type="metadataService"):
    serviceType: MetadataServiceType


class CreateMetadataServiceRequest(_MetadataService, PlainServiceRequest):
    """Create or update a metadata service."""


class MetadataService(_MetadataService, PlainServiceEntity):
    """A stored metadata service."""

    provider: str | None = None


class SecurityServiceType(str, Enum):
    """Security products that OpenMetadata knows."""

    Ranger = "Ranger"


class _SecurityService(Model, entity_type="securityService"):
    serviceType: SecurityServiceType


class CreateSecurityServiceRequest(_SecurityService, UnstyledServiceRequest):
    """Create or update a security service."""


class SecurityService(_SecurityService, UnstyledServiceEntity):
    """A stored security service."""


class McpServiceType(str, Enum):
    """MCP products that OpenMetadata knows."""

    Mcp = "Mcp"


class _McpService(Model, entity_type="mcpService"):
    serviceType: McpServiceType


class CreateMcpServiceRequest(_McpService, UnstyledServiceRequest):
    """Create or update an MCP service."""


class McpService(_McpService, UnstyledServiceEntity):
    """A stored MCP service."""


class LlmServiceType(str, Enum):
    """LLM products that OpenMetadata knows; `CustomLLM` for all others."""

    OpenAI = "OpenAI"
    Anthropic = "Anthropic"
    AzureOpenAI = "AzureOpenAI"
    Bedrock = "Bedrock"
    VertexAI = "VertexAI"
    Ollama = "Ollama"
    HuggingFace = "HuggingFace"
    CustomLLM = "CustomLLM"


class _LlmService(Model, entity_type="llmService"):
    serviceType: LlmServiceType


class CreateLlmServiceRequest(_LlmService, UnstyledServiceRequest):
    """Create or update an LLM service."""


class LlmService(_LlmService, UnstyledServiceEntity):
    """A stored LLM service."""

    models: list[EntityReference] | None = None
