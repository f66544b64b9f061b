"""A document store that keeps its collections in one JSON file."""

import json
from typing import Optional

from metadata.generated.schema.entity.automations.workflow import Workflow as AutomationWorkflow
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.connections.testConnectionResult import (
    TestConnectionResult,
)
from metadata.ingestion.connections.test_connections import test_connection_steps
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.constants import THREE_MIN


class TinyClient:
    def __init__(self, path: str):
        self.path = path

    def collections(self) -> dict:
        with open(self.path) as file:
            return json.load(file)


def get_connection(connection: CustomDatabaseConnection) -> TinyClient:
    return TinyClient(connection.connectionOptions.root["path"])


def test_connection(
    metadata: OpenMetadata,
    client: TinyClient,
    service_connection: CustomDatabaseConnection,
    automation_workflow: Optional[AutomationWorkflow] = None,
    timeout_seconds: Optional[int] = THREE_MIN,
) -> TestConnectionResult:
    return test_connection_steps(
        metadata=metadata,
        test_fn={"CheckAccess": client.collections, "GetTables": client.collections},
        service_type=service_connection.type.value,
        automation_workflow=automation_workflow,
        timeout_seconds=timeout_seconds,
    )
