"""A source finds what it has yielded, whichever sink runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect

ASKS = """
def next_record(self):
    store = self.ctx.metadata
    assert store.get_by_name(Table, "shop.db.public.t0") is None
    yield from stock.tables(2)
    table = store.get_by_name(Table, "shop.db.public.t0")
    assert table is not None and table.columns[0].name == "id", table
    assert table.service.name == "shop", table.service
    assert store.get_by_id(Table, table.id).name == "t0"
    assert [t.name for t in store.list_entities(Table, scope="shop.db")] == ["t0", "t1"]
    schema = store.get_by_name(DatabaseSchema, "shop.db.public")
    yield CreateTableRequest(
        name="by id",
        databaseSchema=EntityReference(id=schema.id, type="databaseSchema"),
        columns=[Column(name="id", dataType="INT")],
    )
    assert store.get_by_name(Table, "shop.db.public.by id").databaseSchema.name == "public"
    made = store.create_or_update(stock.table("written", description="directly"))
    assert made.description == "directly"
    found = store.get_service_or_create(
        CreateDatabaseServiceRequest(name="shop", serviceType="Mysql")
    )
    assert found.serviceType.value == "CustomDatabase"
    yield AddLineageRequest(edge=EntitiesEdge(
        fromEntity=table.reference(), toEntity=made.reference(),
    ))
    graph = store.get_lineage(Table, "shop.db.public.t0")
    assert [node.name for node in graph.nodes] == ["written"], graph
    self.ctx.logger.info("asked everything")
"""


@pytest.mark.parametrize("sink", few(["catalog:out", "jsonl:out", "console", "dry run"], 2))
def test_source_finds_what_it_yielded(cli: Cli, connector: Connect, sink: str) -> None:
    """Service, tables and lineage are found by name, id and scope right after they are yielded."""
    connector("asks", ASKS)
    option = ["--dry-run"] if sink == "dry run" else ["--sink", sink]
    run = cli("run", "asks", "--report", "report.json", *option).succeeded()
    assert "asked everything" in run.err
    assert cli.report()["byEntityType"]["table"]["created"] == 3


@pytest.mark.parametrize("sink", few(["catalog:out", "jsonl:out", "console", "dry run"], 2))
def test_child_before_its_parents(cli: Cli, connector: Connect, sink: str) -> None:
    """What is yielded together may come in any order, and is found all the same."""
    connector(
        "reversed",
        """
        def next_record(self):
            yield from reversed(list(stock.tables(1)))
            assert self.ctx.metadata.get_by_name(Table, "shop.db.public.t0") is not None
        """,
    )
    option = ["--dry-run"] if sink == "dry run" else ["--sink", sink]
    cli("run", "reversed", *option).succeeded()


def test_jsonl_holds_what_was_written_directly(cli: Cli, connector: Connect) -> None:
    """A line stands in the file for every record, yielded or written, once and without ids."""
    connector("asks", ASKS)
    cli("run", "asks", "--sink", "jsonl:out").succeeded()
    tables = [r["record"] for r in cli.records("out") if r["type"] == "table"]
    assert [table["name"] for table in tables] == ["t0", "t1", "by id", "written"]
    assert {table["databaseSchema"] for table in tables} == {"shop.db.public"}
    (edge,) = [r["record"]["edge"] for r in cli.records("out") if r["type"] == "lineage"]
    assert "id" not in edge["fromEntity"]


def test_refused_write(cli: Cli, connector: Connect) -> None:
    """A record that is written directly and refused raises in the source, which may go on."""
    connector(
        "asks",
        """
        def next_record(self):
            yield from stock.parents()
            try:
                self.ctx.metadata.create_or_update(stock.table("x", schema="shop.db.gone"))
            except RecordError as error:
                yield stock.table("refused", description=error.what)
        """,
    )
    cli("run", "asks", "--sink", "jsonl:out").succeeded()
    assert "shop.db.gone" in cli.records("out")[-1]["record"]["description"]


def test_owners_by_id(cli: Cli, connector: Connect) -> None:
    """An owner that this run knows stands in the file by FQN; an unknown id is left as it is."""
    connector(
        "owned",
        """
        def next_record(self):
            yield CreateUserRequest(name="Ada", email="ada@example.com")
            ada = self.ctx.metadata.get_by_name(User, "ada")
            yield from stock.parents()
            stranger = "5f0c0d2e-0000-4000-8000-000000000000"
            for name, owner in {"known": ada.id, "unknown": stranger}.items():
                table = stock.table(name)
                table.owners = [EntityReference(id=owner, type="user")]
                yield table
        """,
    )
    cli("run", "owned", "--sink", "jsonl:out").succeeded()
    owners = {
        record["record"]["name"]: record["record"]["owners"][0]
        for record in cli.records("out")
        if record["type"] == "table"
    }
    assert owners["known"] == {"type": "user", "fullyQualifiedName": "ada"}
    assert owners["unknown"]["id"] == "5f0c0d2e-0000-4000-8000-000000000000"


FLUSHES = """
def next_record(self):
    from om_ingest_catalog import Catalog
    yield from stock.tables(2)
    self.ctx.metadata.flush()
    with Catalog("out", read_only=True) as somebody_else:
        assert len(list(somebody_else.list_entities(Table))) == 2
"""


def test_flush_makes_records_visible_to_others(cli: Cli, connector: Connect) -> None:
    """After a flush on request everything yielded so far is where it was to be delivered."""
    connector("flushes", FLUSHES)
    cli("run", "flushes", "--sink", "catalog:out").succeeded()
