"""The figures, dashboards: charts, a data model, lineage from one to the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.data.createChart import CreateChartRequest
from metadata.generated.schema.api.data.createDashboard import CreateDashboardRequest
from metadata.generated.schema.api.data.createDashboardDataModel import (
    CreateDashboardDataModelRequest,
)
from metadata.generated.schema.entity.data.chart import Chart, ChartType
from metadata.generated.schema.entity.data.dashboardDataModel import DataModelType
from metadata.generated.schema.entity.data.table import Column, DataType
from metadata.generated.schema.entity.services.connections.dashboard.customDashboardConnection import (
    CustomDashboardConnection,
)
from metadata.generated.schema.entity.services.dashboardService import DashboardService
from metadata.generated.schema.type.basic import SourceUrl
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.models.ometa_lineage import OMetaFQNLineageRequest
from metadata.utils import fqn

from .steps import ToyshopSource, label


class FiguresSource(ToyshopSource):
    service_type = DashboardService
    connection_type = CustomDashboardConnection

    def prepare(self) -> None:
        audience = self.metadata.create_or_update(
            CreateClassificationRequest(name="Audience", description="Who looks at it")
        )
        self.metadata.create_or_update(
            CreateTagRequest(
                classification=audience.fullyQualifiedName, name="Clerks", description="Who sells"
            )
        )

    def records(self) -> Iterable[Any]:
        url = self.options["url"]
        for number, (name, kind) in enumerate({"Sold": "Bar", "Broken": "Pie"}.items()):
            yield CreateChartRequest(
                name=name.lower(),
                displayName=name,
                chartType=ChartType(kind),
                sourceUrl=SourceUrl(f"{url}/charts/{number}"),
                service=self.service,
            )
        yield CreateDashboardDataModelRequest(
            name="sales",
            displayName="Sales",
            dataModelType=list(DataModelType)[0],
            sql="SELECT * FROM sales",
            service=self.service,
            columns=[Column(name="day", dataType=DataType.DATE)],
        )
        yield CreateDashboardRequest(
            name="shop",
            displayName="The shop",
            description="How it goes",
            project="Counter",
            sourceUrl=SourceUrl(f"{url}/shop"),
            charts=[
                fqn.build(
                    self.metadata, entity_type=Chart, service_name=self.service, chart_name=name
                )
                for name in ("sold", "broken")
            ],
            dataModels=[f"{self.service}.model.sales"],
            tags=[label("Audience.Clerks")],
            service=self.service,
        )
        yield Barrier(reason="lineage needs both of its ends")
        yield OMetaFQNLineageRequest(
            from_entity_fqn=f"{self.service}.model.sales",
            from_entity_type="dashboardDataModel",
            to_entity_fqn=f"{self.service}.shop",
            to_entity_type="dashboard",
        )
