"""A mirror of what a catalog holds, and a glossary of its columns. OpenMetadata 1.9."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Iterable, List, Optional

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.api.services.createDatabaseService import (
    CreateDatabaseServiceRequest,
)
from metadata.generated.schema.entity.data.table import Column, DataType, Table
from metadata.generated.schema.entity.services.databaseService import (
    DatabaseService,
    DatabaseServiceType,
)
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import Markdown
from metadata.generated.schema.type.entityLineage import EntitiesEdge, LineageDetails
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata

logging.basicConfig(level=logging.DEBUG)
log = logging.getLogger(__name__)


class MirrorSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config, self.metadata = config, metadata
        self.options = self.config.serviceConnection.root.config.connectionOptions.root

    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self):
        """What is mirrored; in the field another connector has put it there"""
        origin = self.options["origin"]
        self.metadata.create_or_update(
            CreateDatabaseServiceRequest(name=origin, serviceType=DatabaseServiceType.Mysql)
        )
        database = self.metadata.create_or_update(
            data=CreateDatabaseRequest(name="db", service=origin)
        )
        schema = self.metadata.create_or_update(
            data=CreateDatabaseSchemaRequest(name="s", database=database.fullyQualifiedName)
        )
        for name in self.options["tables"].split():
            self.metadata.create_or_update(
                CreateTableRequest(
                    name=name,
                    databaseSchema=schema.fullyQualifiedName.root,
                    columns=[Column(name="id", dataType=DataType.INT)],
                )
            )

    def test_connection(self):
        assert self.metadata.health_check()

    def _iter(self) -> Iterable[Either]:
        if not self.metadata.health_check():
            yield Either(left=StackTraceError(name="mirror", error="The server is not healthy"))
            return
        yield Either(
            right=self.metadata.get_create_service_from_source(DatabaseService, self.config)
        )
        yield Either(right=CreateDatabaseRequest(name="copy", service=self.config.serviceName))
        yield Either(
            right=CreateDatabaseSchemaRequest(name="s", database=f"{self.config.serviceName}.copy")
        )
        tables: List[Table] = list(
            self.metadata.list_all_entities(
                entity=Table,
                fields=["columns", "owners"],
                params={"database": f"{self.options['origin']}.db"},
            )
        )
        with ThreadPoolExecutor(max_workers=3) as pool:
            requests = list(pool.map(self.copied, tables))
        for table, request in zip(tables, requests):
            yield Either(right=request)
            yield from self.edge(table, request)
        names = [e.name.root for e in self.metadata.list_all_entities(Table, limit=1)]
        self.status.warning("mirror", f"{len(names)} tables, first {sorted(names)[0]}")

    def copied(self, table: Table) -> CreateTableRequest:
        again = self.metadata.get_by_id(entity=Table, entity_id=table.id)
        described = again.model_dump(exclude_none=True, mode="json")
        return CreateTableRequest(
            name=table.name,
            displayName=table.displayName or described["name"].title(),
            databaseSchema=f"{self.config.serviceName}.copy.s",
            description=Markdown(f"Copy of {table.fullyQualifiedName.root}"),
            columns=[
                Column(**column.model_dump(include={"name", "dataType"}))
                for column in again.columns
            ],
        )

    def edge(self, table: Table, request: CreateTableRequest):
        copy: Optional[Table] = self.metadata.get_by_name(
            entity=Table, fqn=f"{request.databaseSchema.root}.{request.name.root}"
        )
        if copy is None:
            return None
        yield Either(
            right=AddLineageRequest(
                edge=EntitiesEdge(
                    fromEntity=EntityReference(id=table.id, type="table"),
                    toEntity=EntityReference(id=copy.id, type="table"),
                    lineageDetails=LineageDetails(source="ExternalTableLineage"),
                )
            )
        )

    def close(self):
        log.debug("closed")
