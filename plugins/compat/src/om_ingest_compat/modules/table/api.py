"""The contract of a connector: `metadata.ingestion.api`, `metadata.ingestion.models`."""

from __future__ import annotations


def _from(module: str, *names: str) -> dict[str, str]:
    """Names that a module of this plugin has, too."""
    return {name: f"om_ingest_compat.connectors.{module}:{name}" for name in names}


_ENTITY = _from("status", "Entity", "T")
_STEPS = _from("steps", "IterStep", "ReturnStep", "StageStep", "BulkStep")

_QUERIES = {"QueryByProcedure": "om_ingest_compat.models.own:QueryByProcedure"}

MODULES: dict[str, dict[str, str]] = {
    "metadata.ingestion.api.bulk_sink": _from("pulled", "BulkSink")
    | {"BulkSinkStatus": "om_ingest_compat.connectors.status:SinkStatus"},
    "metadata.ingestion.api.closeable": _from("steps", "Closeable"),
    "metadata.ingestion.api.common": _ENTITY
    | _from("steps", "WorkflowExecutionError")
    | _from("status", "ConfigModel", "DynamicTypedConfig")
    | {
        "Record": "om_ingest_compat.connectors.status:Entity",
        "WorkflowContext": "om_ingest:WorkflowContext",
    },
    "metadata.ingestion.api.models": _from("status", "Either", "T")
    | {"Entity": "pydantic:BaseModel", "StackTraceError": "model:StackTraceError"},
    "metadata.ingestion.api.processor": _from("pulled", "Processor")
    | {"ProcessorStatus": "om_ingest_compat.connectors.status:SinkStatus"},
    "metadata.ingestion.api.sink": _from("pulled", "Sink") | _from("status", "SinkStatus"),
    "metadata.ingestion.api.source": _from("pulled", "Source")
    | _from("steps", "InvalidSourceException")
    | _from("status", "SourceStatus"),
    "metadata.ingestion.api.stage": _from("pulled", "Stage")
    | {"StageStatus": "om_ingest_compat.connectors.status:SinkStatus"},
    "metadata.ingestion.api.status": _from("status", "Status", "StackTraceError"),
    "metadata.ingestion.api.step": _STEPS | _from("steps", "Step", "WorkflowFatalError"),
    "metadata.ingestion.api.steps": _STEPS
    | _from("steps", "Source", "Sink", "Processor", "Stage", "BulkSink", "InvalidSourceException"),
    "metadata.ingestion.models.barrier": _from("wrapped", "Barrier"),
    "metadata.ingestion.models.custom_properties": _from(
        "wrapped", "OMetaCustomProperties", "CustomPropertyDataTypes", "CustomPropertyType"
    ),
    "metadata.ingestion.models.custom_pydantic": {
        "BaseModel": "om_ingest_compat.models.own:PlainModel",
        "CustomSecretStr": "om_ingest_compat.models.own:CustomSecretStr",
        "_CustomSecretStr": "om_ingest_compat.models.own:CustomSecretStr",
    },
    "metadata.ingestion.models.delete_entity": _from("wrapped", "DeleteEntity"),
    "metadata.ingestion.models.life_cycle": _from("wrapped", "OMetaLifeCycleData"),
    "metadata.ingestion.models.ometa_classification": _from("wrapped", "OMetaTagAndClassification"),
    "metadata.ingestion.models.ometa_lineage": _from(
        "wrapped", "OMetaLineageRequest", "OMetaFQNLineageRequest"
    ),
    "metadata.ingestion.models.ometa_tag_category": _from("wrapped", "OMetaTagAndCategory"),
    "metadata.ingestion.models.ometa_table_db": _from("wrapped", "OMetaDatabaseAndTable"),
    "metadata.ingestion.models.ometa_topic_data": _from("wrapped", "OMetaTopicSampleData"),
    "metadata.ingestion.models.patch_request": _from("wrapped", "PatchRequest", "PatchedEntity"),
    "metadata.ingestion.models.pipeline_status": _from(
        "wrapped", "OMetaPipelineStatus", "OMetaBulkPipelineStatus"
    ),
    "metadata.ingestion.models.profile_data": _from("wrapped", "OMetaTableProfileSampleData"),
    "metadata.ingestion.models.search_index_data": _from("wrapped", "OMetaIndexSampleData"),
    "metadata.ingestion.models.table_metadata": _from(
        "wrapped", "OMetaTableConstraints", "ColumnTag", "ColumnDescription", "DeleteTable"
    ),
    "metadata.ingestion.models.tests_data": _from(
        "wrapped",
        "OMetaTestSuiteSample",
        "OMetaLogicalTestSuiteSample",
        "OMetaTestCaseSample",
        "OMetaTestCaseResultsSample",
        "OMetaTestCaseResolutionStatus",
    ),
    "metadata.ingestion.models.user": _from("wrapped", "OMetaUserProfile"),
    "metadata.ingestion.source.connections": _from(
        "connecting",
        "get_connection",
        "get_connection_fn",
        "get_test_connection_fn",
        "kill_active_connections",
        "test_connection_common",
    ),
    "metadata.ingestion.source.database.lineage_processors": _QUERIES,
    "metadata.ingestion.source.database.stored_procedures_mixin": _QUERIES,
    "metadata.ingestion.source.models": {"TableView": "om_ingest_compat.models.own:TableView"},
    "metadata.utils.connections": _from("connecting", "get_connection"),
    "metadata.utils.service_spec": _from("service_spec", "BaseSpec"),
    "metadata.utils.service_spec.default": _from("service_spec", "DefaultDatabaseSpec"),
    "metadata.utils.service_spec.service_spec": _from("service_spec", "BaseSpec", "get_class_path"),
}
"""Upstream module -> upstream name -> `"module:attribute"`, or `"model:NAME"` of core."""
