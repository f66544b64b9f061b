"""The one table of entity kinds: models, REST collection, place in the tree, FQN keywords.

Store, client, server, sinks and documentation read it; nothing else lists the kinds. Collections,
bulk, parents and list filters are from OpenMetadata REST contract §2, §3.0; keywords from §8.4.
"""

from __future__ import annotations

from om_ingest.kinds.kind import EntityKind


def _service(segment: str, class_name: str, module: str = "") -> EntityKind:
    """Services whose connectors live in `metadata.ingestion.source.<segment>`."""
    entity_type, collection = f"{segment}Service", f"services/{segment}Services"
    home, keyword = module or segment, "service_name"
    return EntityKind(
        entity_type, class_name, home, collection, late=5, segment=segment, fqn_keyword=keyword
    )


# One row per kind: type, class, module, collection, parent; then what is particular.
# fmt: off
_DATABASE_SERVICE = _service("database", "DatabaseService")
_DASHBOARD_SERVICE = _service("dashboard", "DashboardService")
_MESSAGING_SERVICE = _service("messaging", "MessagingService")
_PIPELINE_SERVICE = _service("pipeline", "PipelineService")
_MLMODEL_SERVICE = _service("mlmodel", "MlModelService")
_STORAGE_SERVICE = _service("storage", "StorageService")
_SEARCH_SERVICE = _service("search", "SearchService")
_METADATA_SERVICE = _service("metadata", "MetadataService", "service_only")
_API_SERVICE = _service("api", "ApiService")
_DRIVE_SERVICE = _service("drive", "DriveService")
_SECURITY_SERVICE = _service("security", "SecurityService", "service_only")
_MCP_SERVICE = _service("mcp", "McpService", "service_only")
_LLM_SERVICE = _service("llm", "LlmService", "service_only")
_INGESTION_PIPELINE = EntityKind(
    "ingestionPipeline", "IngestionPipeline", "ingestion_pipeline", "services/ingestionPipelines",
    parent_choice=(
        _DATABASE_SERVICE, _DASHBOARD_SERVICE, _MESSAGING_SERVICE, _PIPELINE_SERVICE,
        _MLMODEL_SERVICE, _STORAGE_SERVICE, _SEARCH_SERVICE, _METADATA_SERVICE, _API_SERVICE,
        _DRIVE_SERVICE, _SECURITY_SERVICE, _MCP_SERVICE, _LLM_SERVICE,
    ),
    late=1, children_field="pipelines",
)

_USER = EntityKind(
    "user", "User", "governance", "users", lower_case=True, fqn_keyword="user_name",
    id_links={"teams": "team", "roles": "role"},
)
_TEAM = EntityKind(
    "team", "Team", "governance", "teams", fqn_keyword="team_name",
    id_links={"parents": "team", "children": "team", "users": "user", "defaultRoles": "role",
              "policies": "policy", "defaultPersona": "persona"},
)
_CLASSIFICATION = EntityKind(
    "classification", "Classification", "governance", "classifications",
    fqn_keyword="classification_name",
)
_TAG = EntityKind(
    "tag", "Tag", "governance", "tags", _CLASSIFICATION, nested_field="parent", nested_type="tag",
    fqn_keyword="tag_name", filters={1: "parent"}, total_field="termCount",
)
_DOMAIN = EntityKind(
    "domain", "Domain", "domain", "domains", late=2, soft_delete=False,
    nested_field="parent", nested_type="domain", links={"experts": "user"},
)
_DATA_PRODUCT = EntityKind(
    "dataProduct", "DataProduct", "domain", "dataProducts", late=3, soft_delete=False,
    links={"experts": "user"},
)
_GLOSSARY = EntityKind("glossary", "Glossary", "governance", "glossaries", late=3)
_GLOSSARY_TERM = EntityKind(
    "glossaryTerm", "GlossaryTerm", "governance", "glossaryTerms", _GLOSSARY,
    nested_field="parent", nested_type="glossaryTerm", links={"relatedTerms": "glossaryTerm"},
    total_field="termCount",
)

