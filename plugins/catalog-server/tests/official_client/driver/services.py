"""The service families, and a service of each as a workflow file describes it."""

from __future__ import annotations

from typing import Any

from metadata.generated.schema.entity.services.apiService import ApiService
from metadata.generated.schema.entity.services.dashboardService import DashboardService
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.driveService import DriveService
from metadata.generated.schema.entity.services.mcpService import McpService
from metadata.generated.schema.entity.services.messagingService import MessagingService
from metadata.generated.schema.entity.services.metadataService import MetadataService
from metadata.generated.schema.entity.services.mlmodelService import MlModelService
from metadata.generated.schema.entity.services.pipelineService import PipelineService
from metadata.generated.schema.entity.services.searchService import SearchService
from metadata.generated.schema.entity.services.securityService import SecurityService
from metadata.generated.schema.entity.services.storageService import StorageService
from metadata.generated.schema.metadataIngestion.workflow import Source


def _custom(name: str) -> dict[str, Any]:
    return {
        "type": name,
        "sourcePythonClass": "made.up.Source",
        "connectionOptions": {"password": "not masked", "depth": "3"},
    }


CONNECTIONS: dict[type[Any], dict[str, Any]] = {
    DatabaseService: _custom("CustomDatabase"),
    DashboardService: _custom("CustomDashboard"),
    MessagingService: _custom("CustomMessaging"),
    PipelineService: _custom("CustomPipeline"),
    MlModelService: _custom("CustomMlModel"),
    StorageService: _custom("CustomStorage"),
    SearchService: _custom("CustomSearch"),
    DriveService: {"type": "CustomDrive", "connectionOptions": {"depth": "3"}},
    # These families have no custom type.
    ApiService: {
        "type": "Rest",
        "openAPISchemaConnection": {"openAPISchemaURL": "http://localhost/openapi.json"},
    },
    MetadataService: {
        "type": "Atlas",
        "username": "ada",
        "password": "not masked",
        "entity_type": "Table",
        "hostPort": "http://localhost:21000/",
    },
    SecurityService: {
        "type": "Ranger",
        "hostPort": "http://localhost:6080/",
        "authType": {"username": "ada", "password": "not masked"},
    },
    McpService: {"type": "Mcp", "configFilePaths": ["servers.json"]},
}
"""What a service of each class is connected with."""


def workflow_source(service: type[Any], name: str) -> Source:
    """The `source` of a workflow file for a service."""
    connection = CONNECTIONS[service]
    return Source.model_validate(
        {
            "type": connection["type"],
            "serviceName": name,
            "serviceConnection": {"config": connection},
            "sourceConfig": {"config": {}},
        }
    )
