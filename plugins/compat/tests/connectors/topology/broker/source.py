"""A connector for release 1.5: topics of a broker with sample messages."""

from typing import Any, Iterable, Optional

from metadata.generated.schema.api.data.createTopic import CreateTopicRequest
from metadata.generated.schema.entity.data.topic import Topic, TopicSampleData
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, FullyQualifiedEntityName
from metadata.generated.schema.type.schema import SchemaType
from metadata.generated.schema.type.schema import Topic as TopicSchema
from metadata.ingestion.api.models import Either
from metadata.ingestion.models.ometa_topic_data import OMetaTopicSampleData
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.messaging.messaging_service import (
    BrokerTopicDetails,
    MessagingServiceSource,
)
from metadata.utils import fqn


class BrokerSource(MessagingServiceSource):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__(config, metadata)
        self.generate_sample_data = self.config.sourceConfig.config.generateSampleData

    @classmethod
    def create(cls, config_dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def get_topic_list(self) -> Iterable[BrokerTopicDetails]:
        for name, partitions in self.connection.items():
            yield BrokerTopicDetails(topic_name=name, topic_metadata=partitions)

    def get_topic_name(self, topic_details: BrokerTopicDetails) -> str:
        return topic_details.topic_name

    def yield_topic(
        self, topic_details: BrokerTopicDetails
    ) -> Iterable[Either[CreateTopicRequest]]:
        request = CreateTopicRequest(
            name=EntityName(topic_details.topic_name),
            service=FullyQualifiedEntityName(self.context.get().messaging_service),
            partitions=topic_details.topic_metadata,
            messageSchema=TopicSchema(
                schemaText='{"type": "object"}', schemaType=SchemaType.JSON, schemaFields=[]
            ),
        )
        yield Either(right=request)
        self.register_record(topic_request=request)

    def yield_topic_sample_data(self, topic_details: BrokerTopicDetails):
        if not self.generate_sample_data:
            return
        topic_entity = self.metadata.get_by_name(
            entity=Topic,
            fqn=fqn.build(
                metadata=self.metadata,
                entity_type=Topic,
                service_name=self.context.get().messaging_service,
                topic_name=topic_details.topic_name,
            ),
        )
        yield Either(
            right=OMetaTopicSampleData(
                topic=topic_entity,
                sample_data=TopicSampleData(messages=[f"first of {topic_details.topic_name}"]),
            )
        )

    def test_connection(self) -> None:
        pass


def get_connection(connection: Any) -> dict:
    options = connection.connectionOptions.root
    topics = (topic.split(":") for topic in options["topics"].split(","))
    return {name: int(count) for name, count in topics}
