"""The smallest request of each kind of entity, and what it lies below (contract §2, §3.1).

`{me}` stands for the name of the case, which makes names unique; `{database}` for the FQN of
the database that the case has made, `{database.id}` for its id.
"""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]

SERVICE_TYPES = {
    "databaseService": "CustomDatabase",
    "dashboardService": "CustomDashboard",
    "messagingService": "CustomMessaging",
    "pipelineService": "CustomPipeline",
    "mlmodelService": "CustomMlModel",
    "storageService": "CustomStorage",
    "searchService": "CustomSearch",
    "metadataService": "Amundsen",
    "apiService": "Rest",
    "driveService": "CustomDrive",
    "securityService": "Ranger",
    "mcpService": "Mcp",
    "llmService": "OpenAI",
}

COLUMNS = [{"name": "id", "dataType": "BIGINT"}, {"name": "note", "dataType": "TEXT"}]

_BODIES: dict[str, Body] = {
    "user": {"email": "{me}@example.com"},
    "team": {"teamType": "Group"},
    "classification": {"description": "A classification."},
    "tag": {"description": "A tag.", "classification": "{classification}"},
    "domain": {"description": "A domain.", "domainType": "Aggregate"},
    "dataProduct": {"description": "A data product.", "domains": ["{domain}"]},
    "glossary": {"description": "A glossary."},
    "glossaryTerm": {"description": "A term.", "glossary": "{glossary}"},
    "database": {"service": "{databaseService}"},
    "databaseSchema": {"database": "{database}"},
    "table": {"databaseSchema": "{databaseSchema}", "columns": COLUMNS},
    "storedProcedure": {
        "databaseSchema": "{databaseSchema}",
        "storedProcedureCode": {"language": "SQL", "code": "select 1"},
    },
    "query": {"service": "{databaseService}"},
    "chart": {"service": "{dashboardService}"},
    "dashboardDataModel": {
        "service": "{dashboardService}",
        "dataModelType": "TableauDataModel",
        "columns": COLUMNS,
    },
    "dashboard": {"service": "{dashboardService}"},
    "topic": {"service": "{messagingService}", "partitions": 1},
    "pipeline": {"service": "{pipelineService}"},
    "mlmodel": {"service": "{mlmodelService}", "algorithm": "regression"},
    "container": {"service": "{storageService}"},
    "searchIndex": {"service": "{searchService}", "fields": [{"name": "f", "dataType": "TEXT"}]},
    "apiCollection": {"service": "{apiService}"},
    "apiEndpoint": {"apiCollection": "{apiCollection}"},
    "directory": {"service": "{driveService}"},
    "file": {"service": "{driveService}"},
    "spreadsheet": {"service": "{driveService}"},
    "worksheet": {"spreadsheet": "{spreadsheet}"},
    "metric": {},
    "ingestionPipeline": {
        "service": {"id": "{databaseService.id}", "type": "databaseService"},
        "pipelineType": "metadata",
        "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        "airflowConfig": {},
    },
    **{kind: {"serviceType": value} for kind, value in SERVICE_TYPES.items()},
}

PARENTS = {
    "tag": "classification",
    "dataProduct": "domain",
    "glossaryTerm": "glossary",
    "database": "databaseService",
    "databaseSchema": "database",
    "table": "databaseSchema",
    "storedProcedure": "databaseSchema",
    "query": "databaseService",
    "chart": "dashboardService",
    "dashboardDataModel": "dashboardService",
    "dashboard": "dashboardService",
    "topic": "messagingService",
    "pipeline": "pipelineService",
    "mlmodel": "mlmodelService",
    "container": "storageService",
    "searchIndex": "searchService",
    "apiCollection": "apiService",
    "apiEndpoint": "apiCollection",
    "directory": "driveService",
    "file": "driveService",
    "spreadsheet": "driveService",
    "worksheet": "spreadsheet",
    "ingestionPipeline": "databaseService",
}
"""What has to be there before a specimen of a kind can be."""

