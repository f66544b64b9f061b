"""The client of OpenMetadata, as connectors of every release call it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any, NoReturn
from uuid import NAMESPACE_URL, uuid5

from om_ingest import model
from om_ingest.kinds import EntityKind

from om_ingest_compat import running
from om_ingest_compat.client.paths import Paths
from om_ingest_compat.client.people import People
from om_ingest_compat.client.reading import filters_of
from om_ingest_compat.client.rest_errors import MissingMethodError, UnknownAttributeError
from om_ingest_compat.imitations import IMITATIONS, calling_place, is_used
from om_ingest_compat.models.roots import RootInt
from om_ingest_compat.shims.entities import kind_named, spelled, text_of
from om_ingest_compat.shims.fqn import joined, quote_name

MODULE = "metadata.ingestion.ometa.ometa_api"
CALLED = "calling it raises an error"

RELEASE = "2.0.7"
"""The release of OpenMetadata whose vocabulary core has."""

MISSING = """
accept_all_suggestions accept_suggestion add_assets_to_data_product add_data_insight_report_data
add_input_ports_to_data_product add_kpi_result add_lineage_by_query add_logical_test_cases
add_mlmodel_lineage add_output_ports_to_data_product add_pipeline_observability
add_single_pipeline_observability add_task_comment add_test_case_results add_web_analytic_events
apply_suggestion bulk_create_or_update bulk_create_or_update_tables bulk_task_operation
close_feed_task close_log_stream close_task create_announcement create_glossary
create_glossary_term create_kpi create_log_stream create_or_update_announcement
create_or_update_custom_metric create_or_update_executable_test_suite create_or_update_from_odcs
create_or_update_from_odcs_yaml create_or_update_pipeline_status create_or_update_settings
create_or_update_table_profiler_config create_post create_task create_test_case_resolution
create_thread delete_announcement delete_data_contract_result delete_data_contract_results_before
delete_executable_test_suite delete_lineage_by_name delete_lineage_by_source
delete_lineage_by_source_by_name delete_lineage_edge delete_report_data delete_report_data_at_date
delete_sample_data delete_test_case
delete_web_analytic_event_before_ts_exclusive es_get_lineage_processed_queries
es_get_queries_with_lineage es_get_upstream_entity_ids es_search_from_alias export_csv
export_csv_async export_to_odcs export_to_odcs_by_fqn export_to_odcs_yaml export_to_odcs_yaml_by_fqn
get_aggregated_data_insight_results get_announcement get_announcement_by_name
get_container_sample_data get_context get_data_contract_by_entity_id get_data_contract_result_by_id
get_data_contract_results get_data_insight_report_data get_data_product_assets get_domain_assets
get_entity_custom_properties get_entity_from_es get_entity_version get_executable_test_suite
get_failed_rows_sample get_file_sample_data get_glossary_term_assets get_ingestion_pipeline_by_name
get_kpi_result get_latest_data_contract_result get_latest_table_profile get_lineage_edge
get_lineage_edge_by_name get_list_entity_versions get_logs_from_s3 get_mlmodel_sklearn
get_or_create_executable_test_suite get_or_create_test_case get_or_create_test_definition
get_or_create_test_suite get_pipeline_status get_pipeline_status_between_ts get_profile_data
get_profile_data_by_type get_profiler_config_settings get_progress_state
get_query_with_lineage_filter get_reindex_job_status get_sample_data get_settings_by_name
get_tag_assets get_task get_task_by_task_id get_task_thread get_team_assets get_test_case_results
get_thread get_topic_sample_data get_user_assets get_web_analytic_events import_csv import_csv_async
import_from_odcs import_from_odcs_yaml ingest_failed_rows_sample ingest_file_sample_data
ingest_inspection_query is_reindex_app_running list_announcements list_container_children
list_pipeline_statuses list_posts list_tasks list_threads list_versions paginate_es
patch_announcement patch_automation_workflow_response patch_glossary_term_parent
patch_glossary_term_references patch_glossary_term_related_terms patch_glossary_term_synonyms
patch_lineage_edge patch_lineage_edge_by_name patch_lineage_processed_flag patch_policy_rule
patch_reviewers patch_role_policy patch_task patch_test_case_definition publish_query_cost
put_data_contract_result reindex reindex_es reject_all_suggestions reject_suggestion
remove_assets_from_data_product remove_input_ports_from_data_product
remove_output_ports_from_data_product resolve_feed_task resolve_task restore_announcement
run_pipeline send_logs_batch send_logs_batch_best_effort send_logs_to_s3
send_operation_metrics_batch send_progress_update update_suggestion validate_data_contract
validate_data_contract_by_entity_id validate_data_contract_request validate_odcs_yaml
yield_entities_from_es yield_es_view_def
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
    def client(self) -> Paths:
        """Answers requests to paths of entities; any other path is told to be missing."""
        return Paths(self, _missing)

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

    def delete_async(
        self, entity: Any, entity_id: Any, recursive: bool = False, hard_delete: bool = False
    ) -> None:
        """As `delete`, at once."""
        self.delete(entity, entity_id, recursive, hard_delete)

    def get_table_columns(self, table_fqn: Any, *_: Any, **__: Any) -> Any:
        """The columns of a table; raises `APIError` if there is no such table."""
        table = self.get_by_name(spelled(model.Table), table_fqn, nullable=False)
        return table.columns

    def create_or_update_custom_property(self, ometa_custom_property: Any) -> dict[str, Any]:
        """Note that nothing is written: a server takes values of the properties that it has.

        The catalog takes values of any.
        """
        name = "OpenMetadata.create_or_update_custom_property"
        IMITATIONS.note(MODULE, name, "a server needs to have the custom properties already")
        return {}

    def get_custom_property_type(self, data_type: Any) -> SimpleNamespace:
        """The type of a custom property by its name; its id is made of the name."""
        name = text_of(data_type)
        made = uuid5(NAMESPACE_URL, f"type/{name}")
        return SimpleNamespace(id=made, name=name, displayName=name, fullyQualifiedName=name)

    def get_property_type_ref(self, data_type: Any) -> Any:
        """A reference to the type of a custom property."""
        found = self.get_custom_property_type(data_type)
        return spelled(model.EntityReference)(id=found.id, type="type", name=found.name)

    @staticmethod
    def version_to_str(version: Any) -> str:
        """The version of an entity as text."""
        return str(version)

    def delete_stale_entities(
        self, entity: Any, scope_params: Any, live_fqns: Any, recursive: bool = True, **_: Any
    ) -> Any:
        """Have marked as deleted, at the end of the run, what is gone from a scope.

        `scope_params` is `{"databaseSchema": FQN}`, `{"service": FQN}` …; of several the innermost
        one is the scope, since the others narrow nothing. What has one of `live_fqns`, or was
        yielded, is there still. The result counts nothing: the report does. Raises `ValueError`
        without a scope.
        """
        kind = kind_named(entity)
        if kind is not None:
            run, at = running.current(), scope_of(kind, scope_params)
            run.keep(kind.entity_type, map(text_of, live_fqns))
            run.complete.append(model.ScopeComplete(at, kind.entity))
        counts = ("numberOfRowsProcessed", "numberOfRowsPassed", "numberOfRowsFailed")
        return SimpleNamespace(
            status="success",
            abortReason=None,
            successRequest=[],
            failedRequest=[],
            **dict.fromkeys(counts, RootInt(0)),
        )

    def compute_percentile(self, *_: Any, **__: Any) -> None:
        """Nothing to do: a server ranks what is used by itself, once a day."""

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
        if name in MISSING.split() and is_used(inspect.currentframe()):
            return _Missing(name)  # `hasattr` and `getattr` learn that it is not there
        raise UnknownAttributeError(
            f"The client of OpenMetadata has no {name!r}{_caller()}",
            f"{_meant(name)}docs/reference/compat.md of om-ingest lists what there is.",
        )


