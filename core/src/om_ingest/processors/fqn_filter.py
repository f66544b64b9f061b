"""The processor `fqn-filter`: filters records by fully qualified name."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from om_ingest.config.settings import FilterPattern
from om_ingest.config.validation import validated
from om_ingest.delivery import SinkContext
from om_ingest.kinds import KINDS, fqn_of
from om_ingest.model.entity import AttachmentRequest, CreateRequest, EntityReference
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record
from om_ingest.sink import Processor


class FqnFilterConfig(FilterPattern):
    """Config of `fqn-filter`: the patterns of OpenMetadata (REST contract §11.4)."""

    entityTypes: list[str] = ["table", "storedProcedure"]
    """Entity types that are filtered; all other records pass. Filter the children of a service,
    database or schema too: a child without its parent is refused."""

    @field_validator("entityTypes")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        unknown = sorted(set(names) - set(KINDS))
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(KINDS)}")
        return names


class FqnFilter(Processor):
    """Drops entities that the patterns do not keep, with their lineage and attachments."""

    config_class = FqnFilterConfig

    def __init__(self, config: FqnFilterConfig) -> None:
        self.config = config

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> FqnFilter:
        """Check the patterns; raises `WorkflowError`."""
        return cls(validated(FqnFilterConfig, config_dict))

    def process(self, record: Record) -> Record | None:
        """The record itself, or None."""
        if isinstance(record, CreateRequest):
            return record if self._keeps(record.entity_type, fqn_of(record)) else None
        if isinstance(record, AddLineageRequest):
            ends = (record.edge.fromEntity, record.edge.toEntity)
            return record if all(map(self._keeps_end, ends)) else None
        if isinstance(record, AttachmentRequest):
            return record if self._keeps_end(record.target) else None
        return record

    def _keeps(self, entity_type: str, fqn: str) -> bool:
        return entity_type not in self.config.entityTypes or self.config.keeps(fqn)

    def _keeps_end(self, end: EntityReference) -> bool:
        return end.fullyQualifiedName is None or self._keeps(end.type, end.fullyQualifiedName)
