"""Messaging services and topics (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

from pydantic import Field

from om_ingest.model.entity import Model, ServiceAssetEntity, ServiceAssetRequest
from om_ingest.model.naming import Number
from om_ingest.model.schema import MessageSchema
from om_ingest.model.service import ServiceEntity, ServiceRequest


class MessagingServiceType(str, Enum):
    """Messaging products that OpenMetadata knows; `CustomMessaging` for all others."""

    Kafka = "Kafka"
    Redpanda = "Redpanda"
    Kinesis = "Kinesis"
    PubSub = "PubSub"
    CustomMessaging = "CustomMessaging"


class _MessagingService(Model, entity_type="messagingService"):
    serviceType: MessagingServiceType


class CreateMessagingServiceRequest(_MessagingService, ServiceRequest):
    """Create or update a messaging service."""


class MessagingService(_MessagingService, ServiceEntity):
    """A stored messaging service."""


class CleanupPolicy(str, Enum):
    """Clean-up of old messages."""

    delete = "delete"
    compact = "compact"


Partitions = Annotated[int, Field(ge=1)]
"""Number of partitions of a topic."""


class TopicSampleData(Model):
    """Sample messages, each as text."""

    messages: list[str] | None = None


class _TopicFields(Model, entity_type="topic"):
    partitions: Partitions
    messageSchema: MessageSchema | None = None
    cleanupPolicies: list[CleanupPolicy] | None = None
    replicationFactor: int | None = None
    retentionTime: Number | None = None
    maximumMessageSize: int | None = None
    minimumInSyncReplicas: int | None = None
    retentionSize: Number | None = None
    topicConfig: dict[str, Any] | None = None


class CreateTopicRequest(_TopicFields, ServiceAssetRequest):
    """Create or update a topic; times are in ms, sizes in bytes."""


class Topic(_TopicFields, ServiceAssetEntity):
    """A stored topic."""

    serviceType: MessagingServiceType | None = None
    sampleData: TopicSampleData | None = None
