"""Security services: where access policies are kept (REST contract §2)."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from om_ingest.model.entity import Model
from om_ingest.model.service import Connection, UnstyledServiceEntity, UnstyledServiceRequest


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
