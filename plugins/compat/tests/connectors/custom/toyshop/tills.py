"""The tills, messaging: topics with a schema, and samples of their messages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from metadata.generated.schema.api.data.createTopic import CreateTopicRequest
from metadata.generated.schema.entity.data.topic import CleanupPolicy, Topic, TopicSampleData
from metadata.generated.schema.entity.services.connections.messaging.customMessagingConnection import (
    CustomMessagingConnection,
)
from metadata.generated.schema.entity.services.messagingService import MessagingService
from metadata.generated.schema.type.schema import DataTypeTopic, FieldModel, SchemaType
from metadata.generated.schema.type.schema import Topic as MessageSchema
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.models.ometa_topic_data import OMetaTopicSampleData

from .steps import ToyshopSource

SCHEMA = {
    "type": "record",
    "name": "Sale",
    "fields": [{"name": "toy", "type": "string"}, {"name": "cents", "type": "long"}],
}


class TillsSource(ToyshopSource):
    service_type = MessagingService
    connection_type = CustomMessagingConnection

    def records(self) -> Iterable[Any]:
        yield CreateTopicRequest(
            name="sales",
            description="Each sale",
            service=self.service,
            partitions=3,
            replicationFactor=2,
            retentionTime=86_400_000,
            cleanupPolicies=[CleanupPolicy.delete],
            topicConfig={"min.insync.replicas": "1"},
            messageSchema=MessageSchema(
                schemaText=json.dumps(SCHEMA),
                schemaType=SchemaType.Avro,
                schemaFields=[
                    FieldModel(
                        name=SCHEMA["name"],
                        dataType=DataTypeTopic.RECORD,
                        children=[
                            FieldModel(
                                name=field["name"], dataType=DataTypeTopic[field["type"].upper()]
                            )
                            for field in SCHEMA["fields"]
                        ],
                    )
                ],
            ),
        )
        yield CreateTopicRequest(name="complaints", service=self.service, partitions=1)
        yield Barrier(reason="samples need their topic")
        topic = self.metadata.get_by_name(entity=Topic, fqn=f"{self.service}.sales")
        yield OMetaTopicSampleData(
            topic=topic,
            sample_data=TopicSampleData(messages=[json.dumps({"toy": "Bear", "cents": 1999})]),
        )
