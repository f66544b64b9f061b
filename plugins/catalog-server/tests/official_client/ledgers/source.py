"""A plain source of the official framework 2.0: steps that yield `Either`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.entityLineage import EntitiesEdge, LineageDetails
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.generated.schema.type.lifeCycle import LifeCycle
from metadata.ingestion.api.delete import delete_entity_from_source
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.models.life_cycle import OMetaLifeCycleData
from metadata.ingestion.models.ometa_classification import OMetaTagAndClassification
from metadata.ingestion.models.ometa_lineage import OMetaFQNLineageRequest
from metadata.ingestion.ometa.ometa_api import OpenMetadata

TAG = {
    "tagFQN": "Ledger.Money",
    "source": "Classification",
    "labelType": "Automated",
    "state": "Confirmed",
}


class LedgerSource(Source):
    """Tables named by the option `tables`; the option `broken` names those that cannot be read."""

    def __init__(self, config: WorkflowSource, metadata: OpenMetadata) -> None:
        super().__init__()
        self.metadata = metadata
        self.config = config
        self.service_connection = config.serviceConnection.root.config
        options = self.service_connection.connectionOptions.root
        self.tables = options["tables"].split()
        self.broken = options.get("broken", "").split()
        self.schema = f"{config.serviceName}.books.main"

    @classmethod
    def create(
        cls, config_dict: dict[str, Any], metadata: OpenMetadata, pipeline_name: str | None = None
    ) -> LedgerSource:
        """A source from the `source` of a workflow file."""
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self) -> None:
        """Nothing has to be there first."""

    def test_connection(self) -> None:
        """There is nothing to connect to."""

    def close(self) -> None:
        """Nothing was opened."""

    def _iter(self) -> Iterator[Either[Any]]:
        for record in self._records():
            yield Either(right=record)
        for name in self.broken:
            yield Either(left=StackTraceError(name=name, error="The page is torn"))
        yield from delete_entity_from_source(
            self.metadata,
            Table,
            {f"{self.schema}.{name}" for name in self.tables},
            params={"databaseSchema": self.schema},
        )

    def _records(self) -> Iterable[Any]:
        service: str = self.config.serviceName
        yield self.metadata.get_create_service_from_source(DatabaseService, self.config)
        yield OMetaTagAndClassification(
            classification_request=CreateClassificationRequest(
                name="Ledger", description="Of bookkeeping"
            ),
            tag_request=CreateTagRequest(
                classification="Ledger", name="Money", description="An amount"
            ),
        )
        yield CreateDatabaseRequest(name="books", service=service)
        yield CreateDatabaseSchemaRequest(name="main", database=f"{service}.books")
        for name in self.tables:
            yield self._table(name)
        yield Barrier(reason="lineage needs both of its ends")
        yield from self._lineage()
        yield OMetaLifeCycleData(
            entity=Table,
            entity_fqn=f"{self.schema}.{self.tables[0]}",
            life_cycle=LifeCycle.model_validate(
                {"created": {"timestamp": 1_700_000_000_000, "accessedByAProcess": "ledgers"}}
            ),
        )

    def _table(self, name: str) -> CreateTableRequest:
        return CreateTableRequest.model_validate(
            {
                "name": name,
                "databaseSchema": self.schema,
                "description": f"All {name}",
                "tags": [TAG],
                "columns": [
                    {"name": "id", "dataType": "INT", "constraint": "PRIMARY_KEY"},
                    {
                        "name": "amount",
                        "dataType": "DECIMAL",
                        "precision": 12,
                        "scale": 2,
                        "tags": [TAG],
                    },
                ],
            }
        )

    def _lineage(self) -> Iterable[Any]:
        """From each table to the next: the first edge by ids, the others by names."""
        names = [f"{self.schema}.{name}" for name in self.tables]
        for number, (start, end) in enumerate(itertools.pairwise(names)):
            if number:
                yield OMetaFQNLineageRequest(
                    from_entity_fqn=start,
                    from_entity_type="table",
                    to_entity_fqn=end,
                    to_entity_type="table",
                    lineage_details=LineageDetails(source="QueryLineage", sqlQuery="insert"),
                )
                continue
            ends = [
                EntityReference(id=self.metadata.get_by_name(Table, name).id, type="table")
                for name in (start, end)
            ]
            yield AddLineageRequest(
                edge=EntitiesEdge(
                    fromEntity=ends[0],
                    toEntity=ends[1],
                    lineageDetails=LineageDetails(source="QueryLineage"),
                )
            )
