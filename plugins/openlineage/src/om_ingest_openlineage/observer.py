"""The observer `openlineage`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from om_ingest.kinds import identity_of
from om_ingest.model import fqn
from om_ingest.observer import ObservedRun, RunObserver, SettledBatch
from om_ingest.store import Outcome
from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    DatasetFacet,
    OutputDatasetFacet,
    output_statistics_output_dataset,
    schema_dataset,
)

from om_ingest_openlineage import naming
from om_ingest_openlineage.events import PRODUCER, Events
from om_ingest_openlineage.sending import Sender, client_of

EVENT_COUNT = 500
"""Datasets that one event holds at most: what waits for it is all that is kept of a run."""

SCHEMA_COUNT = 5_000
"""Tables whose columns are told: they are most of what an event costs."""

FIELD_COUNT = 200
"""Columns at most that are told of one table."""

_DELIVERED = ("created", "updated", "unchanged", "written")


class OpenLineage(RunObserver):
    """Sends the events of a run to a receiver of OpenLineage.

    Datasets that were read are inputs, what the sink writes is the output. They come in as many
    events RUNNING as they need, and the rest with the last event: a receiver joins them.
    """

    def __init__(self, value: str) -> None:
        """Raises `WorkflowError` for an address that is none."""
        self._sender = Sender(client_of(value))
        self._run: ObservedRun | None = None
        self._inputs: dict[naming.Dataset, InputDataset] = {}
        self._read_count = 0
        self._told_count = 0

    @classmethod
    def create(cls, value: str) -> OpenLineage:
        return cls(value)

    def started(self, run: ObservedRun) -> None:
        self._run = run
        self._events = Events(run)
        self._naming = naming.Naming(run.source, run.service_name, run.config)
        self._sender.send(self._events.start())

    def settled(self, batch: SettledBatch) -> None:
        for result in batch.results:
            if result.outcome is not Outcome.FAILED:
                self._note(result.record)

    def _note(self, record: Any) -> None:
        """Keep a record that stands for a dataset."""
        kind = getattr(record, "entity_type", "")
        if kind not in ("table", "topic", "container"):
            return
        identity = identity_of(record)
        if identity is None:
            return
        names = fqn.split(identity[1])
        facets: dict[str, DatasetFacet] = {}
        if kind == "table":
            found = self._naming.table(names)
            has_room = self._read_count < SCHEMA_COUNT
            fields = _fields(record.columns or (), FIELD_COUNT if has_room else 0)
            if fields:
                facets["schema"] = schema_dataset.SchemaDatasetFacet(
                    fields=fields, producer=PRODUCER
                )
        elif kind == "topic":
            found = self._naming.topic(names)
        else:
            found = self._naming.container(names, getattr(record, "fullPath", None))
        self._read_count += found not in self._inputs
        self._inputs[found] = InputDataset(found.namespace, found.name, facets=facets)
        if len(self._inputs) >= EVENT_COUNT:
            inputs, self._inputs = self._inputs, {}
            if self._sender.offer(self._events.running(list(inputs.values()))):
                self._told_count += len(inputs)

    def ended(self, report: Mapping[str, Any]) -> None:
        inputs = list(self._inputs.values())
        counts = {"read": self._read_count, "told": self._told_count + len(inputs)}
        self._sender.send(self._events.end(report, inputs, self._outputs(report), counts))

    def _outputs(self, report: Mapping[str, Any]) -> list[OutputDataset]:
        run = self._run
        count = sum(report["records"].get(outcome, 0) for outcome in _DELIVERED)
        if run is None or run.dry_run or not count:
            return []
        service = report["serviceName"] or run.service_name
        target = naming.target(run.sink, run.sink_config, report["sink"], service)
        if target is None:
            return []
        statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=count, producer=PRODUCER
        )
        facets: dict[str, OutputDatasetFacet] = {"outputStatistics": statistics}
        return [OutputDataset(target.namespace, target.name, outputFacets=facets)]

    def close(self) -> None:
        self._sender.close()


def _fields(columns: Iterable[Any], count: int) -> list[schema_dataset.SchemaDatasetFacetFields]:
    """The first columns of a table, as many as `count`, with those nested in them."""
    found: list[schema_dataset.SchemaDatasetFacetFields] = []
    for place, column in enumerate(columns, 1):
        if count <= 0:
            break
        nested = _fields(getattr(column, "children", None) or (), count - 1)
        data_type = getattr(column.dataType, "value", column.dataType)
        found.append(
            schema_dataset.SchemaDatasetFacetFields(
                name=str(column.name),
                type=None if data_type is None else str(data_type),
                ordinal_position=place,
                fields=nested,
            )
        )
        count -= 1 + len(nested)
    return found
