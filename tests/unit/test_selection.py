"""`Selection`: filter patterns and include flags of `sourceConfig`, applied and counted."""

from __future__ import annotations

import pytest
from om_ingest import Entity, Selection, SourceStatus
from om_ingest.config import (
    DashboardSourceConfig,
    DatabaseSourceConfig,
    DriveSourceConfig,
    FilterPattern,
    MlModelSourceConfig,
    SourceConfig,
    families,
)
from om_ingest.kinds import KINDS
from om_ingest.model import (
    Chart,
    Dashboard,
    DashboardDataModel,
    Database,
    DatabaseSchema,
    DatabaseService,
    File,
    MlModel,
    Table,
    TableType,
)

TMP = FilterPattern(excludes=["tmp"])


@pytest.mark.parametrize(
    ("settings", "entity", "key"),
    [
        (DatabaseSourceConfig(databaseFilterPattern=TMP), Database, "databaseFilterPattern"),
        (DatabaseSourceConfig(schemaFilterPattern=TMP), DatabaseSchema, "schemaFilterPattern"),
        (DatabaseSourceConfig(tableFilterPattern=TMP), Table, "tableFilterPattern"),
        (DashboardSourceConfig(chartFilterPattern=TMP), Chart, "chartFilterPattern"),
        (
            DashboardSourceConfig(dataModelFilterPattern=TMP),
            DashboardDataModel,
            "dataModelFilterPattern",
        ),
        (MlModelSourceConfig(mlModelFilterPattern=TMP), MlModel, "mlModelFilterPattern"),
        (DriveSourceConfig(fileFilterPattern=TMP), File, "fileFilterPattern"),
    ],
)
def test_pattern_of_the_kind(settings: SourceConfig, entity: type[Entity], key: str) -> None:
    """The pattern of an entity's kind decides; what it leaves out is counted with its key."""
    status = SourceStatus()
    selection = Selection(type(settings), settings, status)
    assert selection.keeps(entity, "orders", "svc.tmp.orders")
    assert status.filtered_count == 0
    assert not selection.keeps(entity, "tmp_orders", "svc.db.tmp_orders")
    assert [(n.key, n.reason) for n in status.filtered] == [
        ("svc.db.tmp_orders", f"left out by {key}")
    ]


def test_every_pattern_has_an_entity() -> None:
    """Each pattern of each family is that of a kind of entity, or of what is no entity here."""
    settings = [DatabaseSourceConfig, *vars(families).values()]
    keys = {
        key
        for family in settings
        if isinstance(family, type) and issubclass(family, SourceConfig)
        for key in family.model_fields
        if key.endswith("FilterPattern")
    }
    used = set()
    for kind in KINDS.values():
        for key in keys:
            pattern = FilterPattern(includes=["nothing"])
            owner = next(f for f in settings if key in getattr(f, "model_fields", ()))
            selection = Selection(owner, owner(**{key: pattern}), SourceStatus())
            if not selection.keeps(kind.entity, "x", "x"):
                used.add(key)
    assert keys - used == {"projectFilterPattern"}


def test_fqn_instead_of_name() -> None:
    """With `useFqnForFiltering` the pattern is matched against the FQN."""
    pattern = FilterPattern(includes=["svc.db"])
    by_name = DatabaseSourceConfig(tableFilterPattern=pattern)
    by_fqn = DatabaseSourceConfig(tableFilterPattern=pattern, useFqnForFiltering=True)
    kept = [
        Selection(DatabaseSourceConfig, settings, SourceStatus()).why_not(Table, "t", "svc.db.s.t")
        for settings in (by_name, by_fqn)
    ]
    assert kept == ["left out by tableFilterPattern", None]


def test_other_settings() -> None:
    """Settings of another family, and kinds without a pattern, leave nothing out."""
    other = DashboardSourceConfig(chartFilterPattern=TMP)
    selection = Selection(DatabaseSourceConfig, other, SourceStatus())
    assert selection.settings == DatabaseSourceConfig()
    assert selection.keeps(Table, "tmp", "svc.db.s.tmp")
    assert selection.keeps(DatabaseService, "tmp", "tmp")
    assert Selection(DashboardSourceConfig, other, SourceStatus()).keeps(Dashboard, "tmp", "s.tmp")


@pytest.mark.parametrize(
    ("settings", "table_type", "reason"),
    [
        ({}, TableType.View, None),
        ({"includeViews": False}, TableType.Regular, None),
        ({"includeViews": False}, None, None),
        ({"includeViews": False}, TableType.MaterializedView, "views are not included"),
        ({"includeTables": False}, TableType.View, None),
        ({"includeTables": False}, TableType.External, "tables are not included"),
        ({"includeTables": False}, None, "tables are not included"),
    ],
)
def test_tables_and_views(
    settings: dict[str, bool], table_type: TableType | None, reason: str | None
) -> None:
    """Include flags leave tables or views out; a table without a type is a table."""
    status = SourceStatus()
    selection = Selection(DatabaseSourceConfig, DatabaseSourceConfig(**settings), status)
    assert selection.why_not_type(table_type) == reason
    assert selection.keeps_type(table_type, "t") is (reason is None)
    assert [note.reason for note in status.filtered] == [reason] * (reason is not None)


def test_own_reasons() -> None:
    """A source adds reasons of its own, which are counted like all others."""
    status = SourceStatus()
    selection = Selection(DatabaseSourceConfig, SourceConfig(), status)
    assert selection.decide("a", None)
    assert not selection.decide("b", "left out by my_filter")
    assert [(note.key, note.reason) for note in status.filtered] == [("b", "left out by my_filter")]
