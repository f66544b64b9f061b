"""Statistics pages of a wiki, as dashboards. For OpenMetadata 0.13, copied into its namespace."""

from typing import Iterable, List

from metadata.generated.schema.api.data.createChart import CreateChartRequest
from metadata.generated.schema.api.data.createDashboard import CreateDashboardRequest
from metadata.generated.schema.entity.data.chart import Chart
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    OpenMetadataConnection,
)
from metadata.generated.schema.entity.services.dashboardService import DashboardService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.source import Source, SourceStatus
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.dashboard.wikistats.client import WikiClient
from metadata.utils.filters import filter_by_chart, filter_by_dashboard
from metadata.utils.helpers import get_standard_chart_type, replace_special_with
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class WikistatsSource(Source[Entity]):
    """One page is a dashboard, each figure on it a chart."""

    def __init__(self, config: WorkflowSource, metadata_config: OpenMetadataConnection):
        super().__init__()
        self.config = config
        self.metadata_config = metadata_config
        self.metadata = OpenMetadata(metadata_config)
        self.status = SourceStatus()
        self.source_config = config.sourceConfig.config
        options = config.serviceConnection.__root__.config.connectionOptions.__root__
        self.base = options["hostPort"].rstrip("/")
        self.client = WikiClient(options["pages"])
        self.service = None

    @classmethod
    def create(cls, config_dict, metadata_config: OpenMetadataConnection):
        config = WorkflowSource.parse_obj(config_dict)
        return cls(config, metadata_config)

    def prepare(self):
        self.service = self.metadata.get_service_or_create(
            entity=DashboardService, config=self.config
        )

    def next_record(self) -> Iterable[Entity]:
        for page in self.client.pages():
            if filter_by_dashboard(self.source_config.dashboardFilterPattern, page["title"]):
                self.status.filter(page["title"], "Dashboard pattern not allowed")
                continue
            yield from self.process_charts(page)
            yield from self.process_dashboard(page)

    def chart_name(self, page, figure) -> str:
        return replace_special_with(f"{page['title']} {figure['caption']}", "_")

    def process_charts(self, page) -> Iterable[CreateChartRequest]:
        for figure in page["figures"]:
            if filter_by_chart(self.source_config.chartFilterPattern, figure["caption"]):
                self.status.filter(figure["caption"], "Chart pattern not allowed")
                continue
            yield CreateChartRequest(
                name=self.chart_name(page, figure),
                displayName=figure["caption"],
                description="",
                chartType=get_standard_chart_type(figure["kind"]).value,
                chartUrl=f"{self.base}/figure/{figure['id']}",
                service=EntityReference(id=self.service.id, type="dashboardService"),
            )
            self.status.scanned(figure["caption"])

    def process_dashboard(self, page) -> Iterable[CreateDashboardRequest]:
        charts: List[EntityReference] = []
        for figure in page["figures"]:
            chart = self.metadata.get_by_name(
                entity=Chart,
                fqn=f"{self.config.serviceName}.{self.chart_name(page, figure)}",
            )
            if chart:
                charts.append(EntityReference(id=chart.id, type="chart"))
        yield CreateDashboardRequest(
            name=page["title"],
            displayName=page["title"],
            description=page.get("lead", ""),
            dashboardUrl=f"{self.base}/page/{page['title']}",
            charts=charts,
            service=EntityReference(id=self.service.id, type="dashboardService"),
        )
        if "broken" in page:
            self.status.failure(page["title"], page["broken"])

    def get_status(self) -> SourceStatus:
        return self.status

    def test_connection(self) -> None:
        pass

    def close(self):
        self.client.close()
