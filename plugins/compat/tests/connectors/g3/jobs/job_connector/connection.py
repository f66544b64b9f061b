"""Where upstream would look for them, were this a connector of its own"""

from typing import Optional

from metadata.generated.schema.entity.automations.workflow import Workflow as AutomationWorkflow
from metadata.generated.schema.entity.services.connections.pipeline.customPipelineConnection import (
    CustomPipelineConnection,
)
from metadata.ingestion.ometa.ometa_api import OpenMetadata


class Scheduler:
    def __init__(self, host: str, down: bool):
        self.host, self.down = host, down

    def jobs(self):
        if self.down:
            raise ConnectionError(f"{self.host} is down")
        return [
            {"name": "nightly", "tasks": {"extract": [], "load": ["extract"]}, "state": "ok"},
            {"name": "hourly", "tasks": {"ping": []}, "state": "broken"},
        ]


def get_connection(connection: CustomPipelineConnection) -> Scheduler:
    options = connection.connectionOptions.root
    return Scheduler(options["host"], options.get("down") == "yes")


def test_connection(
    metadata: OpenMetadata,
    client: Scheduler,
    service_connection: CustomPipelineConnection,
    automation_workflow: Optional[AutomationWorkflow] = None,
) -> None:
    try:
        from metadata.ingestion.connections.test_connections import test_connection_steps

        test_connection_steps(
            metadata=metadata,
            test_fn={"GetPipelines": client.jobs},
            service_type=service_connection.type.value,
            automation_workflow=automation_workflow,
        )
    except Exception:  # no definition of the steps on the server
        client.jobs()
