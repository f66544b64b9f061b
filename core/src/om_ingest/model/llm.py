"""LLM services: providers of language models (REST contract §2)."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from om_ingest.model.entity import EntityReference, Model
from om_ingest.model.service import Connection, UnstyledServiceEntity, UnstyledServiceRequest


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
