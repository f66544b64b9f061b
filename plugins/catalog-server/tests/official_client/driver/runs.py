"""Ingestion pipelines, and the runs that a workflow reports to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.api.services.ingestionPipelines.createIngestionPipeline import (
    CreateIngestionPipelineRequest,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.ingestionPipeline import (
    IngestionPipeline,
    PipelineStatus,
)
from metadata.generated.schema.entity.services.ingestionPipelines.progressUpdate import (
    ProgressUpdate,
)
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.ometa.utils import get_entity_type

from driver.kinds import fqn_of, make
from driver.scene import Scene
from driver.services import CONNECTIONS

FQN = '"runs.of".nightly'
SPELLED = {"mcpservice": "mcpService"}
"""Types that the client does not know how to spell."""
START = 1_700_000_000_000
RUN = "11111111-0000-4000-8000-000000000000"


def plays(scene: Scene) -> dict[str, Callable[[], Runs]]:
    """One ingestion pipeline of a database service."""
    return {"runs": lambda: Runs(scene)}


def run(state: str, started: int = START, run_id: str = RUN, **fields: Any) -> PipelineStatus:
    """What a workflow reports about itself."""
    return PipelineStatus.model_validate(
        {
            "runId": run_id,
            "pipelineState": state,
            "startDate": started,
            "timestamp": started,
            **fields,
        }
    )


class Runs:
    """The calls of the client that are about ingestion pipelines."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client
        self.service: DatabaseService = make(self.client, DatabaseService, "runs.of")

    def created(self) -> dict[str, Any]:
        request = CreateIngestionPipelineRequest.model_validate(
            {
                "name": "nightly",
                "pipelineType": "metadata",
                "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
                "airflowConfig": {"scheduleInterval": "0 3 * * *"},
                "service": EntityReference(id=self.service.id, type="databaseService").model_dump(
                    mode="json", exclude_none=True
                ),
            }
        )
        made = self.client.create_or_update(request)
        found = self.client.get_by_name(IngestionPipeline, FQN)
        return {
            "fqn": fqn_of(made),
            "same": found.id == made.id,
            "service": found.service.name,
            "schedule": found.airflowConfig.scheduleInterval,
        }

    def id_from_fqn(self) -> bool:
        found = self.client.get_by_name(IngestionPipeline, FQN)
        return self.client.extract_pipeline_id_from_fqn(FQN) == str(found.id.root)

    def unknown_run(self) -> Any:
        return self.client.get_pipeline_status(FQN, RUN)

    def reported(self) -> list[Any]:
        """A run at its start, and at its end."""
        self.client.create_or_update_pipeline_status(FQN, run("running"))
        started = self.client.get_pipeline_status(FQN, RUN).pipelineState.value
        summary = {"name": "Source", "records": 4, "failures": [{"name": "x", "error": "boom"}]}
        self.client.create_or_update_pipeline_status(
            FQN, run("partialSuccess", endDate=START + 1, status=[summary])
        )
        ended = self.client.get_pipeline_status(FQN, RUN)
        step = ended.status.root[0]
        return [started, ended.pipelineState.value, step.records, step.failures[0].error]

    def between(self) -> list[list[str]]:
        """The runs of two days, and of one."""
        second = RUN.replace("1", "2")
        self.client.create_or_update_pipeline_status(FQN, run("success", START + 1000, second))
        find = self.client.get_pipeline_status_between_ts
        both = find(FQN, START, START + 1000)
        one = find(FQN, START + 1, START + 1000)
        return [sorted(each.runId for each in found) for found in (both, one)]

    def progress(self) -> Any:
        """An update on the way; the server has no stream to give it to."""
        update = ProgressUpdate.model_validate(
            {"runId": RUN, "timestamp": START, "updateType": "PROCESSING"}
        )
        return self.client.send_progress_update(FQN, RUN, update)

    def of_other_families(self) -> dict[str, str]:
        """A pipeline of a service of each other family."""
        names = {}
        for service in CONNECTIONS:
            made = make(self.client, service, f"runs of {service.__name__}")
            family = get_entity_type(service)
            request = CreateIngestionPipelineRequest.model_validate(
                {
                    "name": "nightly",
                    "pipelineType": "metadata",
                    "sourceConfig": {"config": {}},
                    "airflowConfig": {},
                    "service": {"id": str(made.id.root), "type": SPELLED.get(family, family)},
                }
            )
            pipeline = self.client.create_or_update(request)
            names[pipeline.service.type] = fqn_of(pipeline)
        return names
