"""The same tables as `bench_tables`, as an author of OpenMetadata 1.5 to 1.10 would write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.services.createDatabaseService import (
    CreateDatabaseServiceRequest,
)
from metadata.generated.schema.entity.data.table import Column, DataType, TableType
from metadata.generated.schema.entity.services.databaseService import DatabaseServiceType
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source

DATA_TYPES = (DataType.BIGINT, DataType.VARCHAR, DataType.TIMESTAMP, DataType.DOUBLE)


class BenchTablesSource(Source):
    """Yields tables that exist nowhere, as fast as the models can be built."""

    def __init__(self, config: WorkflowSource, metadata: Any) -> None:
        super().__init__()
        self.config = config
        self.metadata = metadata

    @classmethod
    def create(
        cls, config_dict: dict[str, Any], metadata: Any, pipeline_name: str | None = None
    ) -> BenchTablesSource:
        """Read the workflow."""
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self) -> None:
        """Read the options."""
        options = self.config.serviceConnection.root.config.connectionOptions.root
        self.count, self.columns = int(options["count"]), int(options["columns"])

    def test_connection(self) -> None:
        """There is nothing to connect to."""

    def close(self) -> None:
        """There is nothing to close."""

    def _iter(self) -> Iterable[Either[Any]]:
        service = self.config.serviceName
        yield Either(
            right=CreateDatabaseServiceRequest(
                name=service, serviceType=DatabaseServiceType.CustomDatabase
            )
        )
        yield Either(right=CreateDatabaseRequest(name="warehouse", service=service))
        yield Either(
            right=CreateDatabaseSchemaRequest(name="public", database=f"{service}.warehouse")
        )
        for number in range(self.count):
            yield Either(
                right=CreateTableRequest(
                    name=f"table_{number:07}",
                    description=f"Table {number} of a benchmark",
                    tableType=TableType.Regular,
                    databaseSchema=f"{service}.warehouse.public",
                    columns=[
                        Column(
                            name=f"column_{position}",
                            dataType=DATA_TYPES[position % len(DATA_TYPES)],
                            dataLength=64,
                            ordinalPosition=position + 1,
                        )
                        for position in range(self.columns)
                    ],
                )
            )
