"""Nightly jobs of a status board, as pipelines, with the tables that they fill. For OpenMetadata 1.1."""

import json
from datetime import datetime, timezone
from typing import Iterable, List, Optional

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createPipeline import CreatePipelineRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.api.services.createDatabaseService import (
    CreateDatabaseServiceRequest,
)
from metadata.generated.schema.entity.data.pipeline import (
    Pipeline,
    PipelineStatus,
    StatusType,
    Task,
    TaskStatus,
)
from metadata.generated.schema.entity.data.table import Column, DataType, Table
from metadata.generated.schema.entity.services.databaseService import (
    DatabaseConnection,
    DatabaseService,
    DatabaseServiceType,
)
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.pipelineService import PipelineService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.entityLineage import EntitiesEdge, LineageDetails
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.source import Source, SourceStatus
from metadata.ingestion.models.pipeline_status import OMetaPipelineStatus
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils import fqn

STATUS = {"green": StatusType.Successful, "red": StatusType.Failed}


class BoardStatus(SourceStatus):
    """Counts jobs beside what the framework counts"""

    jobs: List[str] = []

    def job(self, name: str) -> None:
        self.jobs.append(name)
        self.scanned(name)


class BoardSource(Source):
    def __init__(self, config, metadata_config):
        self.config: WorkflowSource = config
        self.status = BoardStatus()
        self.metadata = OpenMetadata(metadata_config)
        connection = config.serviceConnection.__root__.config
        with open(connection.connectionOptions.__root__["board"]) as file:
            self.board = json.load(file)

    @classmethod
    def create(cls, config_dict, metadata_config):
        return cls(WorkflowSource.parse_obj(config_dict), metadata_config)

    def prepare(self):
        # The warehouse is not ingested by anybody else
        self.warehouse: DatabaseService = self.metadata.create_or_update(
            CreateDatabaseServiceRequest(
                name="board-warehouse",
                serviceType=DatabaseServiceType.CustomDatabase,
                connection=DatabaseConnection(
                    config=CustomDatabaseConnection(type="CustomDatabase")
                ),
            )
        )

    def next_record(self) -> Iterable:
        yield self.metadata.get_create_service_from_source(PipelineService, self.config)
        service = self.warehouse.fullyQualifiedName.__root__
        yield CreateDatabaseRequest(name="dwh", service=service)
        yield CreateDatabaseSchemaRequest(name="main", database=f"{service}.dwh")
        for name in self.board["tables"]:
            yield CreateTableRequest(
                name=name,
                databaseSchema=f"{service}.dwh.main",
                columns=[Column(name="id", dataType=DataType["BIGINT"])],
            )
        for job in self.board["jobs"]:
            yield from self.job(job)

    def job(self, job: dict):
        request = CreatePipelineRequest(
            name=job["name"],
            displayName=job["title"],
            sourceUrl=f"https://board.example/{job['name']}",
            service=self.config.serviceName,
            startDate=datetime(2023, 5, 1, tzinfo=timezone.utc),
            tasks=[
                Task(name=step, taskType="shell", downstreamTasks=job["steps"][number : number + 1])
                for number, step in enumerate(job["steps"], 1)
            ],
        )
        yield request
        pipeline: Optional[Pipeline] = self.metadata.get_by_name(
            entity=Pipeline,
            fqn=fqn.build(
                self.metadata,
                entity_type=Pipeline,
                service_name=self.config.serviceName,
                pipeline_name=request.name.__root__,
            ),
        )
        ends = [
            self.metadata.get_by_name(
                entity=Table,
                fqn=fqn.build(
                    metadata=self.metadata,
                    entity_type=Table,
                    service_name="board-warehouse",
                    database_name="dwh",
                    schema_name="main",
                    table_name=job[end],
                ),
            )
            for end in ("from", "to")
        ]
        yield AddLineageRequest(
            edge=EntitiesEdge(
                fromEntity=EntityReference(id=ends[0].id.__root__, type="table"),
                toEntity=EntityReference(id=ends[1].id.__root__, type="table"),
                lineageDetails=LineageDetails(
                    sqlQuery="insert into {} select * from {}".format(job["to"], job["from"]),
                    pipeline=EntityReference(id=pipeline.id.__root__, type="pipeline"),
                ),
            )
        )
        for run in job["runs"]:
            yield OMetaPipelineStatus(
                pipeline_fqn=pipeline.fullyQualifiedName.__root__,
                pipeline_status=PipelineStatus(
                    timestamp=run["at"],
                    executionStatus=STATUS[run["light"]],
                    taskStatus=[
                        TaskStatus(name=step, executionStatus=STATUS[run["light"]].value)
                        for step in job["steps"]
                    ],
                ),
            )
        self.status.job(job["name"])

    def get_status(self) -> SourceStatus:
        return self.status

    def test_connection(self) -> None:
        return None

    def close(self):
        pass
