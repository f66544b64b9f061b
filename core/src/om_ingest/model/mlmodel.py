"""ML model services and models with their features (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from om_ingest.model.entity import (
    EntityReference,
    Model,
    ServiceAssetEntity,
    ServiceAssetRequest,
    TagLabel,
)
from om_ingest.model.naming import EntityName, FullyQualifiedName, Uri
from om_ingest.model.service import Connection, ServiceEntity, ServiceRequest


class MlModelServiceType(str, Enum):
    """Every ML model product that OpenMetadata names; `CustomMlModel` for all others."""

    Mlflow = "Mlflow"
    Sklearn = "Sklearn"
    CustomMlModel = "CustomMlModel"
    SageMaker = "SageMaker"
    VertexAI = "VertexAI"


class MlModelConnection(Connection):
    """How to reach a registry of models."""


class _MlModelService(Model):
    entity_type: ClassVar[str] = "mlmodelService"

    serviceType: MlModelServiceType
    connection: MlModelConnection | None = None


class CreateMlModelServiceRequest(_MlModelService, ServiceRequest):
    """Create or update a ML model service."""


class MlModelService(_MlModelService, ServiceEntity):
    """A stored ML model service."""


class FeatureType(str, Enum):
    """What values a feature has."""

    numerical = "numerical"
    categorical = "categorical"


class FeatureSourceDataType(str, Enum):
    """Type of the data that a feature is made from."""

    integer = "integer"
    number = "number"
    string = "string"
    array = "array"
    date = "date"
    timestamp = "timestamp"
    object = "object"
    boolean = "boolean"


class FeatureSource(Model):
    """Where a feature comes from; `dataSource` points at the table, topic …"""

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
    """One setting that a model was trained with."""

    name: str | None = None
    value: str | None = None
    description: str | None = None


class MlStore(Model):
    """Where the trained model lies."""

    storage: str | None = None
    imageRepository: str | None = None


class _MlModelFields(Model):
    entity_type: ClassVar[str] = "mlmodel"

    mlFeatures: list[MlFeature] | None = None
    target: EntityName | None = None
    mlHyperParameters: list[MlHyperParameter] | None = None
    mlStore: MlStore | None = None
    server: Uri | None = None


class CreateMlModelRequest(_MlModelFields, ServiceAssetRequest):
    """Create or update an ML model; its dashboard must exist."""

    algorithm: str = "mlmodel"
    dashboard: FullyQualifiedName | None = None


class MlModel(_MlModelFields, ServiceAssetEntity):
    """A stored ML model."""

    serviceType: MlModelServiceType | None = None
    algorithm: str
    dashboard: EntityReference | None = None
