"""Metadata services: other catalogs (REST contract §2)."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from om_ingest.model.entity import Model
from om_ingest.model.service import Connection, PlainServiceEntity, PlainServiceRequest


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
