"""What `sourceConfig` of the workflow file lets through."""

from __future__ import annotations

from typing import Any, TypeVar

from om_ingest import CreateTableRequest, SourceStatus, fqn
from om_ingest.config import DatabaseSourceConfig, FilterPattern, SourceConfig
from om_ingest.model import TableType
from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound=BaseModel)

_VIEWS = {
    TableType.View,
    TableType.SecureView,
    TableType.MaterializedView,
    TableType.SemanticView,
}


class Selection:
    """Filter patterns and include flags; whatever they drop is noted in the status.

    Without settings for databases everything passes.
    """

    def __init__(self, config: SourceConfig, status: SourceStatus) -> None:
        self._config = (
            config if isinstance(config, DatabaseSourceConfig) else DatabaseSourceConfig()
        )
        self._status = status
        self._dropped: set[str] = set()

    @property
    def tags(self) -> bool:
        """Whether tags are wanted."""
        return self._config.includeTags

    def database(self, name: str, entity_fqn: str) -> bool:
        """Whether a database passes by its name."""
        pattern = self._config.databaseFilterPattern
        return self._passes("databaseFilterPattern", pattern, name, entity_fqn)

    def schema(self, name: str, entity_fqn: str) -> bool:
        """Whether a schema passes by its name."""
        pattern = self._config.schemaFilterPattern
        return self._passes("schemaFilterPattern", pattern, name, entity_fqn)

    def table(self, name: str, entity_fqn: str) -> bool:
        """Whether a table or view passes by its name."""
        pattern = self._config.tableFilterPattern
        return self._passes("tableFilterPattern", pattern, name, entity_fqn)

    def table_type(self, request: CreateTableRequest, entity_fqn: str) -> bool:
        """Whether a table or view passes by what it is."""
        if request.tableType in _VIEWS:
            return self._config.includeViews or self._drop(entity_fqn, "includeViews is off")
        return self._config.includeTables or self._drop(entity_fqn, "includeTables is off")

    def dropped(self, table_fqn: str) -> bool:
        """Whether a table, or its schema, did not pass."""
        return table_fqn in self._dropped or fqn.parent(table_fqn) in self._dropped

    def _passes(
        self, setting: str, pattern: FilterPattern | None, name: str, entity_fqn: str
    ) -> bool:
        matched = entity_fqn if self._config.useFqnForFiltering else name
        if pattern is None or pattern.keeps(matched):
            return True
        return self._drop(entity_fqn, f"dropped by {setting}")

    def _drop(self, entity_fqn: str, reason: str) -> bool:
        self._status.filter(entity_fqn, reason)
        self._dropped.add(entity_fqn)
        return False


def without_tags(model: ModelT) -> ModelT:
    """A copy of a request or column without tags, down to the innermost column."""
    update: dict[str, Any] = {"tags": None} if "tags" in type(model).model_fields else {}
    for key in ("columns", "children"):
        if columns := getattr(model, key, None):
            update[key] = [without_tags(column) for column in columns]
    return model.model_copy(update=update)
