"""
Recipes in XML, a cuisine per schema. Follows the custom connector demo of OpenMetadata 1.2.
"""

import traceback
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Iterable, List, Optional

from pydantic import BaseModel, ValidationError, validator

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    OpenMetadataConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class InvalidRecipeException(Exception):
    """A recipe book that is not valid"""


class Ingredient(BaseModel):
    name: str
    unit: str
    column_types: str = "STRING"

    @validator("unit", always=True)
    def short_unit(cls, value):
        if len(value) > 3:
            raise ValueError(f"{value} is no unit")
        return value


class RecipeSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        self.config = config
        self.metadata = metadata

        self.service_connection = config.serviceConnection.__root__.config

        self.book: Optional[str] = self.service_connection.connectionOptions.__root__.get("book")
        if not self.book:
            raise InvalidRecipeException("Missing book connection option")
        self.kitchen: str = self.service_connection.connectionOptions.__root__.get("kitchen")
        self.recipes: Optional[List] = None

        super().__init__()

    @classmethod
    def create(cls, config_dict: dict, metadata_config: OpenMetadataConnection) -> "RecipeSource":
        config: WorkflowSource = WorkflowSource.parse_obj(config_dict)
        connection: CustomDatabaseConnection = config.serviceConnection.__root__.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, but got {connection}")
        return cls(config, metadata_config)

    def prepare(self):
        self.recipes = ET.parse(Path(self.book)).getroot().findall("recipe")

    def yield_create_request_database_service(self):
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DatabaseService, config=self.config
            )
        )

    def yield_kitchen(self):
        service_entity: DatabaseService = self.metadata.get_by_name(
            entity=DatabaseService, fqn=self.config.serviceName
        )
        yield Either(
            right=CreateDatabaseRequest(
                name=self.kitchen,
                service=service_entity.fullyQualifiedName,
            )
        )

    def yield_cuisines(self):
        database_entity: Database = self.metadata.get_by_name(
            entity=Database, fqn=f"{self.config.serviceName}.{self.kitchen}"
        )
        for cuisine in sorted({recipe.get("cuisine") for recipe in self.recipes}):
            yield Either(
                right=CreateDatabaseSchemaRequest(
                    name=cuisine,
                    description=f"The {cuisine} cuisine",
                    database=database_entity.fullyQualifiedName,
                )
            )

    def yield_recipes(self):
        for recipe in self.recipes:
            schema: DatabaseSchema = self.metadata.get_by_name(
                entity=DatabaseSchema,
                fqn=f"{self.config.serviceName}.{self.kitchen}.{recipe.get('cuisine')}",
            )
            try:
                ingredients = [Ingredient.parse_obj(found.attrib) for found in recipe]
                yield Either(
                    right=CreateTableRequest(
                        name=recipe.get("name"),
                        tableType="View" if recipe.text else None,
                        viewDefinition=recipe.text,
                        databaseSchema=schema.fullyQualifiedName,
                        columns=[
                            Column(
                                name=ingredient.name,
                                dataType=ingredient.column_types,
                                description=f"in {ingredient.unit}",
                            )
                            for ingredient in ingredients
                        ],
                    )
                )
            except ValidationError as exc:
                yield Either(
                    left=StackTraceError(
                        name=recipe.get("name"),
                        error=f"Cannot cook {recipe.get('name')}: {exc.errors()[0]['msg']}",
                        stackTrace=traceback.format_exc(),
                    )
                )

    def _iter(self) -> Iterable[Entity]:
        yield from self.yield_create_request_database_service()
        yield from self.yield_kitchen()
        yield from self.yield_cuisines()
        yield from self.yield_recipes()

    def test_connection(self) -> None:
        pass

    def close(self):
        pass
