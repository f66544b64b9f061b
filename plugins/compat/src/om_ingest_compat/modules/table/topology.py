"""The base classes of service families: `metadata.ingestion.source.FAMILY`."""

from __future__ import annotations

_TOPOLOGY = "om_ingest_compat.topology"
_SOURCE = "metadata.ingestion.source"


def _from(home: str, *names: str) -> dict[str, str]:
    """Names that are attributes of one module of the package under the same names."""
    return {name: f"{_TOPOLOGY}.{home}:{name}" for name in names}


# fmt: off
MODULES: dict[str, dict[str, str]] = {
    f"{_SOURCE}.database.database_service": _from(
        "database", "DatabaseServiceSource", "DatabaseServiceTopology", "DataModelLink"
    ),
    f"{_SOURCE}.dashboard.dashboard_service": _from(
        "dashboard", "DashboardServiceSource", "DashboardServiceTopology", "DashboardUsage"
    ),
    f"{_SOURCE}.pipeline.pipeline_service": _from(
        "pipeline", "PipelineServiceSource", "PipelineServiceTopology"
    ),
    f"{_SOURCE}.messaging.messaging_service": _from(
        "assets", "BrokerTopicDetails", "MessagingServiceSource", "MessagingServiceTopology"
    ),
    f"{_SOURCE}.mlmodel.mlmodel_service": _from(
        "assets", "MlModelServiceSource", "MlModelServiceTopology"
    ),
    f"{_SOURCE}.storage.storage_service": _from(
        "storage", "KEY_SEPARATOR", "OPENMETADATA_TEMPLATE_FILE_NAME", "StorageServiceSource",
        "StorageServiceTopology",
    ),
    "metadata.ingestion.api.topology_runner": _from(
        "runner", "MissingExpectedEntityAckException", "TopologyRunnerMixin"
    ),
    "metadata.ingestion.models.topology": {
        **_from(
            "nodes",
            "NodeStage", "Queue", "ServiceTopology", "TopologyNode", "create_source_context",
            "get_ctx_default", "get_topology_node", "get_topology_nodes", "get_topology_root",
            "node_has_no_consumers",
        ),
        "TopologyContext": f"{_TOPOLOGY}.context:TopologyContext",
        "TopologyContextManager": f"{_TOPOLOGY}.context:TopologyContext",
    },
    "metadata.ingestion.api.delete": _from(
        "deleting", "delete_entity_by_name", "delete_entity_from_source"
    ),
    "metadata.ingestion.models.delete_entity": _from("deleting", "delete_entity_from_source"),
}
# fmt: on
"""Upstream module -> upstream name -> `"module:attribute"`, or `"model:NAME"` of core."""

_PORT = "derive from DatabaseServiceSource and yield what the database has."

INSTEAD = {
    f"{_SOURCE}.database.common_db_source.CommonDbSourceService": _PORT,
    f"{_SOURCE}.database.common_nosql_source.CommonNoSQLSource": _PORT,
    f"{_SOURCE}.database.multi_db_source.MultiDBSource": _PORT,
    f"{_SOURCE}.database.sql_column_handler.SqlColumnHandlerMixin": _PORT,
    f"{_SOURCE}.database.stored_procedures_mixin.StoredProcedureMixin": _PORT,
    f"{_SOURCE}.messaging.common_broker_source.CommonBrokerSource": (
        "derive from MessagingServiceSource and yield the topics."
    ),
    "metadata.ingestion.lineage.parser.LineageParser": (
        "yield AddLineageRequest for the tables that the connector knows."
    ),
}
"""What an author can do who needs one of these: they are too much to imitate."""
