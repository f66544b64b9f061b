"""What `sourceConfig` of a workflow keeps: filter patterns and include flags, applied and counted.

Fields and matching are OpenMetadata's (REST contract §11.3, §11.4).
"""

from __future__ import annotations

from typing import Generic, TypeVar

from om_ingest.config.settings import FilterPattern, SourceConfig
from om_ingest.model.entity import Entity
from om_ingest.model.table import TableType
from om_ingest.source import SourceStatus

SettingsT = TypeVar("SettingsT", bound=SourceConfig)

_WORDS = {"databaseSchema": "schema", "dashboardDataModel": "dataModel", "mlmodel": "mlModel"}
"""How the key of a pattern calls an entity, where that is not its entity type."""

_VIEWS = {
    TableType.View,
    TableType.SecureView,
    TableType.MaterializedView,
    TableType.SemanticView,
}


class Selection(Generic[SettingsT]):
    """Decides what a source reads; what is left out is counted in its status, with the reason.

        selection = Selection(DatabaseSourceConfig, ctx.source_config, self.status)
        if selection.keeps(Table, "orders", "shop.db.public.orders"):
            ...

    The pattern that counts is that of the entity's kind, e.g. `schemaFilterPattern` for a
    `DatabaseSchema`. It is matched against the name, or against the FQN where
    `useFqnForFiltering` is set. A kind without a pattern is kept.
    """

    settings: SettingsT
    """The settings of the family; its defaults if the workflow has none for it."""

    def __init__(
        self, family: type[SettingsT], source_config: SourceConfig, status: SourceStatus
    ) -> None:
        """`source_config` is that of the `WorkflowContext`; `status` counts what is left out."""
        self.settings = source_config if isinstance(source_config, family) else family()
        self._status = status
        self._by_fqn = bool(getattr(self.settings, "useFqnForFiltering", False))

    def keeps(self, entity: type[Entity], name: str, entity_fqn: str) -> bool:
        """Whether an entity is kept by the pattern of its kind; counts it if it is not."""
        return self.decide(entity_fqn, self.why_not(entity, name, entity_fqn))

    def keeps_type(self, table_type: TableType | None, table_fqn: str) -> bool:
        """Whether a table or view is kept by its type; counts it if it is not."""
        return self.decide(table_fqn, self.why_not_type(table_type))

    def why_not(self, entity: type[Entity], name: str, entity_fqn: str) -> str | None:
        """Why the pattern of its kind leaves an entity out; None if it is kept."""
        key = f"{_WORDS.get(entity.entity_type, entity.entity_type)}FilterPattern"
        pattern: FilterPattern | None = getattr(self.settings, key, None)
        if pattern is None or pattern.keeps(entity_fqn if self._by_fqn else name):
            return None
        return f"left out by {key}"

    def why_not_type(self, table_type: TableType | None) -> str | None:
        """Why `includeTables` or `includeViews` leaves a table or view out; None if it is kept."""
        key, what = (
            ("includeViews", "views") if table_type in _VIEWS else ("includeTables", "tables")
        )
        return None if getattr(self.settings, key, True) else f"{what} are not included"

    @property
    def leaves_out_tables(self) -> bool:
        """Whether tables or views are left out by their type."""
        return not all(
            getattr(self.settings, key, True) for key in ("includeTables", "includeViews")
        )

    def leaves_out_kind(self, plural: str) -> bool:
        """Whether a flag leaves out a whole kind: `includeStoredProcedures`, `includeFiles` …

        `plural` is the last part of its collection. Not for tables, of which `why_not_type`
        tells.
        """
        flag = f"include{plural}".casefold()
        keys = (key for key in type(self.settings).model_fields if key.casefold() == flag)
        return plural != "tables" and not all(getattr(self.settings, key) for key in keys)

    def decide(self, key: str, reason: str | None) -> bool:
        """Whether there is no reason to leave something out; counts it if there is one.

        For reasons of the source's own, such as a filter in its config. `key` is mostly the
        FQN.
        """
        if reason is not None:
            self._status.filter(key, reason)
        return reason is None
