"""Storage services and containers: buckets, folders, files of one format (§2, §3.1)."""

from __future__ import annotations

from enum import Enum

from om_ingest.model.entity import EntityReference, Model, ServiceAssetEntity, ServiceAssetRequest
from om_ingest.model.naming import Number
from om_ingest.model.service import ServiceEntity, ServiceRequest
from om_ingest.model.table import Column, TableData


class StorageServiceType(str, Enum):
    """Storage products that OpenMetadata knows; `CustomStorage` for all others."""

    S3 = "S3"
    ADLS = "ADLS"
    GCS = "GCS"
    CustomStorage = "CustomStorage"


class _StorageService(Model, entity_type="storageService"):
    serviceType: StorageServiceType


class CreateStorageServiceRequest(_StorageService, ServiceRequest):
    """Create or update a storage service."""


class StorageService(_StorageService, ServiceEntity):
    """A stored storage service."""


class ContainerFileFormat(str, Enum):
    """Format of the files in a container; OpenMetadata calls it `FileFormat` too."""

    zip = "zip"
    gz = "gz"
    zstd = "zstd"
    csv = "csv"
    tsv = "tsv"
    json = "json"
    parquet = "parquet"
    avro = "avro"
    MF4 = "MF4"


class ContainerDataModel(Model):
    """Columns of the files in a container."""

    columns: list[Column]
    isPartitioned: bool | None = None


class _ContainerFields(Model, entity_type="container"):
    parent: EntityReference | None = None
    dataModel: ContainerDataModel | None = None
    prefix: str | None = None
    numberOfObjects: Number | None = None
    size: Number | None = None
    fileFormats: list[ContainerFileFormat] | None = None
    fullPath: str | None = None


class CreateContainerRequest(_ContainerFields, ServiceAssetRequest):
    """Create or update a container; `parent` is the container around it. Size in bytes."""


class Container(_ContainerFields, ServiceAssetEntity):
    """A stored container."""

    serviceType: StorageServiceType | None = None
    children: list[EntityReference] | None = None
    retentionPeriod: str | None = None
    sampleData: TableData | None = None
