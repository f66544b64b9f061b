"""A connector for release 2.0: models of a hub, and the tables that they were trained with."""

from typing import Iterable, List, Optional

from metadata.generated.schema.api.data.createMlModel import CreateMlModelRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.entity.data.mlmodel import (
    FeatureType,
    MlFeature,
    MlHyperParameter,
    MlModel,
    MlStore,
)
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, FullyQualifiedEntityName
from metadata.generated.schema.type.entityLineage import EntitiesEdge
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.models import Either
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.mlmodel.mlmodel_service import MlModelServiceSource
from metadata.utils.filters import filter_by_mlmodel


class HubSource(MlModelServiceSource):
    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def get_mlmodels(self) -> Iterable[dict]:
        for model in self.client:
            if filter_by_mlmodel(
                self.source_config.mlModelFilterPattern, mlmodel_name=model["name"]
            ):
                self.status.filter(model["name"], "MlModel name pattern not allowed")
                continue
            yield model

    def _get_algorithm(self, model: dict) -> str:
        return model.get("algorithm", "mlmodel")

    def _get_hyper_params(self, model: dict) -> Optional[List[MlHyperParameter]]:
        return [MlHyperParameter(name=key, value=str(model[key])) for key in ("depth",)]

    def _get_ml_store(self, model: dict) -> Optional[MlStore]:
        return MlStore(storage=f"s3://models/{model['name']}")

    def _get_ml_features(self, model: dict) -> Optional[List[MlFeature]]:
        return [MlFeature(name=name, dataType=FeatureType.numerical) for name in model["features"]]

    def yield_mlmodel(self, model: dict) -> Iterable[Either[CreateMlModelRequest]]:
        request = CreateMlModelRequest(
            name=EntityName(model["name"]),
            algorithm=self._get_algorithm(model),
            mlHyperParameters=self._get_hyper_params(model),
            mlFeatures=self._get_ml_features(model),
            mlStore=self._get_ml_store(model),
            service=FullyQualifiedEntityName(self.context.get().mlmodel_service),
        )
        yield Either(right=request)
        self.register_record(mlmodel_request=request)

    def yield_mlmodel_lineage_details(
        self, mlmodel_details: dict, db_service_prefix: Optional[str] = None
    ) -> Iterable[Either[AddLineageRequest]]:
        service, database, *_ = self.parse_db_service_prefix(db_service_prefix)
        if "visits" not in mlmodel_details["features"] or not database:
            return
        context = self.context.get()
        model = self.metadata.get_by_name(
            entity=MlModel, fqn=f"{context.mlmodel_service}.{context.mlmodels}"
        )
        table = self.metadata.get_by_name(entity=Table, fqn=f"{service}.{database}.sales.customers")
        if model and table:
            yield Either(
                right=AddLineageRequest(
                    edge=EntitiesEdge(
                        fromEntity=EntityReference(id=table.id, type="table"),
                        toEntity=EntityReference(id=model.id, type="mlmodel"),
                    )
                )
            )

    def test_connection(self) -> None:
        pass


def get_connection(_):
    return [
        {"name": "churn", "algorithm": "forest", "depth": 3, "features": ["age", "visits"]},
        {"name": "test_one", "depth": 1, "features": []},
        {"name": "price", "depth": 5, "features": ["size"]},
    ]
