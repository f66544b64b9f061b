"""The night's work, a pipeline: tasks, how the last run went, lineage of what it moves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from metadata.generated.schema.api.data.createPipeline import CreatePipelineRequest
from metadata.generated.schema.entity.data.pipeline import (
    PipelineState,
    PipelineStatus,
    StatusType,
    Task,
    TaskStatus,
)
from metadata.generated.schema.entity.services.connections.pipeline.customPipelineConnection import (
    CustomPipelineConnection,
)
from metadata.generated.schema.entity.services.pipelineService import PipelineService
from metadata.generated.schema.type.basic import Timestamp
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.models.ometa_lineage import OMetaFQNLineageRequest
from metadata.ingestion.models.pipeline_status import OMetaPipelineStatus

from .steps import ToyshopSource


class NightSource(ToyshopSource):
    service_type = PipelineService
    connection_type = CustomPipelineConnection

    def records(self) -> Iterable[Any]:
        began = int(datetime(2026, 3, 1, 23, 30, tzinfo=timezone.utc).timestamp() * 1000)
        yield CreatePipelineRequest(
            name="tidy.up",
            displayName="Tidy up",
            description="Puts the toys back",
            sourceUrl=f"{self.options['url']}/tidy",
            service=self.service,
            scheduleInterval="30 23 * * *",
            concurrency=1,
            state=PipelineState.Active,
            startDate="2026-01-01T00:00:00Z",
            tasks=[
                Task(name="collect", taskType="shell", downstreamTasks=["sort"]),
                Task(name="sort", taskType="sql", taskSQL="UPDATE toys SET place = home"),
            ],
        )
        yield CreatePipelineRequest(name="lock", service=self.service, tasks=[Task(name="door")])
        yield OMetaPipelineStatus(
            pipeline_fqn=f'{self.service}."tidy.up"',
            pipeline_status=PipelineStatus(
                timestamp=Timestamp(began),
                executionStatus=StatusType.Failed.value,
                taskStatus=[
                    TaskStatus(
                        name="collect",
                        executionStatus=StatusType.Successful,
                        startTime=began,
                        endTime=began + 60_000,
                    ),
                    TaskStatus(name="sort", executionStatus=StatusType.Failed),
                ],
            ),
        )
        yield Barrier(reason="lineage needs both of its ends")
        yield OMetaFQNLineageRequest(
            from_entity_fqn=f'{self.service}."tidy.up"',
            from_entity_type="pipeline",
            to_entity_fqn=f"{self.service}.lock",
            to_entity_type="pipeline",
        )
