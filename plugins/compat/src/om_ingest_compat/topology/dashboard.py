"""`metadata.ingestion.source.dashboard.dashboard_service`: service → data models, dashboards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from om_ingest.model import Chart, Dashboard, DashboardDataModel, DashboardService, LineageSource

from om_ingest_compat.connectors.status import Either
from om_ingest_compat.connectors.steps import left_out
from om_ingest_compat.connectors.wrapped import DashboardUsage as DashboardUsage
from om_ingest_compat.models import model
from om_ingest_compat.shims.filters import filter_by_dashboard, filter_by_project
from om_ingest_compat.topology.context import entity_of
from om_ingest_compat.topology.listing import knows
from om_ingest_compat.topology.nodes import NodeStage, ServiceTopology, TopologyNode
from om_ingest_compat.topology.registered import OwnState
from om_ingest_compat.topology.service import ConnectedSource

_IN_SERVICE = ["dashboard_service"]


def _nullable(processor: str) -> NodeStage:
    return NodeStage(type_=None, processor=processor, consumer=_IN_SERVICE, nullable=True)


def _linked(type_: Any, processor: str, context: str) -> NodeStage:
    """A stage whose records the dashboard of the same element refers to."""
    return NodeStage(
        type_=type_,
        processor=processor,
        context=context,
        consumer=_IN_SERVICE,
        nullable=True,
        store_all_in_context=True,
        clear_context=True,
    )


class DashboardServiceTopology(ServiceTopology):
    """What is called for a dashboard service; the steps of all releases."""

    root = TopologyNode(
        producer="get_services",
        stages=[
            NodeStage(
                type_=DashboardService,
                processor="yield_create_request_dashboard_service",
                context="dashboard_service",
                overwrite=False,
            ),
            NodeStage(type_=None, processor="yield_bulk_tags", nullable=True),
            NodeStage(
                type_=None,
                processor="yield_tag",
                context="tags",
                nullable=True,
                store_all_in_context=True,
            ),
        ],
        children=["bulk_data_model", "dashboard"],
        post_process=[
            "mark_dashboards_as_deleted",
            "mark_datamodels_as_deleted",
            "mark_charts_as_deleted",
        ],
    )
    bulk_data_model = TopologyNode(
        producer="list_datamodels",
        stages=[
            NodeStage(
                type_=DashboardDataModel,
                processor="yield_bulk_datamodel",
                context="dataModel",
                consumer=_IN_SERVICE,
                nullable=True,
            )
        ],
    )
    dashboard = TopologyNode(
        producer="get_dashboard",
        stages=[
            _nullable("yield_tags"),
            _linked(Chart, "yield_dashboard_chart", "charts"),
            _linked(DashboardDataModel, "yield_datamodel", "dataModels"),
            NodeStage(
                type_=Dashboard,
                processor="yield_dashboard",
                context="dashboard",
                consumer=_IN_SERVICE,
            ),
            _nullable("process_owner"),
            _nullable("yield_dashboard_lineage"),
            _nullable("yield_dashboard_usage"),
        ],
    )


_STATES = {
    "dashboard": "dashboard_source_state",
    "dashboardDataModel": "datamodel_source_state",
    "chart": "chart_source_state",
}


class DashboardServiceSource(ConnectedSource, ABC):
    """Base of a source that reads dashboards, their charts, and their data models."""

    STATES = _STATES
    topology: Any = DashboardServiceTopology()
    dashboard_source_state: Any = OwnState()
    datamodel_source_state: Any = OwnState()
    chart_source_state: Any = OwnState()

    @abstractmethod
    def get_dashboards_list(self) -> Iterable[Any] | None:
        """The dashboards, in a form of the connector's own."""

    @abstractmethod
    def get_dashboard_name(self, dashboard: Any) -> str:
        """The name of a dashboard."""

    @abstractmethod
    def get_dashboard_details(self, dashboard: Any) -> Any:
        """What the other methods are called with for a dashboard."""

    @abstractmethod
    def yield_dashboard(self, dashboard_details: Any) -> Iterable[Any]:
        """Yield the request for a dashboard; its charts are in the context."""

    @abstractmethod
    def yield_dashboard_chart(self, dashboard_details: Any) -> Iterable[Any] | None:
        """Yield the requests for the charts of a dashboard."""

    @abstractmethod
    def yield_dashboard_lineage_details(
        self, dashboard_details: Any, db_service_name: str
    ) -> Iterable[Any] | None:
        """Yield the edges from the tables of a database service to a dashboard."""

    @left_out
    def list_datamodels(self) -> Iterable[Any]:
        """Data models that belong to no dashboard, in a form of the connector's own."""
        return ()

    def yield_bulk_datamodel(self, datamodel: Any) -> Iterable[Any] | None:
        """Yield the request for such a data model."""

    @left_out
    def yield_datamodel(self, dashboard_details: Any) -> Iterable[Any] | None:
        """Yield the requests for the data models of a dashboard."""

    def yield_bulk_tags(self, *args: Any, **kwargs: Any) -> Iterable[Any] | None:
        """Yield the tags of all dashboards."""

    def yield_tag(self, *args: Any, **kwargs: Any) -> Iterable[Any] | None:
        """Yield the tags of all dashboards, as up to release 1.1."""

    def yield_tags(self, dashboard_details: Any) -> Iterable[Any] | None:
        """Yield the tags of a dashboard."""

    def yield_dashboard_usage(self, *args: Any, **kwargs: Any) -> Iterable[Any] | None:
        """Yield how often a dashboard was used."""

    def get_owner_ref(self, dashboard_details: Any) -> Any:
        """The owners of a dashboard."""

    def get_owner_details(self, dashboard_details: Any) -> Any:
        """The owner of a dashboard, as up to release 1.1."""

    def process_owner(self, dashboard_details: Any) -> None:
        """Set the owner of a dashboard that was yielded, as up to release 1.1."""
        owner = self.get_owner_details(dashboard_details=dashboard_details)
        if owner and self._setting("includeOwners", False):
            dashboard = entity_of(self.context.get().dashboard)
            self.metadata.patch_owner(entity=Dashboard, source=dashboard, owner=owner, force=False)

    def get_project_name(self, dashboard_details: Any) -> str | None:
        """The project, workspace or folder of a dashboard."""
        return None

    def yield_create_request_dashboard_service(self, config: Any) -> Iterable[Any]:
        """Yield the request for the service."""
        return self._service(DashboardService, config)

    def get_dashboard(self) -> Iterator[Any]:
        """The details of the dashboards that the filters keep.

        A dashboard whose details cannot be read is a failure, and the others go on.
        """
        for dashboard in self._listing("get_dashboards_list", Dashboard, Chart, DashboardDataModel):
            name = self.get_dashboard_name(dashboard)
            if not self._keeps(filter_by_dashboard, "dashboardFilterPattern", name, "Dashboard"):
                continue
            try:
                details = self.get_dashboard_details(dashboard)
                project = self.get_project_name(dashboard_details=details)
            except Exception as error:  # noqa: BLE001  # a connector may raise anything
                place = self._in_service(name)
                self.status.failed(self._failure(error, place).left)
                continue
            self.context.get().upsert("project_name", project)
            pattern = self._setting("projectFilterPattern")
            if filter_by_project(pattern, project):
                self.status.filter(self._in_service(name), "Its project is filtered out")
                continue
            yield details

    # Lineage

    def yield_datamodel_dashboard_lineage(self) -> Iterable[Any]:
        """Yield the edges from the data models of a dashboard to it."""
        context = self.context.get()
        for datamodel in context.dataModels or ():
            edge = self._get_add_lineage_request(to_entity=context.dashboard, from_entity=datamodel)
            if edge is not None:
                yield edge

    def yield_dashboard_lineage(self, dashboard_details: Any) -> Iterator[Any]:
        """Yield the edges of a dashboard: from data models, and from tables."""
        yield from self._edges(self.yield_datamodel_dashboard_lineage())
        method = self.yield_dashboard_lineage_details
        yield from self._edges_by_service(method, dashboard_details)

    def get_project_names(self, dashboard_details: Any) -> str | None:
        """The projects of a dashboard, separated by commas."""
        return self.get_project_name(dashboard_details=dashboard_details)

    @staticmethod
    def _get_add_lineage_request(
        to_entity: Any, from_entity: Any, column_lineage: Any = None
    ) -> Either[Any] | None:
        """A request for an edge; None unless both ends are there."""
        ends = {"fromEntity": entity_of(from_entity), "toEntity": entity_of(to_entity)}
        if not all(ends.values()):
            return None
        edge = {
            key: model("EntityReference")(id=str(end.id), type=end.entity_type)
            for key, end in ends.items()
        }
        details = model("LineageDetails")(
            source=LineageSource.DashboardLineage, columnsLineage=column_lineage
        )
        return Either(
            right=model("AddLineageRequest")(
                edge=model("EntitiesEdge")(**edge, lineageDetails=details)
            )
        )

    @staticmethod
    def _get_data_model_column_fqn(data_model_entity: Any, column: str) -> str | None:
        """The FQN of a column of a data model, by its display name; None if there is none."""
        for own in data_model_entity.columns if data_model_entity else ():
            if str(own.displayName).casefold() == column.casefold():
                return str(own.fullyQualifiedName)
        return None

    def check_database_schema_name(self, database_schema_name: str) -> str | None:
        """The name of a schema; None for the placeholder `<default>`."""
        return None if database_schema_name == "<default>" else database_schema_name

    # What was found, and what is gone

    def register_record(self, dashboard_request: Any) -> None:
        """Register a dashboard as found."""
        self.dashboard_source_state.add_request(dashboard_request)

    def register_record_datamodel(self, datamodel_request: Any) -> None:
        """Register a data model as found."""
        self.datamodel_source_state.add_request(datamodel_request)

    def register_record_chart(self, chart_request: Any) -> None:
        """Register a chart as found."""
        self.chart_source_state.add_request(chart_request)

    def mark_dashboards_as_deleted(self) -> Iterable[Any]:
        """Call the dashboards of the service complete."""
        return self._of_service(Dashboard, "markDeletedDashboards")

    def mark_datamodels_as_deleted(self) -> Iterable[Any]:
        """Call the data models of the service complete, if the connector knows any."""
        if any(knows(type(self), name) for name in ("list_datamodels", "yield_datamodel")):
            return self._of_service(DashboardDataModel, "markDeletedDataModels")
        return ()

    def mark_charts_as_deleted(self) -> Iterable[Any]:
        """Call the charts complete, if the connector registers them, as of release 2.0."""
        return self._of_service(Chart, "markDeletedCharts") if self.chart_source_state else ()

    def _of_service(self, entity: type[Any], flag: str) -> Iterable[Any]:
        return self._complete(entity, flag, self.context.get().dashboard_service)
