from typing import Any, Iterable, List, Optional

from metadata.generated.schema.api.data.createChart import CreateChartRequest
from metadata.generated.schema.api.data.createDashboard import CreateDashboardRequest
from metadata.generated.schema.api.data.createDashboardDataModel import (
    CreateDashboardDataModelRequest,
)
from metadata.generated.schema.api.domains.createDomain import CreateDomainRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.entity.data.chart import Chart
from metadata.generated.schema.entity.data.dashboard import Dashboard
from metadata.generated.schema.entity.data.dashboardDataModel import (
    DashboardDataModel,
    DataModelType,
)
from metadata.generated.schema.entity.data.table import Column, DataType
from metadata.generated.schema.entity.services.dashboardService import (
    DashboardService,
    DashboardServiceType,
)
from metadata.generated.schema.entity.domains.domain import Domain
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import (
    EntityName,
    FullyQualifiedEntityName,
    Markdown,
    SourceUrl,
)
from metadata.generated.schema.type.entityLineage import EntitiesEdge
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.ometa.utils import model_str
from metadata.utils import fqn
from metadata.utils.filters import filter_by_chart
from metadata.utils.helpers import get_standard_chart_type
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class FiguresSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.source_config = config.sourceConfig.config
        self.service_connection = config.serviceConnection.root.config
        # imported here: the package imports this module
        from figures_connector import get_connection, test_connection

        self.connection_obj = get_connection(self.service_connection)
        test_connection(self.metadata, self.connection_obj, self.service_connection)

    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self):
        pass

    def test_connection(self):
        return True

    def _iter(self) -> Iterable[Either[Any]]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DashboardService, config=self.config
            )
        )
        yield Either(
            right=CreateDomainRequest(
                name=EntityName("People"),
                domainType="Aggregate",
                description=Markdown("What the bureau counts"),
            )
        )
        yield Either(right=Barrier())
        domain = self.metadata.get_by_name(entity=Domain, fqn="People")
        charts: List[FullyQualifiedEntityName] = []
        for figure in self.connection_obj.figures():
            if filter_by_chart(self.source_config.chartFilterPattern, figure["name"]):
                self.status.filter(figure["name"], "Chart Pattern not allowed")
                continue
            yield from self.chart(figure, model_str(domain.fullyQualifiedName))
            charts.append(
                FullyQualifiedEntityName(
                    fqn.build(
                        self.metadata,
                        entity_type=Chart,
                        service_name=self.config.serviceName,
                        chart_name=figure["name"],
                    )
                )
            )
        self.status.scanned_all([chart.root for chart in charts])
        yield Either(
            right=CreateDashboardRequest(
                name=EntityName("yearbook"),
                charts=charts,
                service=FullyQualifiedEntityName(self.config.serviceName),
                domains=[domain.fullyQualifiedName.root],
            )
        )
        yield Either(right=Barrier(reason="lineage below"))
        for figure in ("births", "rents"):
            yield from self.lineage(figure)

    def chart(self, figure, domain):
        yield Either(
            right=CreateDashboardDataModelRequest(
                name=EntityName(figure["name"]),
                service=FullyQualifiedEntityName(self.config.serviceName),
                dataModelType=DataModelType.PowerBIDataModel.value,
                columns=[
                    Column(
                        name=figure["unit"], dataType=DataType.DOUBLE, description=Markdown("value")
                    )
                ],
            )
        )
        yield Either(
            right=CreateChartRequest(
                name=EntityName(figure["name"]),
                chartType=get_standard_chart_type(figure["kind"]),
                sourceUrl=SourceUrl(f"https://bureau.example/{figure['name']}"),
                service=FullyQualifiedEntityName(self.config.serviceName),
                domains=[domain],
            )
        )

    def lineage(self, figure):
        model = self.metadata.get_by_name(
            entity=DashboardDataModel, fqn=f"{self.config.serviceName}.model.{figure}"
        )
        dashboard = self.metadata.get_by_name(
            entity=Dashboard, fqn=f"{self.config.serviceName}.yearbook"
        )
        if not model or not dashboard:
            return []
        yield Either(
            right=AddLineageRequest(
                edge=EntitiesEdge(
                    fromEntity=EntityReference(id=model.id, type="dashboardDataModel"),
                    toEntity=EntityReference(id=dashboard.id, type="dashboard"),
                )
            )
        )

    def close(self):
        pass
