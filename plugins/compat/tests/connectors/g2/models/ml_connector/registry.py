"""A model registry in a JSON file. OpenMetadata 1.4."""

import json
from typing import Iterable, Optional

from metadata.generated.schema.api.data.createMlModel import CreateMlModelRequest
from metadata.generated.schema.entity.data.mlmodel import (
    FeatureType,
    MlFeature,
    MlHyperParameter,
    MlModel,
    MlStore,
)
from metadata.generated.schema.entity.services.connections.mlmodel.customMlModelConnection import (
    CustomMlModelConnection,
)
from metadata.generated.schema.entity.services.mlmodelService import MlModelService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import SourceUrl
from metadata.ingestion.api.models import Either, StackTraceError
from metadata.ingestion.api.steps import Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class RegistrySource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection: CustomMlModelConnection = config.serviceConnection.__root__.config
        self.registry: Optional[list] = None

    @classmethod
    def create(
        cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None
    ) -> "RegistrySource":
        config: WorkflowSource = WorkflowSource.parse_obj(config_dict)
        return cls(config, metadata)

    def prepare(self):
        path = self.service_connection.connectionOptions.__root__.get("registry")
        with open(path) as file:
            self.registry = json.load(file)

    def test_connection(self):
        return None

    def _iter(self) -> Iterable[Either]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=MlModelService, config=self.config
            )
        )
        for model in self.registry:
            if not model.get("algorithm"):
                self.status.warning(model["name"], "No algorithm is known")
            yield Either(right=self.model(model))
            found = self.metadata.get_by_name(
                entity=MlModel, fqn=f"{self.config.serviceName}.{model['name']}"
            )
            if found is None:
                yield Either(left=StackTraceError(name=model["name"], error="Not stored"))

    def model(self, model) -> CreateMlModelRequest:
        return CreateMlModelRequest(
            name=model["name"],
            algorithm=model.get("algorithm") or "unknown",
            target=model.get("target"),
            mlFeatures=[
                MlFeature(name=name, dataType=FeatureType(kind))
                for name, kind in model["features"].items()
            ],
            mlHyperParameters=[
                MlHyperParameter(name=name, value=str(value))
                for name, value in model["parameters"].items()
            ],
            mlStore=MlStore(storage=model["store"]),
            server=SourceUrl(__root__="https://models.example"),
            sourceUrl=SourceUrl(__root__=f"https://models.example/{model['name']}"),
            service=self.config.serviceName,
        )

    def close(self):
        self.registry = None
