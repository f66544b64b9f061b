"""`metadata.ingestion.source.pipeline.pipeline_service`: service → pipeline, its runs and edges."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from om_ingest.model import Pipeline, PipelineService

from om_ingest_compat.shims.filters import filter_by_pipeline
from om_ingest_compat.topology.assets import AssetSource, extra_stage, service_node, tag_stage
from om_ingest_compat.topology.nodes import NodeStage, ServiceTopology, TopologyNode
from om_ingest_compat.topology.registered import OwnState


class PipelineServiceTopology(ServiceTopology):
    """What is called for a pipeline service."""

    root = service_node(PipelineService, "pipeline", "pipeline", ["mark_pipelines_as_deleted"])
    pipeline = TopologyNode(
        producer="get_pipeline",
        stages=[
            tag_stage("yield_tag", keeps_all=False),
            NodeStage(
                type_=Pipeline,
                processor="yield_pipeline",
                context="pipeline",
                consumer=["pipeline_service"],
            ),
            extra_stage("yield_pipeline_status", "pipeline_service"),
            extra_stage("yield_pipeline_lineage", "pipeline_service"),
            extra_stage("yield_pipeline_usage", "pipeline_service"),
        ],
        post_process=["process_pipeline_bulk_lineage"],
    )


class PipelineServiceSource(AssetSource, ABC):
    """Base of a source that reads pipelines, their runs, and their lineage."""

    ASSET = Pipeline
    FAMILY = "pipeline"
    FLAG = "markDeletedPipelines"
    STATES = {"pipeline": "pipeline_source_state"}  # as the base has it
    topology: Any = PipelineServiceTopology()
    pipeline_source_state: Any = OwnState()

    @abstractmethod
    def get_pipelines_list(self) -> Iterable[Any] | None:
        """The pipelines, in a form of the connector's own."""

    @abstractmethod
    def get_pipeline_name(self, pipeline_details: Any) -> str:
        """The name of a pipeline."""

    @abstractmethod
    def yield_pipeline(self, pipeline_details: Any) -> Iterable[Any]:
        """Yield the request for a pipeline."""

    @abstractmethod
    def yield_pipeline_lineage_details(self, pipeline_details: Any) -> Iterable[Any] | None:
        """Yield the edges of a pipeline."""

    @abstractmethod
    def yield_pipeline_status(self, pipeline_details: Any) -> Iterable[Any] | None:
        """Yield the runs of a pipeline."""

    def yield_tag(self, *args: Any, **kwargs: Any) -> Iterable[Any] | None:
        """Yield the tags of a pipeline."""

    def yield_pipeline_usage(self, pipeline_details: Any) -> Iterable[Any] | None:
        """Yield how often a pipeline was used."""

    def yield_pipeline_lineage(self, pipeline_details: Any) -> Iterable[Any] | None:
        """Yield the edges of a pipeline, if lineage is included."""
        if self._setting("includeLineage", True):
            return self._edges(self.yield_pipeline_lineage_details(pipeline_details))
        return None

    def get_pipeline_state(self, pipeline_details: Any) -> Any:
        """Whether a pipeline is active."""

    def yield_pipeline_bulk_lineage_details(self) -> Iterable[Any] | None:
        """Yield the edges that belong to no single pipeline, after all of them."""

    def process_pipeline_bulk_lineage(self) -> Iterable[Any] | None:
        """Yield the edges of no single pipeline, if lineage is included."""
        if self._setting("includeLineage", True):
            return self._edges(self.yield_pipeline_bulk_lineage_details())
        return None

    def yield_create_request_pipeline_service(self, config: Any) -> Iterable[Any]:
        """Yield the request for the service."""
        return self._service(PipelineService, config)

    def get_pipeline(self) -> Iterator[Any]:
        """The pipelines that the filter keeps."""
        for details in self._listing("get_pipelines_list", Pipeline):
            name = self.get_pipeline_name(details)
            if self._keeps(filter_by_pipeline, "pipelineFilterPattern", name, "Pipeline"):
                yield details

    def register_record(self, pipeline_request: Any) -> None:
        """Register a pipeline as found."""
        self._registered(pipeline_request)

    def mark_pipelines_as_deleted(self) -> Iterable[Any]:
        """Call the pipelines of the service complete."""
        return self._all_listed()

    def get_storage_service_names(self) -> list[str]:
        """Storage services to search for the containers of the edges."""
        return self._linked_services("storageServiceNames")

    def get_messaging_service_names(self) -> list[str]:
        """Messaging services to search for the topics of the edges."""
        return self._linked_services("messagingServiceNames")
