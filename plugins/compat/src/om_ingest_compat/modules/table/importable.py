"""The other modules of the framework that connectors may import, without any names.

A connector that imports one and does not use it runs. These are the modules of every release in
the packages that connectors of others import from: not the connectors of the framework itself, its
profiler, data quality, command line or SDK.
"""

from __future__ import annotations

PACKAGES = {
    "metadata.clients": "aws_client azure_client domo_client",
    "metadata.config": "common settings",
    "metadata.ingestion.api": """
        bulk_sink closeable common delete models parser processor sink source stage
        status step steps topology_runner workflow
    """,
    "metadata.ingestion.connections": """
        builders connection engine_strategy headers query_logger secrets session
        source_api_client test_connections
    """,
    "metadata.ingestion.connections.strategies": "base database",
    "metadata.ingestion.lineage": "masker models parser sql_lineage topic_lineage",
    "metadata.ingestion.models": """
        barrier custom_basemodel_validation custom_properties custom_pydantic
        custom_types data_insight delete_entity encoders entity_interface es_documents
        lf_tags_model life_cycle ometa_classification ometa_lineage ometa_topic_data
        patch_request pipeline_status profile_data search_index_data table_metadata
        tests_data topology user
    """,
    "metadata.ingestion.ometa": """
        announcement_models auth_provider client client_utils credentials http_adapter
        models ometa_api provider_registry routes sse_client task_models ttl_cache utils
    """,
    "metadata.ingestion.ometa.mixins": """
        announcement_mixin container_mixin csv_mixin custom_property_mixin
        dashboard_mixin data_contract_mixin data_insight_mixin domain_mixin es_mixin
        feed_mixin file_mixin glossary_mixin ingestion_pipeline_mixin lineage_mixin
        logs_mixin mlmodel_mixin patch_mixin patch_mixin_utils pipeline_mixin
        profile_mixin progress_mixin query_mixin role_policy_mixin search_index_mixin
        server_mixin service_mixin suggestions_mixin table_mixin tag_glossary_mixin
        task_mixin tests_mixin topic_mixin user_mixin version_mixin
    """,
    "metadata.ingestion.source": "connections connections_utils models sqa_types",
    "metadata.ingestion.source.api": "api_service",
    "metadata.ingestion.source.dashboard": "dashboard_service",
    "metadata.ingestion.source.database": """
        column_helpers column_type_parser common_db_source common_nosql_source
        common_pg_mappings custom_property_extension_mixin database_service
        external_table_lineage_mixin incremental_metadata_extraction
        json_schema_extractor life_cycle_query_mixin lineage_processors lineage_source
        multi_db_source query_parser_source sql_column_handler sqlalchemy_source
        stored_procedures_mixin usage_source
    """,
    "metadata.ingestion.source.drive": "drive_service",
    "metadata.ingestion.source.messaging": "common_broker_source messaging_service",
    "metadata.ingestion.source.mlmodel": "mlmodel_service",
    "metadata.ingestion.source.pipeline": "pipeline_service",
    "metadata.ingestion.source.search": "search_service",
    "metadata.ingestion.source.security": "security_service",
    "metadata.ingestion.source.storage": "storage_service",
    "metadata.mixins.pandas": "pandas_mixin",
    "metadata.mixins.sqalchemy": "sqa_mixin",
    "metadata.parsers": "avro_parser json_schema_parser protobuf_parser schema_parsers",
    "metadata.readers": "archive models",
    "metadata.readers.dataframe": """
        avro base common dsv json mf4 models parquet reader_factory
    """,
    "metadata.readers.file": """
        adls api_reader base bitbucket config_source_factory credentials gcs github
        gitlab local s3
    """,
    "metadata.timer": "repeated_timer workflow_reporter",
    "metadata.utils": """
        bigquery_utils class_helper client_version collaborative_super collections
        constants constraints credentials custom_thread_pool db_utils deprecation dict
        dispatch elasticsearch entity_link entity_reference entity_utils
        execution_time_tracker filters fqn helpers importer life_cycle_utils logger
        lru_cache memory_limit messaging_utils metadata_service_helper operation_metrics
        owner_utils partition path_pattern profiler_utils progress_tracker s3_utils
        singleton source_hash sqa_like_column sqa_utils sqlalchemy_utils ssl_manager
        ssl_registry storage_metadata_config storage_utils stored_procedures
        streamable_logger tag_utils test_suite test_utils time_utils timeout
        uuid_encoder workflow_output_handler
    """,
    "metadata.utils.datalake": "datalake_utils",
    "metadata.utils.dependency_injector": "dependency_injector",
    "metadata.utils.secrets": """
        aws_based_secrets_manager aws_secrets_manager aws_ssm_secrets_manager
        azure_kv_secrets_manager db_secrets_manager external_secrets_manager
        gcp_secrets_manager kubernetes_secrets_manager noop_secrets_manager
        secrets_manager secrets_manager_factory
    """,
    "metadata.utils.secrets.client": "loader",
    "metadata.utils.service_spec": "default service_spec",
    "metadata.workflow": """
        application application_output_handler base classification data_insight
        data_quality ingestion metadata output_handler profiler usage
        workflow_init_error_handler workflow_output_handler workflow_resource_metrics
        workflow_status_mixin
    """,
    "metadata.workflow.context": "app_metadata_context base context_manager workflow_context",
}
"""Package -> its modules, with spaces between them."""

MODULES: dict[str, dict[str, str]] = {
    f"{package}.{name}": {} for package, names in PACKAGES.items() for name in names.split()
}
"""As in the other parts of the table; no names are covered."""
