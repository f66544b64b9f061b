"""The sample data in the distribution: valid, delivered whole, and showing every feature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from om_ingest import CreateTableRequest, fqn
from om_ingest.model import (
    AddLineageRequest,
    Column,
    Constraint,
    ConstraintType,
    DatabaseService,
    DataType,
    FileFormat,
    PartitionIntervalTypes,
    Table,
    TableType,
    Tag,
)

if TYPE_CHECKING:
    from conftest import Run


def walk(columns: Iterable[Column]) -> Iterator[Column]:
    """Columns with those nested in them."""
    for column in columns:
        yield column
        yield from walk(column.children or ())


def tables(run: Run) -> list[CreateTableRequest]:
    """The tables that the run yielded."""
    return [record for record in run.records if isinstance(record, CreateTableRequest)]


def test_catalog_takes_every_record(run: Run) -> None:
    """Without a folder the source delivers 21 tables in 3 schemas, and nothing is refused."""
    run()
    assert run.refused == []
    assert run.failures == []
    assert run.status.warning_count == 0
    assert run.status.scanned_count == 21
    assert run.counts == {
        "classification": 2,
        "tag": 5,
        "databaseService": 1,
        "database": 1,
        "databaseSchema": 3,
        "table": 21,
        "complete": 5,
        "lineage": 6,
    }
    assert len(run.fqns(Table)) == 21


def test_second_run_changes_nothing(run: Run) -> None:
    """The same data again leaves every table at its first version."""
    run()
    run()
    assert run.refused == []
    assert {found.version for found in run.catalog.list_entities(Table)} == {0.1}


def test_data_covers_the_column_features(run: Run) -> None:
    """Structs in structs, arrays of structs, maps, decimals and column constraints occur."""
    columns = [column for table in tables(run()) for column in walk(table.columns)]
    structs = [column for column in columns if column.dataType is DataType.STRUCT]
    assert any(child.dataType is DataType.STRUCT for c in structs for child in c.children or ())
    assert any(c.arrayDataType is DataType.STRUCT and c.children for c in columns)
    assert any(c.arrayDataType is DataType.STRING for c in columns)
    assert any(c.dataType is DataType.MAP and c.children for c in columns)
    assert any(
        c.dataType is DataType.DECIMAL and (c.precision, c.scale) == (12, 2) for c in columns
    )
    wanted = {Constraint.PRIMARY_KEY, Constraint.UNIQUE, Constraint.NOT_NULL}
    assert wanted <= {column.constraint for column in columns}
    assert all(column.description for column in columns)


def test_data_covers_the_table_features(run: Run) -> None:
    """Constraints, partitions, views with their SQL, external tables and tags occur."""
    found = tables(run())
    constraints = {c.constraintType for table in found for c in table.tableConstraints or ()}
    wanted = {ConstraintType.PRIMARY_KEY, ConstraintType.FOREIGN_KEY, ConstraintType.UNIQUE}
    assert constraints == wanted
    intervals = {
        column.intervalType
        for table in found
        if table.tablePartition
        for column in table.tablePartition.columns or ()
    }
    assert PartitionIntervalTypes.TIME_UNIT in intervals
    assert len(intervals) > 2
    views = [t for t in found if t.tableType in {TableType.View, TableType.MaterializedView}]
    assert len(views) == 3
    assert all(view.schemaDefinition for view in views)
    assert any(t.fileFormat is FileFormat.parquet and t.locationPath for t in found)


def test_tags_are_delivered_before_they_are_used_and_all_are_used(run: Run) -> None:
    """Every tag of the data stands on a table or column, and no other is used."""
    used = {
        label.tagFQN
        for table in tables(run())
        for holder in (table, *walk(table.columns))
        for label in holder.tags or ()
    }
    assert used == set(run.fqns(Tag))


def test_foreign_keys_lead_to_columns(run: Run) -> None:
    """Every referred column exists in the catalog, below the service of the run."""
    run(service_name="my.shop")
    known = {
        str(column.fullyQualifiedName)
        for table in run.catalog.list_entities(Table)
        for column in walk(table.columns)
    }
    referred = [
        column
        for table in tables(run)
        for constraint in table.tableConstraints or ()
        for column in constraint.referredColumns or ()
    ]
    assert len(referred) > 15
    assert set(referred) <= known


def test_every_view_has_lineage_of_its_columns(run: Run) -> None:
    """Each view has an edge, and the edges name each of its columns exactly as it is stored."""
    run()
    edges = [record.edge for record in run.records if isinstance(record, AddLineageRequest)]
    written = {
        column.toColumn
        for edge in edges
        if edge.lineageDetails
        for column in edge.lineageDetails.columnsLineage or ()
    }
    views = [table for table in run.catalog.list_entities(Table) if table.schemaDefinition]
    columns = {str(column.fullyQualifiedName) for view in views for column in view.columns}
    assert written == columns
    (low_stock,) = (view for view in views if view.name == "low_stock")
    graph = run.catalog.get_lineage(Table, str(low_stock.fullyQualifiedName))
    assert graph is not None
    assert {node.name for node in graph.nodes} == {"stock_levels", "products"}


def test_the_workflow_names_the_service(run: Run) -> None:
    """The service name of the run wins over that of service.json, a dot in it is quoted."""
    run(service_name="my.shop")
    assert run.refused == []
    (service,) = run.fqns(DatabaseService)
    assert service == fqn.quote("my.shop")
    assert all(name.startswith(f"{service}.commerce.") for name in run.fqns(Table))
