"""The client and what stands around it: `metadata.ingestion.ometa`, `metadata.utils`."""

from __future__ import annotations

_CLIENT = "om_ingest_compat.client"
_SHIMS = "om_ingest_compat.shims"


def _from(home: str, *names: str) -> dict[str, str]:
    """Names that are attributes of one module under the same names."""
    return {name: f"{home}:{name}" for name in names}


# fmt: off
MODULES: dict[str, dict[str, str]] = {
    "metadata.ingestion.ometa.ometa_api": {
        "OpenMetadata": f"{_CLIENT}.open_metadata:OpenMetadata",
        "EntityList": f"{_CLIENT}.paging:EntityList",
        "APIError": f"{_CLIENT}.rest_errors:APIError",
    },
    "metadata.ingestion.ometa.models": _from(f"{_CLIENT}.paging", "EntityList"),
    "metadata.ingestion.ometa.client": {
        **_from(f"{_CLIENT}.rest_errors", "APIError", "LimitsException", "RetryException"),
        **_from(f"{_CLIENT}.rest", "ClientConfig", "REST"),
    },
    "metadata.ingestion.source.database.column_type_parser": _from(
        f"{_SHIMS}.column_types", "ColumnTypeParser"
    ),
    "metadata.ingestion.source.database.column_helpers": _from(
        f"{_SHIMS}.column_types", "truncate_column_name"
    ),
    "metadata.ingestion.ometa.client_utils": _from(
        f"{_CLIENT}.open_metadata", "create_ometa_client", "get_chart_entities_from_id"
    ),
    "metadata.utils.life_cycle_utils": _from(
        f"{_SHIMS}.conversions", "init_empty_life_cycle_properties"
    ),
    "metadata.utils.uuid_encoder": _from(f"{_SHIMS}.conversions", "UUIDEncoder"),
    "metadata.utils.column_type_parser": _from(f"{_SHIMS}.column_types", "ColumnTypeParser"),
    "metadata.utils.credentials": _from(f"{_CLIENT}.rest", "generate_http_basic_token"),
    "metadata.utils.ssl_manager": _from(f"{_SHIMS}.certificates", "check_ssl_and_init"),
    "metadata.utils.ssl_registry": _from(f"{_CLIENT}.rest", "get_verify_ssl_fn"),
    "metadata.ingestion.ometa.utils": _from(
        f"{_CLIENT}.texts", "format_name", "get_entity_type", "model_str", "quote"
    ),
    "metadata.ingestion.ometa.mixins.patch_mixin_utils": _from(
        f"{_CLIENT}.patching", "PatchOperation"
    ),
    "metadata.ingestion.connections.builders": _from(
        f"{_CLIENT}.engines",
        "create_generic_db_connection", "get_connection_args_common",
        "get_connection_options_dict", "get_connection_url_common",
        "init_empty_connection_arguments", "init_empty_connection_options",
    ),
    "metadata.ingestion.connections.session": _from(
        f"{_CLIENT}.engines", "create_and_bind_session", "create_and_bind_thread_safe_session"
    ),
    "metadata.ingestion.connections.test_connections": {
        **_from(
            f"{_CLIENT}.connections",
            "SourceConnectionException", "TestConnectionIngestionResult", "TestConnectionResult",
            "TestConnectionStep", "raise_test_connection_exception",
        ),
        "_test_connection_steps": f"{_CLIENT}.connections:try_given_steps",
        "execute_inspector_func": f"{_CLIENT}.connections:call_inspector",
        "test_connection_db_common": f"{_CLIENT}.connections:try_database",
        "test_connection_db_schema_sources": f"{_CLIENT}.connections:try_database",
        "test_connection_engine_step": f"{_CLIENT}.connections:ask_engine",
        "test_connection_steps": f"{_CLIENT}.connections:try_steps",
        "test_query": f"{_CLIENT}.connections:run_query",
    },
    "metadata.generated.schema.entity.services.connections.testConnectionResult": _from(
        f"{_CLIENT}.connections", "StatusType", "TestConnectionResult", "TestConnectionStepResult"
    ),
    "metadata.utils.logger": _from(
        f"{_SHIMS}.logger",
        "ANSI", "BASE_LOGGING_FORMAT", "METADATA_LOGGER", "Loggers", "app_logger", "cli_logger",
        "data_insight_logger", "get_log_name", "great_expectations_logger", "ingestion_logger",
        "log_ansi_encoded_string", "ometa_logger", "pii_logger",
        "profiler_interface_registry_logger", "profiler_logger", "query_runner_logger",
        "redacted_config", "sampler_logger", "set_loggers_level", "test_suite_logger",
        "utils_logger",
    ),
    "metadata.utils.fqn": {"_build": f"{_SHIMS}.fqn:joined"} | _from(
        f"{_SHIMS}.fqn",
        "FQN_SEPARATOR", "FQNBuildingException", "SplitTestCaseFqn", "build",
        "build_es_fqn_search_string", "get_query_checksum", "prefix_entity_for_wildcard_search",
        "quote_name", "search_database_from_es", "search_database_schema_from_es",
        "search_table_from_es", "search_topic_from_es", "split", "split_table_name",
        "split_test_case_fqn", "unquote_name",
    ),
    "metadata.utils.filters": _from(
        f"{_SHIMS}.filters",
        "InvalidPatternException", "_filter", "filter_by_chart", "filter_by_classification",
        "filter_by_collection", "filter_by_container", "filter_by_dashboard", "filter_by_database",
        "filter_by_datamodel", "filter_by_directory", "filter_by_endpoint", "filter_by_file",
        "filter_by_fqn", "filter_by_mlmodel", "filter_by_pipeline", "filter_by_project",
        "filter_by_schema", "filter_by_search_index", "filter_by_spreadsheet",
        "filter_by_stored_procedure", "filter_by_table", "filter_by_topic", "filter_by_worksheet",
        "validate_regex",
    ),
    "metadata.utils.helpers": {
        **_from(
            f"{_SHIMS}.conversions",
            "clean_up_starting_ending_double_quotes_in_string", "clean_uri", "datetime_to_ts",
            "deep_size_of_dict", "delete_dir_content", "find_column_in_table",
            "find_column_in_table_with_index", "find_in_iter", "format_large_string_numbers",
            "get_database_name_for_lineage", "get_entity_tier_from_tags",
            "get_formatted_entity_name", "get_standard_chart_type", "get_start_and_end",
            "init_staging_dir", "insensitive_match", "insensitive_replace", "is_safe_sql_query",
            "list_to_dict", "om_chart_type_dict", "pretty_print_time_duration",
            "replace_special_with", "snake_to_camel",
        ),
        **_from(
            f"{_SHIMS}.decorators",
            "calculate_execution_time", "calculate_execution_time_generator",
        ),
    },
    "metadata.utils.execution_time_tracker": _from(
        f"{_SHIMS}.decorators",
        "ExecutionTimeTracker", "calculate_execution_time", "calculate_execution_time_generator",
    ),
    "metadata.utils.dispatch": _from(
        f"{_SHIMS}.decorators", "class_register", "enum_register", "valuedispatch"
    ),
    "metadata.utils.singleton": _from(f"{_SHIMS}.decorators", "Singleton"),
    "metadata.utils.lru_cache": _from(f"{_SHIMS}.lru", "LRUCache", "LRU_CACHE_SIZE"),
    "metadata.utils.timeout": _from(f"{_SHIMS}.decorators", "timeout"),
    "metadata.utils.deprecation": _from(f"{_SHIMS}.decorators", "deprecated"),
    "metadata.utils.time_utils": _from(
        f"{_SHIMS}.times",
        "convert_timestamp", "convert_timestamp_to_milliseconds", "datetime_to_timestamp",
        "datetime_to_ts", "get_beginning_of_day_timestamp_mill", "get_end_of_day_timestamp_mill",
        "timedelta_to_string", "timestamp_to_datetime",
    ),
    "metadata.utils.tag_utils": _from(
        f"{_SHIMS}.tags", "get_ometa_tag_and_classification", "get_tag_label", "get_tag_labels"
    ),
    "metadata.utils.entity_link": _from(
        f"{_SHIMS}.links",
        "EntityLinkBuildingException", "get_decoded_column", "get_entity_link", "get_table_fqn",
        "get_table_or_column_fqn", "split",
    ),
    "metadata.utils.constants": _from(
        f"{_SHIMS}.links",
        "AUTHORIZATION_HEADER", "BUILDER_PASSWORD_ATTR", "CHUNKSIZE", "COMPLEX_COLUMN_SEPARATOR",
        "CUSTOM_CONNECTOR_PREFIX", "DEFAULT_DATABASE", "DOT", "ENTITY_REFERENCE_CLASS_MAP",
        "ENTITY_REFERENCE_TYPE_MAP", "NO_ACCESS_TOKEN", "QUERY_WITH_DBT", "QUERY_WITH_OM_VERSION",
        "SAMPLE_DATA_DEFAULT_COUNT", "TEN_MIN", "THREE_MIN", "TIMEDELTA", "UTF_8",
    ),
    "metadata.utils.elasticsearch": _from(
        f"{_SHIMS}.links", "ES_INDEX_MAP", "get_entity_from_es_result"
    ),
    "metadata.utils.source_hash": _from(f"{_SHIMS}.links", "generate_source_hash"),
    "metadata.utils.importer": _from(
        f"{_SHIMS}.imports",
        "DynamicImportException", "MissingPluginException", "get_class_name_root",
        "get_module_dir", "get_module_name", "get_source_module_name", "import_from_module",
        "import_side_effects", "import_source_class",
    ),
}
# fmt: on
"""Upstream module -> upstream name -> `"module:attribute"`, or `"model:NAME"` of core."""
