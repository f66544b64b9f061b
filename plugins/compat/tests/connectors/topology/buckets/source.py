"""A connector for release 1.5: folders in buckets."""

from typing import Any, Dict, Iterable, Optional

from metadata.generated.schema.api.data.createContainer import CreateContainerRequest
from metadata.generated.schema.entity.data.container import (
    Container,
    ContainerDataModel,
    FileFormat,
)
from metadata.generated.schema.entity.data.table import Column
from metadata.generated.schema.entity.services.connections.testConnectionResult import (
    StatusType,
    TestConnectionResult,
)
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, FullyQualifiedEntityName
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.models import Either
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.storage.storage_service import StorageServiceSource
from metadata.utils import fqn
from metadata.utils.filters import filter_by_container


class BucketsSource(StorageServiceSource):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__(config, metadata)
        self._bucket_ids: Dict[str, Any] = {}

    @classmethod
    def create(cls, config_dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def get_containers(self) -> Iterable[dict]:
        for bucket, folders in self.connection.items():
            if filter_by_container(self.source_config.containerFilterPattern, bucket):
                self.status.filter(bucket, "Bucket Filtered Out")
                continue
            yield {"name": bucket, "parent": None, "size": len(folders)}
            container_fqn = fqn._build(self.context.get().objectstore_service, bucket)
            parent = self.metadata.get_by_name(entity=Container, fqn=container_fqn)
            for folder, columns in folders.items():
                yield {"name": folder, "parent": parent, "columns": columns}

    def yield_create_container_requests(
        self, container_details: dict
    ) -> Iterable[Either[CreateContainerRequest]]:
        parent, columns = container_details["parent"], container_details.get("columns")
        request = CreateContainerRequest(
            name=EntityName(container_details["name"]),
            service=FullyQualifiedEntityName(self.context.get().objectstore_service),
            parent=EntityReference(id=parent.id, type="container") if parent else None,
            numberOfObjects=container_details.get("size"),
            fileFormats=[FileFormat.parquet] if columns else None,
            dataModel=ContainerDataModel(
                isPartitioned=False,
                columns=[Column(name=name, dataType="STRING") for name in columns],
            )
            if columns
            else None,
        )
        yield Either(right=request)
        self.register_record(container_request=request)


def get_connection(connection):
    return {"data": {"raw": ["a", "b"], "clean": ["a"]}, "logs": {}, "trash": {"x": ["y"]}}


def test_connection(metadata, client, service_connection, automation_workflow=None):
    client["data"]
    return TestConnectionResult(status=StatusType.Successful, steps=[])
