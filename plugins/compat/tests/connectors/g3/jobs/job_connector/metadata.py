from typing import Iterable, Optional

from metadata.generated.schema.api.data.createPipeline import CreatePipelineRequest
from metadata.generated.schema.entity.data.pipeline import (
    Pipeline,
    PipelineStatus,
    StatusType,
    Task,
    TaskStatus,
)
from metadata.generated.schema.entity.services.connections.pipeline.customPipelineConnection import (
    CustomPipelineConnection,
)
from metadata.generated.schema.entity.services.pipelineService import PipelineService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import SourceUrl, Timestamp
from metadata.ingestion.api.models import Either, StackTraceError
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.models.pipeline_status import OMetaPipelineStatus
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.filters import filter_by_pipeline
from metadata.utils.logger import ingestion_logger

from job_connector.connection import get_connection, test_connection

logger = ingestion_logger()

STATES = {"ok": StatusType.Successful, "broken": StatusType.Failed}


class JobSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection = config.serviceConnection.root.config
        self.source_config = config.sourceConfig.config
        self.connection = get_connection(self.service_connection)
        self.connection_obj = self.connection
        self.test_connection()

    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        config: WorkflowSource = WorkflowSource.model_validate(config_dict)
        connection: CustomPipelineConnection = config.serviceConnection.root.config
        if not isinstance(connection, CustomPipelineConnection):
            raise InvalidSourceException(f"Expected CustomPipelineConnection, but got {connection}")
        return cls(config, metadata)

    def prepare(self):
        pass

    def test_connection(self) -> None:
        test_connection(self.metadata, self.connection_obj, self.service_connection)

    def _iter(self) -> Iterable[Either]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=PipelineService, config=self.config
            )
        )
        for job in self.connection.jobs():
            if filter_by_pipeline(self.source_config.pipelineFilterPattern, job["name"]):
                self.status.filter(job["name"], "Pipeline Filtered Out")
                continue
            yield Either(
                right=CreatePipelineRequest(
                    name=job["name"],
                    service=self.config.serviceName,
                    scheduleInterval="0 0 * * *",
                    sourceUrl=SourceUrl(f"https://{self.connection.host}/{job['name']}"),
                    tasks=[
                        Task(
                            name=task,
                            downstreamTasks=[
                                other for other, needs in job["tasks"].items() if task in needs
                            ],
                        )
                        for task in job["tasks"]
                    ],
                )
            )
            yield from self.runs(job)

    def runs(self, job):
        found = self.metadata.get_by_name(
            entity=Pipeline, fqn=f"{self.config.serviceName}.{job['name']}", fields=["tasks"]
        )
        if not found:
            yield Either(left=StackTraceError(name=job["name"], error="No such pipeline"))
            return
        yield Either(
            right=OMetaPipelineStatus(
                pipeline_fqn=found.fullyQualifiedName.root,
                pipeline_status=PipelineStatus(
                    timestamp=Timestamp(1718000000000),
                    executionStatus=STATES[job["state"]].value,
                    taskStatus=[
                        TaskStatus(name=task.name, executionStatus=STATES[job["state"]])
                        for task in found.tasks
                    ],
                ),
            )
        )

    def close(self):
        logger.info("closed")
