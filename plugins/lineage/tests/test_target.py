"""The processor `sql-lineage` and what the target has: names, edges, and refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from om_ingest import (
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Entity,
    EntityReference,
    RecordError,
    ServerError,
    SinkContext,
)
from om_ingest.model import (
    AddLineageRequest,
    Column,
    DatabaseServiceType,
    DataType,
    EntityLineage,
    Table,
    TableType,
)
from om_ingest_catalog import Catalog
from om_ingest_lineage.processor import SqlLineage

from described_source import Ran, columns_of, flow_of
from tests.selection import few

ORDERS = {"table": ["public.orders", ["id", "customer", "amount"]]}
TOTALS = {
    "view": [
        "public.totals",
        ["who", "total"],
        "CREATE VIEW totals (who, total) AS SELECT customer, sum(amount) FROM orders GROUP BY 1",
    ]
}


@pytest.fixture
def catalog(tmp_path: Path) -> str:
    """A catalog with the tables of an earlier run."""
    path = str(tmp_path / "c.db")
    ran = Ran(tmp_path, flow_of(tmp_path, [ORDERS, TOTALS], sink=path))
    assert ran.code == 0, ran.output
    return path


def upstream(path: str, table: str) -> dict[str, Any]:
    """Sources of the edges to a table, and their details."""
    with Catalog(Path(path), read_only=True) as store:
        graph = store.get_lineage(Table, f"svc.db.public.{table}")
        assert graph is not None
        names = {str(node.id): node.name for node in graph.nodes}
        return {names[str(edge.fromEntity)]: edge.lineageDetails for edge in graph.upstreamEdges}


def test_names_of_the_store(tmp_path: Path, catalog: str) -> None:
    """A name that no record of the run has is looked up in the store, with its columns."""
    view = {
        "view": [
            "public.v",
            ["customer", "n"],
            "CREATE VIEW v AS SELECT *, 1 FROM (SELECT customer FROM orders) o",
        ]
    }
    ran = Ran(tmp_path, flow_of(tmp_path, [view], sink=catalog))
    assert (ran.code, ran.doubts) == (0, {})
    (details,) = upstream(catalog, "v").values()
    assert [item.toColumn for item in details.columnsLineage] == ["svc.db.public.v.customer"]


def test_edges_that_people_have_drawn(tmp_path: Path, catalog: str) -> None:
    """An edge that was drawn by hand stays as it is, and so does what it says of its origin."""
    edge = {"edge": ["db.public.orders", "db.public.v", "Manual"]}
    table = {"table": ["public.v", ["customer"]]}
    Ran(tmp_path, flow_of(tmp_path, [table, edge], sink=catalog))
    view = {"view": ["public.v", ["customer"], "CREATE VIEW v AS SELECT customer FROM orders"]}
    ran = Ran(tmp_path, flow_of(tmp_path, [view], sink=catalog))
    assert ran.told["counts"] == {"statements": 1, "edgesDrawnByPeople": 1}
    (details,) = upstream(catalog, "v").values()
    assert (details.source.value, details.columnsLineage) == ("Manual", None)


def test_edges_that_others_have_drawn(tmp_path: Path, catalog: str) -> None:
    """An edge of dbt or a pipeline gets columns and stays theirs: no view's change removes it."""
    edge = {"edge": ["db.public.orders", "db.public.v", "DbtLineage"]}
    Ran(tmp_path, flow_of(tmp_path, [{"table": ["public.v", ["id"]]}, edge], sink=catalog))
    for table in ("orders", "totals"):
        sql = f"CREATE VIEW v AS SELECT {'id' if table == 'orders' else 'who AS id'} FROM {table}"
        Ran(tmp_path, flow_of(tmp_path, [{"view": ["public.v", ["id"], sql]}], sink=catalog))
    found = {name: details.source.value for name, details in upstream(catalog, "v").items()}
    assert found == {"orders": "DbtLineage", "totals": "ViewLineage"}
    details = upstream(catalog, "v")["orders"]
    assert details.sqlQuery == "of the source"
    assert [item.toColumn for item in details.columnsLineage] == ["svc.db.public.v.id"]