def _meant(name: str) -> str:
    """The methods that may be meant, as a question; empty if none is near."""
    known = [each for each in dir(OpenMetadata) if not each.startswith("_")]
    near = get_close_matches(name, known, n=2)
    return f"Did you mean {' or '.join(near)}? " if near else ""


def create_ometa_client(metadata_config: Any = None, user_agent: str | None = None) -> OpenMetadata:
    """The client of the run, as functions of upstream make it."""
    return OpenMetadata(metadata_config)


def get_chart_entities_from_id(
    chart_ids: Iterable[Any], metadata: Any, service_name: Any
) -> list[Any]:
    """The FQNs of the charts of a dashboard service that exist, by their names."""
    chart = spelled(model.Chart)
    fqns = (joined(service_name, str(name)) for name in chart_ids)
    found = (metadata.get_by_name(chart, fqn) for fqn in fqns)
    return [one.fullyQualifiedName for one in found if one is not None]


def scope_of(kind: EntityKind, params: Mapping[str, Any] | None) -> str:
    """The FQN of the innermost scope in filters of a list of a kind, such as `databaseSchema`.

    Raises `ValueError` if none is a scope in which such entities lie.
    """
    given = params or {}
    filters = filters_of(kind)
    for depth, name in sorted(filters.items(), reverse=True):
        if given.get(name) is not None:
            at = text_of(given[name])
            return quote_name(at) if depth == 1 else at  # names of services may have dots
    known = ", ".join(filters.values())
    raise ValueError(
        f"A scope of {kind.entity_type} is missing: {known}; given: {', '.join(given) or 'none'}"
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


def _missing(name: str) -> NoReturn:
    _Missing(name)()


def _caller() -> str:
    place = calling_place()
    return f" at {place}" if place else ""
