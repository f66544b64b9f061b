"""The wishes, a search engine: an index with nested fields, and samples of its documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from metadata.generated.schema.api.data.createSearchIndex import CreateSearchIndexRequest
from metadata.generated.schema.entity.data.searchIndex import (
    DataType,
    SearchIndex,
    SearchIndexField,
    SearchIndexSampleData,
)
from metadata.generated.schema.entity.services.connections.search.customSearchConnection import (
    CustomSearchConnection,
)
from metadata.generated.schema.entity.services.searchService import SearchService
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.models.search_index_data import OMetaIndexSampleData

from .steps import ToyshopSource


class WishesSource(ToyshopSource):
    service_type = SearchService
    connection_type = CustomSearchConnection

    def records(self) -> Iterable[Any]:
        yield CreateSearchIndexRequest(
            name="letters",
            displayName="Letters",
            service=self.service,
            searchIndexSettings={"number_of_shards": 1},
            fields=[
                SearchIndexField(name="text", dataType=DataType.TEXT, description="As written"),
                SearchIndexField(
                    name="child",
                    dataType=DataType.OBJECT,
                    children=[SearchIndexField(name="age", dataType=DataType.BYTE)],
                ),
                SearchIndexField(name="note", dataType=DataType.ANNOTATED_TEXT),
            ],
        )
        yield Barrier(reason="samples need their index")
        index = self.metadata.get_by_name(entity=SearchIndex, fqn=f"{self.service}.letters")
        yield OMetaIndexSampleData(
            entity=index, data=SearchIndexSampleData(messages=[json.dumps({"text": "A bear"})])
        )
