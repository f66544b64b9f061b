"""A connector for release 1.5: boards with charts and the models behind them."""

from typing import Any, Iterable, List, Optional

from metadata.generated.schema.api.data.createChart import CreateChartRequest
from metadata.generated.schema.api.data.createDashboard import CreateDashboardRequest
from metadata.generated.schema.api.data.createDashboardDataModel import (
    CreateDashboardDataModelRequest,
)
from metadata.generated.schema.entity.data.chart import Chart, ChartType
from metadata.generated.schema.entity.data.dashboardDataModel import DataModelType
from metadata.generated.schema.entity.data.table import Column
from metadata.generated.schema.entity.services.connections.testConnectionResult import (
    StatusType,
    TestConnectionResult,
)
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, FullyQualifiedEntityName, SourceUrl
from metadata.ingestion.api.models import Either
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.dashboard.dashboard_service import DashboardServiceSource
from metadata.utils import fqn
from metadata.utils.filters import filter_by_chart


class BoardsSource(DashboardServiceSource):
    boards: List[dict]

    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__(config, metadata)
        self.boards = []

    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self):
        self.boards = self.client.boards()

    def get_dashboards_list(self) -> Optional[List[dict]]:
        return self.boards

    def get_dashboard_name(self, dashboard: dict) -> str:
        return dashboard["title"]

    def get_dashboard_details(self, dashboard: dict) -> dict:
        if dashboard.get("broken"):
            raise ConnectionError("410 Gone")
        return dashboard

    def get_project_name(self, dashboard_details: Any) -> Optional[str]:
        return dashboard_details.get("folder")

    def yield_datamodel(self, dashboard_details: dict):
        for name, columns in dashboard_details["models"].items():
            request = CreateDashboardDataModelRequest(
                name=EntityName(name),
                service=FullyQualifiedEntityName(self.context.get().dashboard_service),
                dataModelType=DataModelType.MetabaseDataModel.value,
                columns=[Column(name=column, dataType="STRING") for column in columns],
            )
            yield Either(right=request)
            self.register_record_datamodel(datamodel_request=request)

    def yield_dashboard_chart(self, dashboard_details: dict) -> Iterable[Either]:
        for title in dashboard_details["charts"]:
            if filter_by_chart(self.source_config.chartFilterPattern, title):
                self.status.filter(title, "Chart Pattern not allowed")
                continue
            yield Either(
                right=CreateChartRequest(
                    name=EntityName(title),
                    chartType=ChartType.Bar,
                    sourceUrl=SourceUrl(f"https://boards.example/{title}"),
                    service=FullyQualifiedEntityName(self.context.get().dashboard_service),
                )
            )

    def yield_dashboard(self, dashboard_details: dict) -> Iterable[Either[CreateDashboardRequest]]:
        request = CreateDashboardRequest(
            name=EntityName(dashboard_details["title"]),
            project=self.context.get().project_name,
            charts=[
                FullyQualifiedEntityName(
                    fqn.build(
                        self.metadata,
                        entity_type=Chart,
                        service_name=self.context.get().dashboard_service,
                        chart_name=chart,
                    )
                )
                for chart in self.context.get().charts or []
            ],
            service=FullyQualifiedEntityName(self.context.get().dashboard_service),
        )
        yield Either(right=request)
        self.register_record(dashboard_request=request)

    def yield_dashboard_lineage_details(self, dashboard_details: dict, db_service_name: str):
        """Only models are known"""


class BoardsClient:
    def __init__(self, gone):
        self.gone = gone

    def boards(self):
        yield {
            "title": "Sales",
            "folder": "shop",
            "charts": ["Per day", "Per shop", "Draft one"],
            "models": {"revenue": ["day", "sum"]},
        }
        yield {"title": "Empty", "folder": "shop", "charts": [], "models": {}}
        yield {
            "title": "Visits",
            "folder": "shop",
            "broken": self.gone,
            "charts": [],
            "models": {},
        }
        yield {"title": "Salaries", "folder": "people", "charts": ["Per head"], "models": {}}


def get_connection(connection):
    return BoardsClient(connection.connectionOptions.root["gone"] == "yes")


def test_connection(*_, **__):
    return TestConnectionResult(status=StatusType.Successful, steps=[])
