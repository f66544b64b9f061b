"""Buckets of an object store with the people who own them. OpenMetadata 1.4."""

import json
from typing import Iterable, List, Optional

from metadata.generated.schema.api.data.createContainer import CreateContainerRequest
from metadata.generated.schema.api.domains.createDomain import CreateDomainRequest
from metadata.generated.schema.api.services.createStorageService import (
    CreateStorageServiceRequest,
)
from metadata.generated.schema.api.teams.createUser import CreateUserRequest
from metadata.generated.schema.entity.data.container import (
    Container,
    ContainerDataModel,
    FileFormat,
)
from metadata.generated.schema.entity.data.table import Column, DataType
from metadata.generated.schema.entity.domains.domain import Domain
from metadata.generated.schema.entity.services.connections.storage.customStorageConnection import (
    CustomStorageConnection,
)
from metadata.generated.schema.entity.services.storageService import (
    StorageConnection,
    StorageService,
    StorageServiceType,
)
from metadata.generated.schema.entity.teams.user import User
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.ometa.utils import model_str
from metadata.utils.helpers import clean_uri, replace_special_with
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()

FORMATS = {kind.value: kind for kind in FileFormat}


class BucketSource(Source):
    """Each bucket is a container, and so is each prefix in it"""

    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.options = config.serviceConnection.__root__.config.connectionOptions.__root__
        self.endpoint = clean_uri(self.options["endpoint"])

    @classmethod
    def create(cls, config_dict, metadata: OpenMetadata, pipeline_name=None):
        config: WorkflowSource = WorkflowSource.parse_obj(config_dict)
        if not isinstance(config.serviceConnection.__root__.config, CustomStorageConnection):
            raise InvalidSourceException("Not a storage connection")
        return cls(config, metadata)

    def prepare(self):
        with open(self.options["listing"]) as file:
            self.listing = json.load(file)

    def test_connection(self):
        pass

    def people(self) -> Iterable[Either]:
        for bucket in self.listing:
            mail = bucket["owner"]
            yield Either(
                right=CreateUserRequest(
                    name=replace_special_with(mail.split("@")[0], "_"), email=mail, isBot=False
                )
            )
        yield Either(
            right=CreateDomainRequest(
                name="Storage", domainType="Source-aligned", description="All buckets"
            )
        )

    def _iter(self) -> Iterable[Either[Entity]]:
        yield from self.people()
        yield Either(
            right=CreateStorageServiceRequest(
                name=self.config.serviceName,
                serviceType=StorageServiceType.CustomStorage,
                connection=StorageConnection(config=self.config.serviceConnection.__root__.config),
            )
        )
        domain: Domain = self.metadata.get_by_name(entity=Domain, fqn="Storage")
        for bucket in self.listing:
            owner = self.metadata.get_reference_by_email(bucket["owner"])
            request = CreateContainerRequest(
                name=bucket["name"],
                prefix="/",
                service=self.config.serviceName,
                owner=owner,
                domain=domain.fullyQualifiedName.__root__,
                size=sum(prefix["bytes"] for prefix in bucket["prefixes"]),
                sourceUrl=f"{self.endpoint}/{bucket['name']}",
            )
            yield Either(right=request)
            parent: Container = self.metadata.get_by_name(
                entity=Container, fqn=f"{self.config.serviceName}.{bucket['name']}"
            )
            for prefix in bucket["prefixes"]:
                yield Either(right=self.child(parent, prefix))

    def child(self, parent: Container, prefix) -> CreateContainerRequest:
        logger.debug("prefix below %s", model_str(parent.fullyQualifiedName))
        return CreateContainerRequest(
            name=prefix["name"],
            prefix=f"/{prefix['name']}",
            service=model_str(parent.service.fullyQualifiedName)
            if parent.service.fullyQualifiedName
            else self.config.serviceName,
            parent=EntityReference(id=parent.id, type="container"),
            fileFormats=[FORMATS[prefix["format"]]],
            numberOfObjects=prefix["objects"],
            size=prefix["bytes"],
            dataModel=ContainerDataModel(
                isPartitioned=False,
                columns=[Column(name=name, dataType=DataType.STRING) for name in prefix["columns"]],
            ),
        )

    def close(self):
        pass
