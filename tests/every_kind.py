"""One request of every kind, with all that it needs around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from om_ingest import Record
from om_ingest.kinds import KINDS
from om_ingest.model.entity import CreateRequest

PRODUCTS = {
    "database": "CustomDatabase",
    "dashboard": "CustomDashboard",
    "messaging": "CustomMessaging",
    "pipeline": "CustomPipeline",
    "mlmodel": "CustomMlModel",
    "storage": "CustomStorage",
    "search": "CustomSearch",
    "metadata": "Amundsen",
    "api": "Rest",
    "drive": "CustomDrive",
    "security": "Ranger",
    "mcp": "Mcp",
    "llm": "CustomLLM",
}

SINCE = {
    "metric": (1, 6, 0),
    "securityService": (1, 8, 9),
    **dict.fromkeys(("driveService", "directory", "file", "spreadsheet", "worksheet"), (1, 9, 0)),
    "llmService": (1, 12, 0),
    "mcpService": (1, 13, 0),
}
"""First version of the kinds that servers from 1.5 on do not all have."""

COLUMN = {
    "name": "col.a",
    "dataType": "STRUCT",
    "description": "outer",
    "children": [{"name": "inner", "dataType": "INT", "description": "zebra in a column"}],
}
FIELD = {
    "name": "rec",
    "dataType": "RECORD",
    "description": "outer",
    "children": [{"name": "inner", "dataType": "INT", "description": "zebra in a field"}],
}

_BODIES: dict[str, dict[str, Any]] = {
    "user": {"email": "ann@example.com"},
    "team": {"teamType": "Group"},
    "classification": {"description": "d"},
    "tag": {"classification": "classification", "description": "d"},
    "domain": {"domainType": "Aggregate", "description": "d", "experts": ["user"]},
    "dataProduct": {"description": "d", "domains": ["domain"]},
    "glossary": {"description": "d"},
    "glossaryTerm": {"glossary": "glossary", "description": "d"},
    "database": {"service": "databaseService"},
    "databaseSchema": {"database": "databaseService.database"},
    "table": {"databaseSchema": "databaseService.database.databaseSchema", "columns": [COLUMN]},
    "storedProcedure": {
        "databaseSchema": "databaseService.database.databaseSchema",
        "storedProcedureCode": {"language": "SQL", "code": "select 1"},
    },
    "chart": {"service": "dashboardService", "chartType": "Line"},
    "dashboardDataModel": {
        "service": "dashboardService",
        "dataModelType": "SupersetDataModel",
        "columns": [COLUMN],
    },
    "dashboard": {
        "service": "dashboardService",
        "charts": ["dashboardService.chart"],
        "dataModels": ["dashboardService.model.dashboardDataModel"],
    },
    "topic": {
        "service": "messagingService",
        "partitions": 3,
        "messageSchema": {"schemaType": "Avro", "schemaFields": [FIELD]},
    },
    "pipeline": {
        "service": "pipelineService",
        "tasks": [
            {
                "name": "load",
                "description": "zebra in a task",
                "owners": [{"type": "user", "fullyQualifiedName": "user"}],
            }
        ],
    },
    "mlmodel": {
        "service": "mlmodelService",
        "dashboard": "dashboardService.dashboard",
        "mlFeatures": [
            {
                "name": "age",
                "dataType": "numerical",
                "featureSources": [
                    {
                        "name": "birthday",
                        "description": "zebra in a source",
                        "dataSource": {
                            "type": "table",
                            "fullyQualifiedName": ("databaseService.database.databaseSchema.table"),
                        },
                    }
                ],
            }
        ],
    },
    "container": {"service": "storageService", "dataModel": {"columns": [COLUMN]}},
    "searchIndex": {
        "service": "searchService",
        "fields": [{"name": "f", "dataType": "TEXT", "description": "zebra in an index"}],
    },
    "apiCollection": {"service": "apiService", "endpointURL": "https://example.com/v1"},
    "apiEndpoint": {
        "apiCollection": "apiService.apiCollection",
        "requestSchema": {"schemaFields": [FIELD]},
        "responseSchema": {"schemaFields": [FIELD]},
    },
    "directory": {"service": "driveService"},
    "file": {"service": "driveService", "directory": "driveService.directory"},
    "spreadsheet": {
        "service": "driveService",
        "parent": {"type": "directory", "fullyQualifiedName": "driveService.directory"},
    },
    "worksheet": {
        "spreadsheet": "driveService.directory.spreadsheet",
        "service": "driveService",
        "columns": [COLUMN],
    },
    "query": {
        "service": "databaseService",
        "query": "select 1",
        "users": ["user"],
        "queryUsedIn": [
            {
                "type": "table",
                "fullyQualifiedName": "databaseService.database.databaseSchema.table",
            }
        ],
    },
    "ingestionPipeline": {
        "service": {"type": "databaseService", "fullyQualifiedName": "databaseService"},
        "pipelineType": "metadata",
        "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        "airflowConfig": {},
    },
    "metric": {"metricType": "COUNT", "granularity": "DAY"},
}


def build(entity_type: str, **more: Any) -> CreateRequest:
    """A request of a kind, named like it; `more` are fields beside the ones it needs."""
    kind = KINDS[entity_type]
    body = {"name": entity_type, **_BODIES.get(entity_type, {}), **more}
    if kind.segment is not None:
        body["serviceType"] = PRODUCTS[kind.segment]
    return kind.request.model_validate(body)


def quoted(fqn: str) -> str:
    """The FQN of plain names with each of them in quotes."""
    return ".".join(f'"{part}"' for part in fqn.split("."))


def needlessly_quoted(body: Any, fields: set[str]) -> Any:
    """The body with quotes in all values of these fields, at any depth."""
    if isinstance(body, list):
        return [needlessly_quoted(item, fields) for item in body]
    if not isinstance(body, dict):
        return body
    result = {}
    for field, value in body.items():
        if field in fields and isinstance(value, str):
            result[field] = quoted(value)
        elif field in fields and isinstance(value, list) and isinstance(value[0], str):
            result[field] = [quoted(item) for item in value]
        else:
            result[field] = needlessly_quoted(value, fields)
    return result


@pytest.fixture(scope="session")
def make() -> Callable[..., CreateRequest]:
    """Builds a request of a kind, named like it, below parents that are named like theirs."""
    return build


@pytest.fixture(scope="session")
def products() -> dict[str, str]:
    """A type of service for each of OpenMetadata's segments."""
    return PRODUCTS


@pytest.fixture
def one_of_each() -> list[Record]:
    """One request of every kind, in the order in which they can be written."""
    levels = sorted(KINDS.values(), key=lambda kind: kind.level)
    return [build(kind.entity_type) for kind in levels]
