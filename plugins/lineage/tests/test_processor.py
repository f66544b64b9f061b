"""The processor `sql-lineage` behind a source: which edges it yields, when, and what it tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from om_ingest import SinkContext, WorkflowError
from om_ingest_lineage.processor import SqlLineage

from described_source import Ran, flow_of

ORDERS = {"table": ["public.orders", ["id", "customer", "amount"]]}
TOTALS = {
    "view": [
        "public.totals",
        ["who", "total"],
        "CREATE VIEW totals (who, total) AS SELECT customer, sum(amount) FROM orders GROUP BY 1",
    ]
}


def test_views_on_views(tmp_path: Path) -> None:
    """Edges of views have the columns as the store spells them, whatever the order of records."""
    top = {
        "view": [
            "public.top",
            ["a>b", "c.d", "n"],
            'CREATE VIEW top AS SELECT who AS "a>b", total AS "c.d", 1 AS n FROM totals',
        ]
    }
    ran = Ran(tmp_path, flow_of(tmp_path, [top, TOTALS, ORDERS]))
    assert ran.code == 0, ran.output
    assert ran.edges == {
        ("svc.db.public.orders", "svc.db.public.totals"): {
            "who": ["customer"],
            "total": ["amount"],
        },
        ("svc.db.public.totals", "svc.db.public.top"): {
            "a__reserved__arrow__b": ["who"],
            "c.d": ["total"],
        },
    }
    details = ran.details["svc.db.public.orders", "svc.db.public.totals"]
    assert (details["source"], details["sqlQuery"]) == ("ViewLineage", TOTALS["view"][2])
    assert ran.told["counts"] == {"statements": 2, "edgesWithAllColumns": 2}


def test_edges_come_when_their_scope_is_complete(tmp_path: Path) -> None:
    """What a complete scope settles comes before the end, all else behind it."""
    late = {"view": ["public.late", ["who"], "CREATE VIEW late AS SELECT x AS who FROM rep.r"]}
    steps = [ORDERS, TOTALS, late, {"complete": ".db.public"}, {"table": ["rep.r", ["x"]]}]
    ran = Ran(tmp_path, flow_of(tmp_path, steps))
    kinds = [(line["type"], line.get("record", {}).get("name")) for line in ran.records]
    places = {kind: place for place, kind in enumerate(kinds)}
    first, second = (place for place, (kind, _) in enumerate(kinds) if kind == "lineage")
    assert places["table", "late"] < first < places["table", "r"] < second
    assert list(ran.edges)[1] == ("svc.db.rep.r", "svc.db.public.late")


def test_a_source_that_dies(tmp_path: Path) -> None:
    """A source that dies has only those edges that nothing it left out can change."""
    elsewhere = {"view": ["public.v", ["x"], "CREATE VIEW v AS SELECT x FROM r"]}
    steps = [ORDERS, TOTALS, elsewhere, {"complete": ".db.public"}, {"dies": True}]
    ran = Ran(tmp_path, flow_of(tmp_path, steps))
    assert (ran.code, list(ran.edges)) == (1, [("svc.db.public.orders", "svc.db.public.totals")])


def test_statements_of_all_sorts(tmp_path: Path) -> None:
    """Procedures, queries and files draw edges; what several say of two tables is one edge."""
    (tmp_path / "load.sql").write_text("insert into log (id) select id from orders;", "utf-8")
    user = "create user u password 'hunter2';"
    (tmp_path / "more.sql").write_text(f"{user} insert into log (id) select who from totals;")
    copying = "INSERT INTO log (customer) SELECT customer FROM orders"
    steps = [
        ORDERS,
        {"table": ["public.log", ["id", "customer", "total"]]},
        TOTALS,
        {"procedure": ["public.fill", copying]},
        {"query": "insert into log (customer, total) select who, total from totals"},
        {"query": "select * from orders join totals on who = customer"},
    ]
    ran = Ran(tmp_path, flow_of(tmp_path, steps, files=[str(tmp_path / "*.sql")]))
    assert ran.code == 0, ran.output
    assert ran.edges == {
        ("svc.db.public.orders", "svc.db.public.totals"): {
            "who": ["customer"],
            "total": ["amount"],
        },
        ("svc.db.public.orders", "svc.db.public.log"): {"customer": ["customer"], "id": ["id"]},
        ("svc.db.public.totals", "svc.db.public.log"): {
            "customer": ["who"],
            "id": ["who"],
            "total": ["total"],
        },
    }
    assert "hunter2" not in str(ran.details)
    by_procedure = ran.details["svc.db.public.orders", "svc.db.public.log"]
    assert (by_procedure["source"], by_procedure["sqlQuery"]) == ("QueryLineage", copying)
    assert by_procedure["pipeline"]["fullyQualifiedName"] == "svc.db.public.fill"
    used = [
        [table["fullyQualifiedName"] for table in line["record"]["queryUsedIn"]]
        for line in ran.records
        if line["type"] == "query"
    ]
    assert [sorted(names) for names in used] == [
        ["svc.db.public.log", "svc.db.public.totals"],
        ["svc.db.public.orders", "svc.db.public.totals"],
    ]


def test_what_cannot_be_told(tmp_path: Path) -> None:
    """A statement that cannot be read costs itself, and is reported with FQN and reason."""
    steps = [
        ORDERS,
        {"view": ["public.broken", ["x"], "CREATE VIEW broken AS SELECT FROM WHERE"]},
        {"view": ["public.lost", ["x"], "CREATE VIEW lost AS SELECT x FROM nowhere"]},
        {"view": ["public.cut", ["x"], "CREATE VIEW cut AS"]},
        {"view": ["public.calls", ["x"], "CREATE VIEW calls AS SELECT * FROM rows_of(1)"]},
        TOTALS,
    ]
    report = tmp_path / "doubts.jsonl"
    ran = Ran(tmp_path, flow_of(tmp_path, steps, report=str(report), maxStatementChars=200))
    assert list(ran.edges) == [("svc.db.public.orders", "svc.db.public.totals")]
    assert ran.doubts["svc.db.public.broken"].startswith("not parsed: ")
    assert ran.doubts["svc.db.public.lost"].startswith("unknown name: nowhere")
    for view in ("cut", "calls"):
        assert ran.doubts[f"svc.db.public.{view}"].startswith("no source: its definition names no")
    lines = report.read_text("utf-8").splitlines()
    assert len(lines) == 5
    assert '"confidence": "exact"' in "".join(lines)
    unwritable = flow_of(tmp_path, [ORDERS], report=str(tmp_path / "no" / "folder.jsonl"))
    ran = Ran(tmp_path, unwritable)
    (reason,) = ran.doubts.values()
    assert (ran.code, reason[:30]) == (0, "the file of `report` is not wr")


def test_confidence_is_in_the_edge(tmp_path: Path) -> None:
    """An edge without all of its columns says so in its description."""
    steps = [ORDERS, {"view": ["public.v", [], "CREATE VIEW v AS SELECT id FROM orders"]}]
    ran = Ran(tmp_path, flow_of(tmp_path, steps))
    (details,) = ran.details.values()
    assert "columnsLineage" not in details
    assert details["description"].startswith("Drawn from SQL. The tables are certain")
    assert ran.told["counts"]["edgesOfTablesOnly"] == 1


def test_views_without_columns(tmp_path: Path) -> None:
    """What a view without columns gives is worked out for the views on it, and not claimed."""
    inner = {"view": ["public.inner_v", [], "CREATE VIEW inner_v AS SELECT customer FROM orders"]}
    other = {"table": ["public.other", ["id", "extra"]]}
    outer = {
        "view": [
            "public.outer_v",
            ["extra", "customer"],
            "CREATE VIEW outer_v AS SELECT extra, customer FROM inner_v, other",
        ]
    }
    ran = Ran(tmp_path, flow_of(tmp_path, [outer, inner, ORDERS, other]))
    assert ran.edges["svc.db.public.other", "svc.db.public.outer_v"] == {"extra": ["extra"]}
    assert ran.edges["svc.db.public.inner_v", "svc.db.public.outer_v"] == {}


def test_edges_of_the_source_win(tmp_path: Path) -> None:
    """A view whose lineage the source draws itself is left to it."""
    edge = {"edge": ["db.public.orders", "db.public.totals", "ViewLineage"]}
    ran = Ran(tmp_path, flow_of(tmp_path, [ORDERS, TOTALS, edge]))
    assert list(ran.details.values()) == [{"source": "ViewLineage", "sqlQuery": "of the source"}]
    assert ran.told["counts"] == {"viewsLeftToTheSource": 1}


def test_edges_of_the_source_that_come_late(tmp_path: Path) -> None:
    """Where the source draws a view's lineage after its scope, no run undoes what another did."""
    edge = {"edge": ["db.public.orders", "db.public.totals", "ViewLineage"]}
    steps = [ORDERS, TOTALS, {"complete": ".db"}, edge]
    flow = flow_of(tmp_path, steps, sink=str(tmp_path / "c.db"))
    runs = [Ran(tmp_path, flow) for _ in range(2)]
    first, second = (run.report["byEntityType"]["lineage"] for run in runs)
    assert (first["created"], first["updated"]) == (1, 1)
    assert (second["unchanged"], second["updated"]) == (1, 0)
    assert runs[1].told["counts"] == {"viewsLeftToTheSource": 1}


