"""The cellar, a storage: a container in a container, with files that have columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metadata.generated.schema.api.data.createContainer import CreateContainerRequest
from metadata.generated.schema.entity.data.container import (
    Container,
    ContainerDataModel,
    FileFormat,
)
from metadata.generated.schema.entity.data.table import Column, DataType
from metadata.generated.schema.entity.services.connections.storage.customStorageConnection import (
    CustomStorageConnection,
)
from metadata.generated.schema.entity.services.storageService import StorageService
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.models.barrier import Barrier

from .steps import ToyshopSource


class CellarSource(ToyshopSource):
    service_type = StorageService
    connection_type = CustomStorageConnection

    def records(self) -> Iterable[Any]:
        yield CreateContainerRequest(
            name="shelf", service=self.service, prefix="/shelf", numberOfObjects=2, size=4096
        )
        yield Barrier(reason="a container needs its parent")
        shelf = self.metadata.get_by_name(entity=Container, fqn=f"{self.service}.shelf")
        yield CreateContainerRequest(
            name="boxes",
            displayName="Boxes",
            description="Lists of boxes",
            parent=EntityReference(id=shelf.id, type="container"),
            service=self.service,
            prefix="/shelf/boxes",
            fullPath="file:///cellar/shelf/boxes",
            fileFormats=[FileFormat.csv, FileFormat.gz],
            dataModel=ContainerDataModel(
                isPartitioned=True,
                columns=[
                    Column(name="box", dataType=DataType.INT),
                    Column(name="content", dataType=DataType.TEXT, description="What is in it"),
                ],
            ),
        )
