"""Catalogue of planets in a JSON file: owners, lineage by ids. OpenMetadata 1.5 – 1.10."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, field_validator

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.api.services.createDatabaseService import (
    CreateDatabaseServiceRequest,
)
from metadata.generated.schema.api.teams.createUser import CreateUserRequest
from metadata.generated.schema.entity.data.table import (
    Column,
    ColumnName,
    DataType,
    Table,
    TableData,
)
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.databaseService import (
    DatabaseConnection,
    DatabaseServiceType,
)
from metadata.generated.schema.entity.teams.user import User
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, FullyQualifiedEntityName, Markdown
from metadata.generated.schema.type.entityLineage import (
    ColumnLineage,
    EntitiesEdge,
    LineageDetails,
)
from metadata.generated.schema.type.entityLineage import Source as LineageSource
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.generated.schema.type.entityReferenceList import EntityReferenceList
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.models import Either, StackTraceError
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.ometa.utils import model_str
from metadata.utils import fqn
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()

_FALLBACK = DataType.UNKNOWN if hasattr(DataType, "UNKNOWN") else DataType.STRING


class Described(BaseModel):
    name: str
    fields: dict[str, str]
    of: str | None = None

    @field_validator("fields")
    @classmethod
    def not_empty(cls, value):
        if not value:
            raise ValueError("no fields")
        return value


def om_type(name: str) -> DataType:
    try:
        return DataType[name]
    except KeyError:
        return _FALLBACK


class PlanetSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata) -> None:
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection = config.serviceConnection.root.config
        options: dict[str, Any] = dict(self.service_connection.connectionOptions.root)
        self.catalogue = options["catalogue"]
        self.observer = options.get("observer")
        self.service_name = config.serviceName

    @classmethod
    def create(
        cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: str | None = None
    ) -> PlanetSource:
        config: WorkflowSource = WorkflowSource.model_validate(config_dict)
        connection: CustomDatabaseConnection = config.serviceConnection.root.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, but got {connection}")
        return cls(config, metadata)

    def prepare(self) -> None:
        return None

    def test_connection(self) -> None:
        pass

    def _iter(self) -> Iterable[Either[Entity]]:
        yield Either(
            right=CreateDatabaseServiceRequest(
                name=EntityName(self.service_name),
                serviceType=DatabaseServiceType.CustomDatabase,
                connection=DatabaseConnection(config=self.service_connection),
            )
        )
        yield Either(right=CreateUserRequest(name="tycho", email=self.observer))
        database = f"{self.service_name}.space"
        yield Either(right=CreateDatabaseRequest(name="space", service=self.service_name))
        yield Either(
            right=CreateDatabaseSchemaRequest(
                name=EntityName("sol"),
                database=FullyQualifiedEntityName(database),
                description=Markdown("Around the **sun**"),
            )
        )
        with open(self.catalogue) as file:
            entries = json.load(file)
        for entry in entries:
            try:
                described = Described.model_validate(entry)
            except ValueError as error:
                yield Either(
                    left=StackTraceError(
                        name=entry["name"],
                        error=f"Bad entry [{entry['name']}]: {error}",
                        stackTrace=traceback.format_exc(),
                    )
                )
                continue
            yield from self.table(described)
            yield from self.lineage(described)

    def table(self, described: Described) -> Iterable[Either]:
        owner = self.metadata.get_by_name(entity=User, fqn="tycho")
        references = EntityReferenceList(root=[EntityReference(id=owner.id, type="user")])
        request = CreateTableRequest(
            name=described.name,
            databaseSchema=f"{self.service_name}.space.sol",
            owners=references,
            columns=[
                Column(name=ColumnName(name), dataType=om_type(kind))
                for name, kind in described.fields.items()
            ]
            + [Column(name="seen", dataType="TIMESTAMP", dataTypeDisplay="when")],
        )
        logger.info("table %s with %s", request.name.root, request.columns[0].name.root)
        yield Either(right=request)

    def lineage(self, described: Described) -> Iterable[Either] | None:
        if described.of is None:
            return []
        ends: list[Table] = []
        for name in (described.of, described.name):
            found = fqn.build(
                self.metadata,
                entity_type=Table,
                service_name=self.service_name,
                database_name="space",
                schema_name="sol",
                table_name=name,
            )
            ends.append(self.metadata.get_by_name(entity=Table, fqn=found))
        start, end = ends
        self.metadata.ingest_table_sample_data(
            table=end, sample_data=TableData(columns=["name"], rows=[[described.name]])
        )
        yield Either(
            right=AddLineageRequest(
                edge=EntitiesEdge(
                    fromEntity=EntityReference(id=start.id, type="table"),
                    toEntity=EntityReference(id=end.id.root, type="table"),
                    description="turns around it",
                    lineageDetails=LineageDetails(
                        source=LineageSource.Manual,
                        columnsLineage=[
                            ColumnLineage(
                                fromColumns=[model_str(start.columns[0].fullyQualifiedName)],
                                toColumn=end.columns[0].fullyQualifiedName,
                            )
                        ],
                    ),
                )
            )
        )

    def close(self) -> None:
        return None
