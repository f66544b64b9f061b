"""Topics of a broker, with schema and samples. OpenMetadata 1.6."""

import json
from typing import Iterable, Optional

from metadata.generated.schema.api.data.createTopic import CreateTopicRequest
from metadata.generated.schema.entity.data.topic import CleanupPolicy, TopicSampleData
from metadata.generated.schema.entity.data.topic import Topic as TopicEntity
from metadata.generated.schema.entity.services.connections.messaging.customMessagingConnection import (
    CustomMessagingConnection,
)
from metadata.generated.schema.entity.services.messagingService import MessagingService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.schema import DataTypeTopic, FieldModel, SchemaType, Topic
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.models.ometa_topic_data import OMetaTopicSampleData
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.filters import filter_by_topic
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class StreamSource(Source):
    def __init__(self, config: WorkflowSource, metadata_config: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata_config
        self.source_config = config.sourceConfig.config
        self.service_connection = config.serviceConnection.root.config
        self.path = self.service_connection.connectionOptions.root.get("topics")

    @classmethod
    def create(cls, config_dict, metadata_config: OpenMetadata, pipeline_name: str = None):
        config = WorkflowSource.parse_obj(config_dict)
        if not isinstance(config.serviceConnection.root.config, CustomMessagingConnection):
            raise InvalidSourceException(
                f"Expected CustomMessagingConnection, got {config.serviceConnection.root.config}"
            )
        return cls(config, metadata_config)

    def prepare(self):
        pass

    def test_connection(self) -> bool:
        return self.path is not None

    def _iter(self) -> Iterable[Either]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=MessagingService, config=self.config
            )
        )
        with open(self.path) as file:
            topics = json.load(file)
        for topic in topics:
            if filter_by_topic(self.source_config.topicFilterPattern, topic["name"]):
                self.status.filter(topic["name"], "Topic Filtered Out")
                continue
            yield Either(right=self.topic(topic))
            yield from self.samples(topic) or []

    def topic(self, topic) -> CreateTopicRequest:
        return CreateTopicRequest(
            name=topic["name"],
            service=self.config.serviceName,
            partitions=topic["partitions"],
            replicationFactor=1,
            cleanupPolicies=[CleanupPolicy.delete],
            retentionTime=3600000.0,
            messageSchema=Topic(
                schemaText=json.dumps(topic["schema"]),
                schemaType=SchemaType.JSON,
                schemaFields=[
                    FieldModel(
                        name="root",
                        dataType=DataTypeTopic.RECORD,
                        children=[
                            FieldModel(name=name, dataType=DataTypeTopic(kind))
                            for name, kind in topic["schema"].items()
                        ],
                    )
                ],
            ),
        )

    def samples(self, topic) -> Optional[Iterable[Either]]:
        if not topic.get("messages"):
            return None
        return self.yield_samples(topic)

    def yield_samples(self, topic):
        entity: TopicEntity = self.metadata.get_by_name(
            entity=TopicEntity, fqn=f"{self.config.serviceName}.{topic['name']}"
        )
        yield Either(
            right=OMetaTopicSampleData(
                topic=entity,
                sample_data=TopicSampleData(messages=[json.dumps(m) for m in topic["messages"]]),
            )
        )

    def close(self):
        pass
