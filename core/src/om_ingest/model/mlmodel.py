"""ML model services and models with their features (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum

from om_ingest.model.entity import (
    EntityReference,
    Model,
    ServiceAssetEntity,
    ServiceAssetRequest,
    TagLabel,
)
from om_ingest.model.naming import EntityName, FullyQualifiedName, Uri
from om_ingest.model.service import ServiceEntity, ServiceRequest


class MlModelServiceType(str, Enum):
    """ML model products that OpenMetadata knows; `CustomMlModel` for all others."""

    Mlflow = "Mlflow"
    Sklearn = "Sklearn"
    CustomMlModel = "CustomMlModel"
    SageMaker = "SageMaker"
    VertexAI = "VertexAI"


class _MlModelService(Model, entity_type="mlmodelService"):
    serviceType: MlModelServiceType


class CreateMlModelServiceRequest(_MlModelService, ServiceRequest):
    """Create or update an ML model service."""


class MlModelService(_MlModelService, ServiceEntity):
    """A stored ML model service."""


class FeatureType(str, Enum):
    """Kind of values of a feature."""

    numerical = "numerical"
    categorical = "categorical"


class FeatureSourceDataType(str, Enum):
    """Type of the source data of a feature."""

    integer = "integer"
    number = "number"
    string = "string"
    array = "array"
    date = "date"
    timestamp = "timestamp"
    object = "object"
    boolean = "boolean"


class FeatureSource(Model):
    """Source of a feature; `dataSource` refers to the table, topic …"""

    name: EntityName | None = None
    dataType: FeatureSourceDataType | None = None
    description: str | None = None
    fullyQualifiedName: FullyQualifiedName | None = None
    dataSource: EntityReference | None = None
    tags: list[TagLabel] | None = None


class MlFeature(Model):
    """One feature of a model."""

    name: EntityName | None = None
    dataType: FeatureType | None = None
    description: str | None = None
    fullyQualifiedName: FullyQualifiedName | None = None
    featureSources: list[FeatureSource] | None = None
    featureAlgorithm: str | None = None
    tags: list[TagLabel] | None = None


class MlHyperParameter(Model):
    """A hyperparameter of the training."""

    name: str | None = None
    value: str | None = None
    description: str | None = None


class MlStore(Model):
    """Storage of the trained model."""

    storage: str | None = None
    imageRepository: str | None = None


class _MlModelFields(Model, entity_type="mlmodel"):
    mlFeatures: list[MlFeature] | None = None
    target: EntityName | None = None
    mlHyperParameters: list[MlHyperParameter] | None = None
    mlStore: MlStore | None = None
    server: Uri | None = None


class CreateMlModelRequest(_MlModelFields, ServiceAssetRequest):
    """Create or update an ML model; its dashboard must exist."""

    algorithm: str | None = None
    """Without one, a model is created with `mlmodel`, and one that is there keeps its own."""

    dashboard: FullyQualifiedName | None = None


class MlModel(_MlModelFields, ServiceAssetEntity):
    """A stored ML model."""

    serviceType: MlModelServiceType | None = None
    algorithm: str
    dashboard: EntityReference | None = None
