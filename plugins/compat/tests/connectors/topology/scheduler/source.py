"""A connector for release 1.5: flows of a scheduler, their runs, and the tables that they write."""

from typing import Any, Iterable, List, Optional

from metadata.generated.schema.api.data.createPipeline import CreatePipelineRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.entity.data.pipeline import (
    Pipeline,
    PipelineStatus,
    StatusType,
    Task,
    TaskStatus,
)
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.services.connections.testConnectionResult import (
    StatusType as TestStatus,
    TestConnectionResult,
    TestConnectionStepResult,
)
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import (
    EntityName,
    FullyQualifiedEntityName,
    Markdown,
    SourceUrl,
    Timestamp,
)
from metadata.generated.schema.type.entityLineage import EntitiesEdge, LineageDetails
from metadata.generated.schema.type.entityLineage import Source as LineageSource
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.models import Either
from metadata.ingestion.models.pipeline_status import OMetaPipelineStatus
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.pipeline.pipeline_service import PipelineServiceSource
from metadata.utils import fqn

FLOWS = [
    {"name": "load", "tasks": ["fetch", "store"], "runs": [("Successful", 1700000000000)]},
    {"name": "report", "tasks": ["print"], "runs": [("Failed", 1700000100000)]},
    {"name": "test.old", "tasks": [], "runs": []},
]


class SchedulerSource(PipelineServiceSource):
    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def get_pipelines_list(self) -> Optional[List[Any]]:
        return self.client

    def get_pipeline_name(self, pipeline_details: dict) -> str:
        return pipeline_details["name"]

    def yield_pipeline(self, pipeline_details: dict) -> Iterable[Either[CreatePipelineRequest]]:
        name = pipeline_details["name"]
        request = CreatePipelineRequest(
            name=EntityName(name),
            displayName=name.title(),
            description=Markdown(f"The flow {name}"),
            sourceUrl=SourceUrl(f"https://flows.example/{name}"),
            service=FullyQualifiedEntityName(self.context.get().pipeline_service),
            tasks=[Task(name=task) for task in pipeline_details["tasks"]],
        )
        yield Either(right=request)
        self.register_record(pipeline_request=request)

    def _fqn(self, *_: Any) -> str:
        return fqn.build(
            metadata=self.metadata,
            entity_type=Pipeline,
            service_name=self.context.get().pipeline_service,
            pipeline_name=self.context.get().pipeline,
        )

    def yield_pipeline_status(self, pipeline_details: dict):
        for state, at in pipeline_details["runs"]:
            yield Either(
                right=OMetaPipelineStatus(
                    pipeline_fqn=self._fqn(),
                    pipeline_status=PipelineStatus(
                        executionStatus=StatusType(state),
                        timestamp=Timestamp(at),
                        taskStatus=[
                            TaskStatus(name=task, executionStatus=StatusType(state).value)
                            for task in pipeline_details["tasks"]
                        ],
                    ),
                )
            )

    def yield_pipeline_lineage_details(self, pipeline_details: dict):
        if pipeline_details["name"] != "load":
            return
        pipeline = self.metadata.get_by_name(entity=Pipeline, fqn=self._fqn())
        for service in self.get_db_service_names():
            ends = [
                self.metadata.get_by_name(entity=Table, fqn=f"{service}.lake.sales.{name}")
                for name in ("customers", "orders")
            ]
            if all(ends):
                yield Either(
                    right=AddLineageRequest(
                        edge=EntitiesEdge(
                            fromEntity=EntityReference(id=ends[0].id, type="table"),
                            toEntity=EntityReference(id=ends[1].id, type="table"),
                            lineageDetails=LineageDetails(
                                pipeline=EntityReference(id=pipeline.id.root, type="pipeline"),
                                source=LineageSource.PipelineLineage,
                            ),
                        )
                    )
                )


def get_connection(connection):
    return FLOWS[: int(connection.connectionOptions.root["count"])]


def test_connection(metadata, client, service_connection, automation_workflow=None):
    step = TestConnectionStepResult(name="CheckAccess", mandatory=True, passed=bool(client))
    return TestConnectionResult(status=TestStatus.Successful, steps=[step])