class Refusing(Catalog):
    """Removes no edge, and has a table whose edges it cannot read."""

    def delete_lineage(self, start: EntityReference, target: EntityReference) -> bool:
        """Refuse it, as a server does with a bot that may not edit."""
        raise RecordError("it is refused (403)", "Ask for the right.")

    def get_lineage(self, entity: type[Entity], fqn: str, **depths: int) -> EntityLineage | None:
        """Fail for one table, as a server does with an error of its own (500)."""
        if fqn.endswith(".unread"):
            raise ServerError("it is broken (500)", "Look into its log.")
        return super().get_lineage(entity, fqn, **depths)


def test_refusals_of_the_target(tmp_path: Path, catalog: str) -> None:
    """An edge that cannot be removed, and a graph that cannot be read, cost themselves."""
    names = ("v", "unread", "last")
    sql = "CREATE VIEW {} AS SELECT {} AS id FROM {}"
    views = [
        {"view": [f"public.{name}", ["id"], sql.format(name, "id", "orders")]} for name in names
    ]
    Ran(tmp_path, flow_of(tmp_path, views, sink=catalog))
    with Refusing(Path(catalog), read_only=True) as store:
        processor = SqlLineage.create({"cache": False}, SinkContext(metadata=store))
        processor.process(
            CreateDatabaseServiceRequest(name="svc", serviceType=DatabaseServiceType.Postgres)
        )
        for name in names:
            processor.process(
                CreateTableRequest(
                    name=name,
                    databaseSchema="svc.db.public",
                    columns=[Column(name="id", dataType=DataType.INT)],
                    tableType=TableType.View,
                    schemaDefinition=sql.format(name, "who", "totals"),
                )
            )
        drawn = [
            record.edge.toEntity.fullyQualifiedName
            for record in processor.finish()
            if isinstance(record, AddLineageRequest)
        ]
        status = processor.get_status()
        processor.close()
    assert drawn == ["svc.db.public.v", "svc.db.public.last"]
    assert status.counts["edgesNotRemoved"] == 2
    assert {note.key: note.reason for note in status.warnings} == {
        "svc.db.public.unread": "lineage not read: it is broken (500)",
        **{
            f"svc.db.public.{name}": "not removed: the edge from svc.db.public.orders:"
            " it is refused (403)"
            for name in ("v", "last")
        },
    }


@pytest.mark.parametrize("target", few(["catalog", "server"], 1))
def test_edges_that_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, target: str
) -> None:
    """What a view no longer reads is removed, edges and columns; a dry run removes nothing."""
    path, options = str(tmp_path / "c.db"), []
    if target == "server":
        server = request.getfixturevalue("catalog_server")
        monkeypatch.setenv("OM_INGEST_TOKEN", "t")
        path, options = str(server.path), ["--sink", f"openmetadata:{server.url}"]

    def counted(sql: str, *more: str) -> dict[str, int]:
        view = {"view": ["public.v", ["a", "b"], f"CREATE VIEW v AS {sql}"]}
        tables = [ORDERS, {"table": ["public.lines", ["id", "price"]]}]
        by_hand = {"edge": ["db.public.orders", "db.public.lines", "Manual"]}
        flow = flow_of(tmp_path, [*tables, view, by_hand], sink=path)
        ran = Ran(tmp_path, flow, *options, *more)
        assert ran.code == 0, ran.output
        return ran.told["counts"]  # type: ignore[no-any-return]  # it is JSON of a report

    counted("SELECT orders.id AS a, price AS b FROM orders, lines WHERE orders.id = lines.id")
    assert upstream(path, "v").keys() == {"orders", "lines"}
    assert counted("SELECT customer AS a, id AS b FROM orders", "--dry-run")["edgesRemoved"] == 1
    assert upstream(path, "v").keys() == {"orders", "lines"}
    assert counted("SELECT customer AS a, id AS b FROM orders")["edgesRemoved"] == 1
    ((name, details),) = upstream(path, "v").items()
    columns = columns_of(details.model_dump(mode="json"))
    assert (name, columns) == ("orders", {"a": ["customer"], "b": ["id"]})
    assert upstream(path, "lines").keys() == {"orders"}, "drawn by hand"
    for sql in ("SELECT * FROM nowhere", "", "SELECT * FROM v"):
        counted(sql)  # what cannot be told takes nothing away
        assert upstream(path, "v").keys() == {"orders"}
