"""A store that holds nothing, for sinks that are about something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from om_ingest import MetadataStore, Outcome, Record, WriteResult


class Nowhere(MetadataStore):
    """Takes everything, finds nothing."""

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Every record is created, it says."""
        return [WriteResult(record, Outcome.CREATED) for record in records]

    def get_by_name(self, entity: Any, fqn: str, *, include_deleted: bool = False) -> None:
        """None."""

    def get_by_id(self, entity: Any, entity_id: object, *, include_deleted: bool = False) -> None:
        """None."""

    def list_entities(
        self, entity: Any, *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[Any]:
        """Nothing."""
        return iter(())

    def get_lineage(
        self, entity: Any, fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> None:
        """None."""

    def delete(self, entity: Any, fqn: str, *, recursive: bool = False, hard: bool = False) -> bool:
        """False."""
        return False

    def restore(self, entity: Any, fqn: str) -> None:
        """None."""

    def patch(self, entity: Any, fqn: str, operations: Sequence[Any]) -> None:
        """None."""
