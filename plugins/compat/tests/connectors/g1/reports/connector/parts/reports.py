import json
import traceback
from typing import Iterable

from metadata.generated.schema.api.data.createChart import CreateChartRequest
from metadata.generated.schema.api.data.createDashboard import CreateDashboardRequest
from metadata.generated.schema.api.data.createDashboardDataModel import (
    CreateDashboardDataModelRequest,
)
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.entity.data.chart import Chart, ChartType
from metadata.generated.schema.entity.data.dashboard import Dashboard
from metadata.generated.schema.entity.data.dashboardDataModel import (
    DashboardDataModel,
    DataModelType,
)
from metadata.generated.schema.entity.data.table import Column, DataType
from metadata.generated.schema.entity.services.connections.dashboard.customDashboardConnection import (
    CustomDashboardConnection,
)
from metadata.generated.schema.entity.services.dashboardService import DashboardService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import FullyQualifiedEntityName
from metadata.generated.schema.type.entityLineage import EntitiesEdge
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.models import Either, StackTraceError
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils import fqn
from metadata.utils.filters import filter_by_chart
from metadata.utils.helpers import get_standard_chart_type
from metadata.utils.logger import ingestion_logger

from connector.parts.terms import label, terms

logger = ingestion_logger()


class ReportSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection = config.serviceConnection.__root__.config
        self.source_config = config.sourceConfig.config

    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata) -> "ReportSource":
        config = WorkflowSource.parse_obj(config_dict)
        connection = config.serviceConnection.__root__.config
        if not isinstance(connection, CustomDashboardConnection):
            raise InvalidSourceException(f"Expected CustomDashboardConnection, got {connection}")
        return cls(config, metadata)

    def prepare(self):
        with open(self.service_connection.connectionOptions.__root__["reports"]) as file:
            self.reports = json.load(file)

    def _iter(self) -> Iterable[Either]:
        yield from terms(sorted({report["desk"] for report in self.reports}))
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DashboardService, config=self.config
            )
        )
        for report in self.reports:
            try:
                yield from self.report(report)
            except KeyError as exc:
                yield Either(
                    left=StackTraceError(
                        name=report.get("name", "unnamed"),
                        error=f"Report has no {exc}",
                        stackTrace=traceback.format_exc(),
                    )
                )

    def report(self, report) -> Iterable[Either]:
        service = self.config.serviceName
        try:
            kind = DataModelType.NewsroomDataModel
        except AttributeError:
            kind = list(DataModelType)[0]
        model = CreateDashboardDataModelRequest(
            name=f"{report['name']} query",
            service=FullyQualifiedEntityName(__root__=service),
            dataModelType=kind,
            sql=report["sql"],
            columns=[Column(name=name, dataType=DataType["STRING"]) for name in report["columns"]],
        )
        yield Either(right=model)
        names = []
        for figure in report["figures"]:
            if filter_by_chart(self.source_config.chartFilterPattern, figure["name"]):
                self.status.filter(figure["name"], "Chart Pattern not allowed")
                continue
            yield Either(
                right=CreateChartRequest(
                    name=figure["name"],
                    chartType=get_standard_chart_type(figure["kind"]),
                    sourceUrl=f"https://news.example/{figure['name']}",
                    service=service,
                )
            )
            names.append(
                fqn.build(
                    self.metadata,
                    entity_type=Chart,
                    service_name=service,
                    chart_name=figure["name"],
                )
            )
        yield Either(
            right=CreateDashboardRequest(
                name=report["name"],
                dashboardType="Report",
                charts=names,
                dataModels=[f'{service}.model."{report["name"]} query"'],
                tags=[label(report["desk"])],
                service=service,
            )
        )
        yield from self.lineage(report, model.name.__root__)

    def lineage(self, report, model_name):
        model = self.metadata.get_by_name(
            entity=DashboardDataModel,
            fqn=fqn._build(self.config.serviceName, "model", model_name),
        )
        dashboard = self.metadata.get_by_name(
            entity=Dashboard,
            fqn=fqn.build(
                self.metadata,
                Dashboard,
                service_name=self.config.serviceName,
                dashboard_name=report["name"],
            ),
        )
        yield Either(
            right=AddLineageRequest(
                edge=EntitiesEdge(
                    fromEntity=EntityReference(id=model.id.__root__, type="dashboardDataModel"),
                    toEntity=EntityReference(id=dashboard.id.__root__, type="dashboard"),
                )
            )
        )

    def test_connection(self):
        logger.info("nothing to test")

    def close(self):
        pass