_COLUMNS = (("columns",),)
_DATABASE = EntityKind(
    "database", "Database", "database", "databases", _DATABASE_SERVICE, bulk=True,
    fqn_keyword="database_name", mark_deleted_flag="markDeletedDatabases",
)
_SCHEMA = EntityKind(
    "databaseSchema", "DatabaseSchema", "database", "databaseSchemas", _DATABASE, bulk=True,
    fqn_keyword="schema_name", mark_deleted_flag="markDeletedSchemas",
    children_field="databaseSchemas", filters={2: "database"},
)
_TABLE = EntityKind(
    "table", "Table", "table", "tables", _SCHEMA, bulk=True, members=_COLUMNS,
    fqn_keyword="table_name", rewrites_names=True, mark_deleted_flag="markDeletedTables",
    children_field="tables", filters={2: "database", 3: "databaseSchema"},
)
_STORED_PROCEDURE = EntityKind(
    "storedProcedure", "StoredProcedure", "database", "storedProcedures", _SCHEMA, bulk=True,
    fqn_keyword="procedure_name", mark_deleted_flag="markDeletedStoredProcedures",
    filters={3: "databaseSchema"},
)
_QUERY = EntityKind(
    "query", "Query", "database", "queries", _DATABASE_SERVICE, late=4, soft_delete=False,
    bulk=True, fqn_keyword="query_checksum", links={"users": "user"},
)

_CHART = EntityKind(
    "chart", "Chart", "dashboard", "charts", _DASHBOARD_SERVICE, bulk=True,
    fqn_keyword="chart_name", links={"dashboards": "dashboard"},
    mark_deleted_flag="markDeletedCharts",
)
_DASHBOARD_DATA_MODEL = EntityKind(
    "dashboardDataModel", "DashboardDataModel", "dashboard", "dashboard/datamodels",
    _DASHBOARD_SERVICE, bulk=True, infix="model", members=_COLUMNS,
    fqn_keyword="data_model_name", rewrites_names=True, mark_deleted_flag="markDeletedDataModels",
)
_DASHBOARD = EntityKind(
    "dashboard", "Dashboard", "dashboard", "dashboards", _DASHBOARD_SERVICE, late=1, bulk=True,
    fqn_keyword="dashboard_name", links={"charts": "chart", "dataModels": "dashboardDataModel"},
    mark_deleted_flag="markDeletedDashboards",
)

_TOPIC = EntityKind(
    "topic", "Topic", "messaging", "topics", _MESSAGING_SERVICE, bulk=True,
    members=(("messageSchema", "schemaFields"),),
    fqn_keyword="topic_name", mark_deleted_flag="markDeletedTopics",
)
_PIPELINE = EntityKind(
    "pipeline", "Pipeline", "pipeline", "pipelines", _PIPELINE_SERVICE, bulk=True,
    members=(("tasks",),), fqn_keyword="pipeline_name", mark_deleted_flag="markDeletedPipelines",
)
_MLMODEL = EntityKind(
    "mlmodel", "MlModel", "mlmodel", "mlmodels", _MLMODEL_SERVICE, late=3, bulk=True,
    links={"dashboard": "dashboard"}, members=(("mlFeatures",),),
    fqn_keyword="mlmodel_name", mark_deleted_flag="markDeletedMlModels",
)
_CONTAINER = EntityKind(
    "container", "Container", "storage", "containers", _STORAGE_SERVICE, bulk=True,
    nested_field="parent", nested_type="container", nested_by_reference=True,
    nested_keyword="parent_container", members=(("dataModel", "columns"),),
    fqn_keyword="container_name", mark_deleted_flag="markDeletedContainers",
)
_SEARCH_INDEX = EntityKind(
    "searchIndex", "SearchIndex", "search", "searchIndexes", _SEARCH_SERVICE, bulk=True,
    members=(("fields",),),
    fqn_keyword="search_index_name", mark_deleted_flag="markDeletedSearchIndexes",
)

