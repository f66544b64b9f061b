"""Dashboard services, dashboards, charts and their data models (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum

from om_ingest.model.entity import (
    AssetEntity,
    EntityReference,
    Model,
    RewrittenName,
    ServiceAssetEntity,
    ServiceAssetRequest,
)
from om_ingest.model.naming import AssetName, FullyQualifiedName
from om_ingest.model.service import ServiceEntity, ServiceRequest
from om_ingest.model.table import Column


class DashboardServiceType(str, Enum):
    """Dashboard products that OpenMetadata knows; `CustomDashboard` for all others."""

    Superset = "Superset"
    Looker = "Looker"
    Tableau = "Tableau"
    Redash = "Redash"
    Metabase = "Metabase"
    PowerBI = "PowerBI"
    PowerBIReportServer = "PowerBIReportServer"
    Mode = "Mode"
    CustomDashboard = "CustomDashboard"
    DomoDashboard = "DomoDashboard"
    QuickSight = "QuickSight"
    QlikSense = "QlikSense"
    Lightdash = "Lightdash"
    MicroStrategy = "MicroStrategy"
    QlikCloud = "QlikCloud"
    Sigma = "Sigma"
    ThoughtSpot = "ThoughtSpot"
    Grafana = "Grafana"
    Hex = "Hex"
    Ssrs = "Ssrs"
    SapS4Hana = "SapS4Hana"
    Omni = "Omni"


class _DashboardService(Model, entity_type="dashboardService"):
    serviceType: DashboardServiceType


class CreateDashboardServiceRequest(_DashboardService, ServiceRequest):
    """Create or update a dashboard service."""


class DashboardService(_DashboardService, ServiceEntity):
    """A stored dashboard service."""


class DashboardType(str, Enum):
    """Whether a dashboard is interactive or a report."""

    Dashboard = "Dashboard"
    Report = "Report"


class CreateDashboardRequest(ServiceAssetRequest, entity_type="dashboard"):
    """Create or update a dashboard; its charts and data models must exist."""

    dashboardType: DashboardType | None = None
    project: str | None = None
    charts: list[FullyQualifiedName] | None = None
    dataModels: list[FullyQualifiedName] | None = None


class Dashboard(ServiceAssetEntity, entity_type="dashboard"):
    """A stored dashboard."""

    serviceType: DashboardServiceType | None = None
    dashboardType: DashboardType | None = None
    project: str | None = None
    charts: list[EntityReference] | None = None
    dataModels: list[EntityReference] | None = None


class ChartType(str, Enum):
    """Form of a chart."""

    Line = "Line"
    Table = "Table"
    Bar = "Bar"
    Area = "Area"
    Pie = "Pie"
    Histogram = "Histogram"
    Scatter = "Scatter"
    Text = "Text"
    BoxPlot = "BoxPlot"
    SanKey = "SanKey"
    Gauge = "Gauge"
    Map = "Map"
    Graph = "Graph"
    Heatmap = "Heatmap"
    Timeline = "Timeline"
    Other = "Other"


class CreateChartRequest(ServiceAssetRequest, entity_type="chart"):
    """Create or update a chart."""

    chartType: ChartType | None = None
    dashboards: list[FullyQualifiedName] | None = None


class Chart(ServiceAssetEntity, entity_type="chart"):
    """A stored chart."""

    serviceType: DashboardServiceType | None = None
    chartType: ChartType | None = None
    dashboards: list[EntityReference] | None = None


class DataModelType(str, Enum):
    """Tool of a data model, and its kind there."""

    TableauDataModel = "TableauDataModel"
    TableauPublishedDatasource = "TableauPublishedDatasource"
    TableauEmbeddedDatasource = "TableauEmbeddedDatasource"
    SupersetDataModel = "SupersetDataModel"
    MetabaseDataModel = "MetabaseDataModel"
    ModeDataModel = "ModeDataModel"
    LookMlView = "LookMlView"
    LookMlExplore = "LookMlExplore"
    PowerBIDataModel = "PowerBIDataModel"
    QlikDataModel = "QlikDataModel"
    QuickSightDataModel = "QuickSightDataModel"
    SigmaDataModel = "SigmaDataModel"
    PowerBIDataFlow = "PowerBIDataFlow"
    PowerBIDatamart = "PowerBIDatamart"
    MicroStrategyDataset = "MicroStrategyDataset"
    ThoughtSpotDataModel = "ThoughtSpotDataModel"
    SapS4HanaCdsView = "SapS4HanaCdsView"
    SsrsDataModel = "SsrsDataModel"
    OmniDataModel = "OmniDataModel"


class _DataModelFields(Model, entity_type="dashboardDataModel"):
    dataModelType: DataModelType
    columns: list[Column]
    serviceType: DashboardServiceType | None = None
    sql: str | None = None
    project: str | None = None


class CreateDashboardDataModelRequest(_DataModelFields, ServiceAssetRequest, RewrittenName):
    """Create or update a data model of a dashboard tool; its FQN is `service.model.name`."""

    name: AssetName


class DashboardDataModel(_DataModelFields, AssetEntity):
    """A stored data model of a dashboard tool."""

    service: EntityReference | None = None