def test_a_service_without_a_dialect(tmp_path: Path) -> None:
    """A type of service that tells no dialect is named once, with the key to set."""
    twice = [ORDERS, TOTALS, {"view": ["public.v", ["id"], "SELECT id FROM orders"]}]
    flow = flow_of(tmp_path, twice, serviceType="CustomDatabase")
    ran = Ran(tmp_path, flow)
    (note,) = ran.report["deliveryWarnings"]["samples"]
    assert "Name it in the config of sql-lineage, e.g. `dialect: postgres`" in note["reason"]
    assert (ran.code, ran.edges, note["records"]) == (0, {}, 2)
    flow["processors"][0]["config"]["dialect"] = {"svc": "postgresql"}
    assert len(Ran(tmp_path, flow).edges) == 2


def test_definitions_of_views_in_logs(tmp_path: Path) -> None:
    """A view's edges come from its definition: what a log says of it is old."""
    (tmp_path / "old.sql").write_text("CREATE VIEW totals AS SELECT id AS who FROM log", "utf-8")
    created = "CREATE OR REPLACE VIEW {} AS SELECT id AS who FROM log"
    steps = [
        {"query": "INSERT INTO log (id) SELECT id FROM orders"},
        ORDERS,
        {"table": ["public.log", ["id"]]},
        TOTALS,
        {"view": ["public.untold", ["who"], None]},
        {"query": created.format("totals")},
        {"query": created.format("untold")},
        {"procedure": ["public.renew", created.format("totals")]},
    ]
    ran = Ran(tmp_path, flow_of(tmp_path, steps, files=[str(tmp_path / "*.sql")]))
    # The first query is told of tables that came after it, all the same.
    assert (ran.code, ran.doubts) == (0, {})
    assert ran.edges == {
        ("svc.db.public.orders", "svc.db.public.totals"): {
            "who": ["customer"],
            "total": ["amount"],
        },
        ("svc.db.public.orders", "svc.db.public.log"): {"id": ["id"]},
    }


def test_config_that_means_nothing(tmp_path: Path) -> None:
    """A name in the config that nobody has is told at the end; a variable is refused at once."""
    given = {"services": ["lake", "svc"], "searchPath": ["$schema", "pubic"], "database": "nodb"}
    ran = Ran(tmp_path, flow_of(tmp_path, [ORDERS, TOTALS], dialect={"Svc": "mysql"}, **given))
    notes = {note["key"]: note["reason"] for note in ran.report["deliveryWarnings"]["samples"]}
    told = {
        key.removeprefix("sql-lineage."): reason.split(". ")[0] for key, reason in notes.items()
    }
    assert told == {
        "dialect": "neither the run nor the target has a service Svc",
        "services": "neither the run nor the target has a service lake",
        "searchPath": "the service svc has no schema pubic",
        "database": "the service svc has no database nodb",
    }
    with pytest.raises(WorkflowError, match=r"'\$user' means nothing here"):
        SqlLineage.create({"searchPath": ["$user", "public"]}, SinkContext())
