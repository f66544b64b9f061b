"""MCP services: servers of the Model Context Protocol (REST contract §2)."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from om_ingest.model.service import Connection, UnstyledServiceEntity, UnstyledServiceRequest


class McpServiceType(str, Enum):
    """Every MCP product that OpenMetadata names."""

    Mcp = "Mcp"


class McpConnection(Connection):
    """How to reach an MCP server."""


class CreateMcpServiceRequest(UnstyledServiceRequest):
    """Create or update a MCP service."""

    entity_type: ClassVar[str] = "mcpService"

    serviceType: McpServiceType
    connection: McpConnection | None = None


class McpService(UnstyledServiceEntity):
    """A stored MCP service."""

    entity_type: ClassVar[str] = "mcpService"

    serviceType: McpServiceType
    connection: McpConnection | None = None
