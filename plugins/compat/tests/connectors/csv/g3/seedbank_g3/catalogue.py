"""The drawers of a seed bank as tables, for OpenMetadata 1.5 to 1.10."""

import csv
import traceback
from typing import Any, Dict, Iterable, List, Optional

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata


class SeedBankSource(Source):
    """Each level is written below what the level above is called on the server"""

    drawers: Dict[str, List[dict]]

    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        source = cls()
        source.block = WorkflowSource.model_validate(config_dict)
        source.server = metadata
        source.drawers = {}
        return source

    def _given(self, key: str) -> str:
        try:
            return self.block.serviceConnection.root.config.connectionOptions.root[key]
        except KeyError:
            raise InvalidSourceException(f"Which {key} is it? Say so in connectionOptions")

    def prepare(self):
        with open(self._given("inventory"), newline="", encoding="utf-8") as file:
            for line in csv.DictReader(file, delimiter=";"):
                cells = {key: cell for key, cell in line.items() if cell}
                self.drawers.setdefault(cells.pop("drawer"), []).append(cells)

    def test_connection(self) -> None:
        self._given("climate")

    def _iter(self, *_, **__) -> Iterable[Either]:
        climate = self._given("climate")
        levels = [
            (Database, CreateDatabaseRequest, climate, {"displayName": f"{climate} room"}),
            (
                DatabaseSchema,
                CreateDatabaseSchemaRequest,
                "drawers",
                {"description": "One table for each drawer"},
            ),
        ]
        service = self.server.get_create_service_from_source(
            entity=DatabaseService, config=self.block
        )
        yield Either(right=service)
        at = self._written(DatabaseService, service.name.root)
        for entity, request, name, more in levels:
            parent = "service" if entity is Database else "database"
            yield Either(right=request(name=name, **{parent: at}, **more))
            at = self._written(entity, f"{at}.{name}")
        yield from map(self._table, [at] * len(self.drawers), self.drawers)

    def _written(self, entity: Any, fqn: str) -> str:
        return self.server.get_by_name(entity, fqn).fullyQualifiedName.root

    def _table(self, schema: str, drawer: str) -> Either:
        found = []
        for cells in self.drawers[drawer]:
            found.append(
                {
                    "name": cells["slot"],
                    "dataType": cells["holds"],
                    "dataLength": cells.get("width"),
                    "constraint": cells.get("rule"),
                    "description": cells.get("meaning"),
                }
            )
        try:
            return Either(
                right=CreateTableRequest(name=drawer, databaseSchema=schema, columns=found)
            )
        except ValueError as error:
            return Either(
                left=StackTraceError(
                    name=drawer,
                    error=f"{found[-1]['dataType']} is no type of a column: {error}",
                    stackTrace=traceback.format_exc(),
                )
            )

    def close(self) -> None: ...
