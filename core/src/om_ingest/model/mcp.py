"""MCP services: servers of the Model Context Protocol (REST contract §2)."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from om_ingest.model.entity import Model
from om_ingest.model.service import Connection, UnstyledServiceEntity, UnstyledServiceRequest


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
