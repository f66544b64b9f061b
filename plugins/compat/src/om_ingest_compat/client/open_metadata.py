"""The client of OpenMetadata, as connectors of every release call it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NoReturn

from om_ingest_compat import running
from om_ingest_compat.client.people import People
from om_ingest_compat.client.rest_errors import MissingMethodError, UnknownAttributeError
from om_ingest_compat.imitations import IMITATIONS, calling_place
from om_ingest_compat.shims.entities import kind_named, spelled

MODULE = "metadata.ingestion.ometa.ometa_api"
CALLED = "calling it raises an error"

RELEASE = "2.0.7"
"""The release of OpenMetadata whose vocabulary core has."""

MISSING = """
accept_all_suggestions accept_suggestion add_data_insight_report_data add_kpi_result
add_lineage_by_query add_logical_test_cases add_mlmodel_lineage add_test_case_results
add_web_analytic_events compute_percentile create_kpi create_or_update_custom_metric
create_or_update_custom_property create_or_update_executable_test_suite
create_or_update_pipeline_status create_or_update_settings
create_or_update_table_profiler_config create_test_case_resolution delete_executable_test_suite
delete_lineage_by_source delete_lineage_edge delete_report_data delete_report_data_at_date
delete_web_analytic_event_before_ts_exclusive es_get_queries_with_lineage
get_aggregated_data_insight_results get_custom_property_type get_data_insight_report_data
get_entity_custom_properties get_entity_from_es get_entity_version
get_ingestion_pipeline_by_name get_kpi_result get_latest_table_profile get_lineage_edge
get_list_entity_versions get_mlmodel_sklearn get_or_create_executable_test_suite
get_or_create_test_case get_or_create_test_definition get_or_create_test_suite
get_pipeline_status get_pipeline_status_between_ts get_profile_data
get_profiler_config_settings get_property_type_ref get_query_with_lineage_filter
get_sample_data get_settings_by_name get_test_case_results get_web_analytic_events
ingest_failed_rows_sample ingest_inspection_query list_versions paginate_es
patch_automation_workflow_response patch_lineage_edge patch_policy_rule patch_role_policy
patch_test_case_definition reject_all_suggestions reject_suggestion run_pipeline
update_suggestion yield_entities_from_es
"""
"""Methods of the upstream client that can be called in no store; each says so by its name."""


class OpenMetadata(People):
    """Reads and writes entities where the records of the run go.

    Whatever it is built with, and however often: it works on the store of the run that is going on.
    """

    def __init__(self, config: Any = None, *options: Any, **more: Any) -> None:
        self._config = config

    @property
    def config(self) -> Any:
        """The config of the server, as a model if the connector passed one."""
        if self._config is None:
            server = dict(running.current().server)
            return SimpleNamespace(**{"hostPort": "", "storeServiceConnection": True, **server})
        return self._config

    @config.setter
    def config(self, config: Any) -> None:
        self._config = config

    @property
    def client(self) -> _Client:
        """Stands for the client of REST paths: each use of it says that there is none."""
        return _Client()

    def health_check(self) -> bool:
        """Whether the store of the run can be used; raises `PluginFaultError` outside of a run."""
        return running.current().context.metadata is not None

    def get_server_version(self) -> str:
        """The release whose vocabulary records have; the run itself asks the server for its own."""
        return RELEASE

    def validate_versions(self) -> None:
        """Nothing to do: the run adapts records to the version of the server."""

    def close(self) -> None:
        """Nothing to do: the store belongs to the run."""

    def flush(self) -> None:
        """Deliver everything that was yielded before."""
        self._store.flush()

    @staticmethod
    def get_suffix(entity: Any) -> str:
        """The REST collection of a class: `/tables`."""
        kind = kind_named(entity)
        return "" if kind is None else f"/{kind.collection}"

    @staticmethod
    def get_create_entity_type(entity: Any) -> Any:
        """The class of create requests for a class of entities; None without one."""
        kind = kind_named(entity)
        return None if kind is None else spelled(kind.request)

    @staticmethod
    def get_entity_from_create(create: Any) -> Any:
        """The class of entities for a class of create requests; None without one."""
        kind = kind_named(create)
        return None if kind is None else spelled(kind.entity)

    def __getattr__(self, name: str) -> Any:
        if name in MISSING.split():
            return _Missing(name)
        raise UnknownAttributeError(
            f"The client of OpenMetadata has no {name!r}{_caller()}",
            "om-ingest-compat has the methods that its reference lists.",
        )


class _Missing:
    """A method of the upstream client that nothing can be done with here."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, *positional: Any, **named: Any) -> NoReturn:
        name, place = f"OpenMetadata.{self.__name__}", _caller()
        if any((used.module, used.name) == (MODULE, name) for used in IMITATIONS):
            running.current().status.warning(name, f"om-ingest-compat does not have it{place}")
        else:  # the report lists it
            IMITATIONS.note(MODULE, name, CALLED)
        raise MissingMethodError(
            f"{name} is called{place}, and om-ingest-compat does not have it",
            "Install openmetadata-ingestion beside om-ingest, or remove the call.",
        )


class _Client:
    """In the place of the client that sends requests to REST paths."""

    def __getattr__(self, name: str) -> _Missing:
        if name in ("get", "post", "put", "patch", "delete", "get_with_body"):
            return _Missing(f"client.{name}")
        raise AttributeError(name)


def _caller() -> str:
    place = calling_place()
    return f" at {place}" if place else ""
