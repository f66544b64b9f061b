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
    "metadata.ingestion.ometa.client": _from(
        f"{_CLIENT}.rest_errors", "APIError", "LimitsException", "RetryException"
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
    "metadata.utils.fqn": _from(
        f"{_SHIMS}.fqn",
        "FQN_SEPARATOR", "FQNBuildingException", "SplitTestCaseFqn", "_build", "build",
        "build_es_fqn_search_string", "get_query_checksum", "prefix_entity_for_wildcard_search",
        "quote_name", "search_database_from_es", "search_database_schema_from_es",
        "search_table_from_es", "search_topic_from_es", "split", "split_table_name",
        "split_test_case_fqn", "unquote_name",
    ),
}
# fmt: on
"""Upstream module -> upstream name -> `"module:attribute"`, or `"model:NAME"` of core."""
