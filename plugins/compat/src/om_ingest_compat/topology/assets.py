"""Base classes for services whose assets lie right in the service.

`metadata.ingestion.source.{messaging,mlmodel}.…_service`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from om_ingest.model import (
    Entity,
    MessagingService,
    MlModel,
    MlModelService,
    Topic,
)
from pydantic import BaseModel

from om_ingest_compat.connectors.wrapped import OMetaTagAndClassification
from om_ingest_compat.shims.filters import filter_by_topic
from om_ingest_compat.topology.nodes import NodeStage, ServiceTopology, TopologyNode
from om_ingest_compat.topology.registered import OwnState
from om_ingest_compat.topology.service import ConnectedSource


class BrokerTopicDetails(BaseModel):
    """A topic of a message broker, as connectors pass it from method to method."""

    topic_name: str
    topic_metadata: Any = None


def service_node(
    service: type[Entity], family: str, child: str, deleted: Iterable[str]
) -> TopologyNode:
    """The node of a service, which is kept as it is if it exists."""
    stage = NodeStage(
        type_=service,
        processor=f"yield_create_request_{family}_service",
        context=f"{family}_service",
        overwrite=False,
    )
    return TopologyNode(
        producer="get_services", stages=[stage], children=[child], post_process=deleted
    )


def tag_stage(processor: str, *, keeps_all: bool) -> NodeStage:
    """A stage that yields tags."""
    return NodeStage(
        type_=OMetaTagAndClassification,
        processor=processor,
        context="tags",
        nullable=True,
        store_all_in_context=keeps_all,
    )


def extra_stage(processor: str, *above: str) -> NodeStage:
    """A stage for what is written beside an asset."""
    return NodeStage(type_=None, processor=processor, consumer=above, nullable=True)


class AssetSource(ConnectedSource, ABC):
    """A source whose service holds assets of one kind."""

    ASSET: ClassVar[type[Entity]]
    FAMILY: ClassVar[str]
    FLAG: ClassVar[str]

    def _registered(self, request: Any) -> None:
        getattr(self, self.STATES[self.ASSET.entity_type]).add_request(request)

    def _all_listed(self) -> Iterator[Any]:
        context = vars(self.context.get())
        return self._complete(self.ASSET, self.FLAG, context[f"{self.FAMILY}_service"])


class MessagingServiceTopology(ServiceTopology):
    """What is called for a messaging service."""

    root = service_node(MessagingService, "messaging", "topic", ["mark_topics_as_deleted"])
    topic = TopologyNode(
        producer="get_topic",
        stages=[
            NodeStage(
                type_=Topic,
                processor="yield_topic",
                context="topic",
                consumer=["messaging_service"],
            ),
            extra_stage("yield_topic_sample_data", "messaging_service"),
            extra_stage("yield_topic_lineage", "messaging_service"),
        ],
    )


class MessagingServiceSource(AssetSource, ABC):
    """Base of a source that reads topics."""

    ASSET = Topic
    FAMILY = "messaging"
    FLAG = "markDeletedTopics"
    STATES = {"topic": "topic_source_state"}  # as the base has it
    topology: Any = MessagingServiceTopology()
    topic_source_state: Any = OwnState()

    @abstractmethod
    def get_topic_list(self) -> Iterable[Any] | None:
        """The topics, in a form of the connector's own."""

    @abstractmethod
    def get_topic_name(self, topic_details: Any) -> str:
        """The name of a topic."""

    @abstractmethod
    def yield_topic(self, topic_details: Any) -> Iterable[Any]:
        """Yield the request for a topic."""

    def yield_topic_sample_data(self, topic_details: Any) -> Iterable[Any] | None:
        """Yield messages of a topic."""

    def yield_topic_lineage(self, topic_details: Any) -> Iterable[Any] | None:
        """Yield the edges of a topic."""

    def yield_create_request_messaging_service(self, config: Any) -> Iterable[Any]:
        """Yield the request for the service."""
        return self._service(MessagingService, config)

    def get_topic(self) -> Iterator[Any]:
        """The topics that the filter keeps."""
        for details in self._listing("get_topic_list", Topic):
            name = self.get_topic_name(details)
            if self._keeps(filter_by_topic, "topicFilterPattern", name, "Topic"):
                yield details

    def register_record(self, topic_request: Any) -> None:
        """Register a topic as found."""
        self._registered(topic_request)

    def mark_topics_as_deleted(self) -> Iterable[Any]:
        """Call the topics of the service complete."""
        return self._all_listed()


class MlModelServiceTopology(ServiceTopology):
    """What is called for a service of ML models."""

    root = service_node(MlModelService, "mlmodel", "mlmodel", ["mark_mlmodels_as_deleted"])
    mlmodel = TopologyNode(
        producer="get_mlmodels",
        stages=[
            NodeStage(
                type_=MlModel,
                processor="yield_mlmodel",
                context="mlmodels",
                consumer=["mlmodel_service"],
            ),
            extra_stage("yield_mlmodel_lineage", "mlmodel_service"),
        ],
    )


class MlModelServiceSource(AssetSource, ABC):
    """Base of a source that reads ML models."""

    ASSET = MlModel
    FAMILY = "mlmodel"
    FLAG = "markDeletedMlModels"
    STATES = {"mlmodel": "mlmodel_source_state"}  # as the base has it
    topology: Any = MlModelServiceTopology()
    mlmodel_source_state: Any = OwnState()

    @abstractmethod
    def get_mlmodels(self, *args: Any, **kwargs: Any) -> Iterable[Any]:
        """The models to read, filtered."""

    @abstractmethod
    def yield_mlmodel(self, *args: Any, **kwargs: Any) -> Iterable[Any]:
        """Yield the request for a model."""

    @abstractmethod
    def _get_hyper_params(self, *args: Any, **kwargs: Any) -> Any:
        """The hyperparameters of a model."""

    @abstractmethod
    def _get_ml_store(self, *args: Any, **kwargs: Any) -> Any:
        """The place where a model is stored."""

    @abstractmethod
    def _get_ml_features(self, *args: Any, **kwargs: Any) -> Any:
        """The features of a model."""

    @abstractmethod
    def _get_algorithm(self, *args: Any, **kwargs: Any) -> str:
        """The algorithm of a model."""

    def yield_mlmodel_lineage_details(
        self, mlmodel_details: Any, db_service_prefix: str | None = None
    ) -> Iterable[Any] | None:
        """Yield the edges from tables to a model."""

    def yield_mlmodel_lineage(self, mlmodel_details: Any) -> Iterable[Any]:
        """Yield the edges of a model."""
        return self._edges_by_service(self.yield_mlmodel_lineage_details, mlmodel_details)

    def yield_create_request_mlmodel_service(self, config: Any) -> Iterable[Any]:
        """Yield the request for the service."""
        return self._service(MlModelService, config)

    def register_record(self, mlmodel_request: Any) -> None:
        """Register a model as found."""
        self._registered(mlmodel_request)

    def mark_mlmodels_as_deleted(self) -> Iterable[Any]:
        """Call the models of the service complete."""
        return self._all_listed()