_API_COLLECTION = EntityKind(
    "apiCollection", "APICollection", "api", "apiCollections", _API_SERVICE, bulk=True,
    fqn_keyword="api_collection_name", links={"apiEndpoints": "apiEndpoint"},
    mark_deleted_flag="markDeletedApiCollections",
)
_API_ENDPOINT = EntityKind(
    "apiEndpoint", "APIEndpoint", "api", "apiEndpoints", _API_COLLECTION, bulk=True,
    members=(("requestSchema", "schemaFields"), ("responseSchema", "schemaFields")),
    children_field="apiEndpoints", filters={1: "service", 2: "apiCollection"},
)

_DIRECTORY = EntityKind(
    "directory", "Directory", "drive", "drives/directories", _DRIVE_SERVICE, bulk=True,
    nested_field="parent", nested_type="directory",
    fqn_keyword="directory_path", mark_deleted_flag="markDeletedDirectories",
)
_FILE = EntityKind(
    "file", "File", "drive", "drives/files", _DRIVE_SERVICE, late=1, bulk=True,
    nested_field="directory", nested_type="directory", nested_keyword="directory_path",
    members=_COLUMNS, fqn_keyword="file_name", mark_deleted_flag="markDeletedFiles",
)
_SPREADSHEET = EntityKind(
    "spreadsheet", "Spreadsheet", "drive", "drives/spreadsheets", _DRIVE_SERVICE, late=1, bulk=True,
    nested_field="parent", nested_type="directory", nested_answer="directory",
    nested_by_reference=True, nested_keyword="directory_path",
    fqn_keyword="spreadsheet_name", mark_deleted_flag="markDeletedSpreadsheets",
)
_WORKSHEET = EntityKind(
    "worksheet", "Worksheet", "drive", "drives/worksheets", _SPREADSHEET, bulk=True,
    members=_COLUMNS, fqn_keyword="worksheet_name", mark_deleted_flag="markDeletedWorksheets",
    children_field="worksheets",
)
_METRIC = EntityKind(
    "metric", "Metric", "metric", "metrics", late=10, bulk=True,
    links={"relatedMetrics": "metric"},
)
# fmt: on

KINDS: dict[str, EntityKind] = {
    kind.entity_type: kind
    for kind in (
        *(_USER, _TEAM, _CLASSIFICATION, _TAG, _DOMAIN, _DATA_PRODUCT, _GLOSSARY, _GLOSSARY_TERM),
        *(_DATABASE_SERVICE, _DATABASE, _SCHEMA, _TABLE, _STORED_PROCEDURE),
        *(_DASHBOARD_SERVICE, _CHART, _DASHBOARD_DATA_MODEL, _DASHBOARD),
        *(_MESSAGING_SERVICE, _TOPIC, _PIPELINE_SERVICE, _PIPELINE, _MLMODEL_SERVICE, _MLMODEL),
        *(_STORAGE_SERVICE, _CONTAINER, _SEARCH_SERVICE, _SEARCH_INDEX, _METADATA_SERVICE),
        *(_API_SERVICE, _API_COLLECTION, _API_ENDPOINT),
        *(_DRIVE_SERVICE, _DIRECTORY, _FILE, _SPREADSHEET, _WORKSHEET),
        *(_SECURITY_SERVICE, _MCP_SERVICE, _LLM_SERVICE, _QUERY, _METRIC),
        _INGESTION_PIPELINE,
    )
}
"""Every kind by its entity type; parents before children."""

SHARED_LINKS: dict[str, str] = {"domains": "domain", "dataProducts": "dataProduct"}
"""Fields of requests with FQNs that mean the same in every kind that has them: field -> entity
type. See `EntityKind.links` for those of one kind.
"""