COLLECTIONS = {
    "user": "users",
    "team": "teams",
    "classification": "classifications",
    "tag": "tags",
    "domain": "domains",
    "dataProduct": "dataProducts",
    "glossary": "glossaries",
    "glossaryTerm": "glossaryTerms",
    "database": "databases",
    "databaseSchema": "databaseSchemas",
    "table": "tables",
    "storedProcedure": "storedProcedures",
    "query": "queries",
    "chart": "charts",
    "dashboardDataModel": "dashboard/datamodels",
    "dashboard": "dashboards",
    "topic": "topics",
    "pipeline": "pipelines",
    "mlmodel": "mlmodels",
    "container": "containers",
    "searchIndex": "searchIndexes",
    "apiCollection": "apiCollections",
    "apiEndpoint": "apiEndpoints",
    "directory": "drives/directories",
    "file": "drives/files",
    "spreadsheet": "drives/spreadsheets",
    "worksheet": "drives/worksheets",
    "metric": "metrics",
    "ingestionPipeline": "services/ingestionPipelines",
    **{kind: f"services/{kind}s" for kind in SERVICE_TYPES},
}
"""Path of each kind's collection below `/v1/`, as the contract has it."""


REQUIRED = {
    "user": ("email",),
    "team": (),
    "tag": ("description",),
    "classification": ("description",),
    "domain": ("description", "domainType"),
    "dataProduct": ("description", "domains"),
    "glossary": ("description",),
    "glossaryTerm": ("description", "glossary"),
    "database": ("service",),
    "databaseSchema": ("database",),
    "table": ("columns", "databaseSchema"),
    "storedProcedure": ("storedProcedureCode", "databaseSchema"),
    "query": ("query", "service"),
    "chart": ("service",),
    "dashboardDataModel": ("service", "dataModelType", "columns"),
    "dashboard": ("service",),
    "topic": ("service", "partitions"),
    "pipeline": ("service",),
    "mlmodel": ("service",),
    "container": ("service",),
    "searchIndex": ("service", "fields"),
    "apiCollection": ("service",),
    "apiEndpoint": ("apiCollection",),
    "directory": ("service",),
    "file": ("service",),
    "spreadsheet": ("service",),
    "worksheet": ("spreadsheet",),
    "metric": (),
    "ingestionPipeline": ("pipelineType", "sourceConfig", "airflowConfig", "service"),
}
"""What a create request needs besides its name; services need their `serviceType`."""

FQNS = {
    "tag": "{classification}.{name}",
    "glossaryTerm": "{glossary}.{name}",
    "database": "{databaseService}.{name}",
    "databaseSchema": "{database}.{name}",
    "table": "{databaseSchema}.{name}",
    "storedProcedure": "{databaseSchema}.{name}",
    "chart": "{dashboardService}.{name}",
    "dashboardDataModel": "{dashboardService}.model.{name}",
    "dashboard": "{dashboardService}.{name}",
    "topic": "{messagingService}.{name}",
    "pipeline": "{pipelineService}.{name}",
    "mlmodel": "{mlmodelService}.{name}",
    "container": "{storageService}.{name}",
    "searchIndex": "{searchService}.{name}",
    "apiCollection": "{apiService}.{name}",
    "apiEndpoint": "{apiCollection}.{name}",
    "directory": "{driveService}.{name}",
    "file": "{driveService}.{name}",
    "spreadsheet": "{driveService}.{name}",
    "worksheet": "{spreadsheet}.{name}",
    "ingestionPipeline": "{databaseService}.{name}",
}
"""FQN of each kind; of the others it is the name."""

HARD_ONLY = frozenset({"domain", "dataProduct", "query"})
"""Kinds whose entities have no `deleted` (contract §3.1)."""


def specimen(entity_type: str, alias: str = "", **more: Any) -> Body:
    """A request of this kind; `alias` stands in its name, `more` goes over the rest."""
    named = {"name": f"{alias or entity_type}_{{me}}".lower(), **_BODIES[entity_type]}
    if entity_type == "user" and alias:  # e-mail addresses are unique
        named["email"] = f"{alias}_{named['email']}"
    if entity_type == "query":  # and so is SQL
        named["query"] = f"select '{named['name']}'"
    return {**named, **more}
