"""Processors that yield records of their own, in workflow files as people write them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/processor.md"
MODULE = re.compile(r"^```python title=.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SOURCE = """
def next_record(self):
    yield from stock.parents()
    for schema, names in (("public", ("orders", "revenue")), ("mart", ("sums",))):
        yield CreateDatabaseSchemaRequest(name=schema, database="shop.db")
        for name in names:
            yield stock.table(name, schema=f"shop.db.{schema}")
        yield ScopeComplete(f"shop.db.{schema}", Table)
"""
YIELDED = 8

NOTES = """
class Notes(Processor):
    def __init__(self, text, ctx):
        self.text, self.ctx = text, ctx
    @classmethod
    def create(cls, config_dict, ctx):
        return cls(config_dict["text"], ctx)
    def process(self, record):
        name = getattr(record, "name", "")
        if name.startswith("note") and isinstance(record, CreateTableRequest):
            return record.model_copy(update={"name": f"{name}_{self.text}"})
        return record
    def scope_complete(self, scope):
        if self.text == "raises":
            raise ValueError("no scope")
        yield stock.table(f"note_of_{self.text}", schema=scope.scope_fqn)
    def finish(self):
        pathlib.Path(f"finished_{self.text}").touch()
        return [stock.table(f"note_{self.text}")]
"""


@pytest.fixture(autouse=True)
def shop_of_two_schemas(connector: Connect, distributed: Distribute) -> None:
    """A connector that tells its scopes, and a processor that yields a table for each."""
    connector("shop", SOURCE)
    distributed("notes", NOTES, "[om_ingest.processor]\nnotes = notes:Notes\n")


def flow(cli: Cli, *texts: str, sink: str = "jsonl", **more: Any) -> str:
    """A workflow file with one `notes` for each text."""
    content = {
        "source": {"type": "shop"},
        "processors": [{"type": "notes", "config": {"text": text}} for text in texts],
        "sink": {"type": sink, "config": {"path": f"out.{sink}"}},
        **more,
    }
    return cli.write("flow.json", json.dumps(content))


def names(cli: Cli) -> list[str]:
    """Names of the tables, and the scopes of the markers, as they were delivered."""
    lines = cli.records("out.jsonl")
    return [
        line["record"].get("name") or f"end of {line['record']['scopeFqn']}"
        for line in lines
        if line["type"] in ("table", "scopeComplete")
    ]


def test_the_processor_of_the_page(cli: Cli, distributed: Distribute) -> None:
    """The example of docs/how-to/processor.md draws lineage in a scope and across scopes.

    It tells of tables that nobody has ingested; a second run changes nothing.
    """
    (code,) = re.findall(
        r"^```python title=.*?\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    entry_points = "[om_ingest.processor]\nknown-flows = known_flows:KnownFlows\n"
    distributed("known-flows", "", entry_points)
    (cli.site / "known_flows.py").write_text(code)
    sink = {"type": "catalog", "config": {"path": "out.db"}}
    cli.write(
        "crm.json", json.dumps({"source": {"type": "shop", "serviceName": "x"}, "sink": sink})
    )
    flows = {
        "shop.db.public.orders": "shop.db.public.revenue",
        "shop.db.public.revenue": "shop.db.mart.sums",
        "shop.db.mart.sums": "gone.db.public.nothing",
    }
    steps = [{"type": "known-flows", "config": {"flows": flows}}]
    content = {"source": {"type": "shop"}, "processors": steps, "sink": sink}
    cli.write("flow.json", json.dumps(content))
    run = cli("run", "flow.json", "--report", "report.json").succeeded()
    assert "No such tables: shop.db.mart.sums, gone.db.public.nothing" in run.err
    report = cli.report()
    assert (report["records"]["yielded"], report["derived"]) == (YIELDED + 2, 2)
    assert report["byEntityType"]["lineage"]["created"] == 2
    cli("run", "flow.json", "--report", "report.json").succeeded()
    assert cli.report()["records"]["unchanged"] == YIELDED + 2


def test_places_of_derived_records(cli: Cli) -> None:
    """What belongs to a scope comes before its marker, the rest at the end.

    It passes the processors that come after, and no others.
    """
    run = cli("run", flow(cli, "a", "b"), "--report", "report.json")
    run.succeeded()
    assert names(cli) == [
        *("orders", "revenue", "note_of_a_b", "note_of_b", "end of shop.db.public"),
        *("sums", "note_of_a_b", "note_of_b", "end of shop.db.mart"),
        *("note_a_b", "note_b"),
    ]
    assert (cli.report()["records"]["yielded"], cli.report()["derived"]) == (YIELDED + 6, 6)


def test_filter_behind_a_processor(cli: Cli) -> None:
    """A filter counts what it drops of a processor's records as it does others."""
    content = json.loads((cli.cwd / flow(cli, "a")).read_text())
    drop = {"type": "fqn-filter", "config": {"excludes": [r".*\.note"]}}
    content["processors"].append(drop)
    cli.write("flow.json", json.dumps(content))
    cli("run", "flow.json", "--report", "report.json").succeeded()
    counts = cli.report()["records"]
    assert (counts["yielded"], counts["filtered"], counts["failed"]) == (YIELDED + 3, 3, 0)
    assert not [name for name in names(cli) if name.startswith("note")]


def test_error_at_the_end_of_a_scope(cli: Cli) -> None:
    """It is told once, as the processor's; every record is delivered, and nothing is deleted."""
    cli("run", flow(cli, "a", sink="catalog")).succeeded()
    run = cli("run", flow(cli, "raises", sink="catalog"), "--report", "report.json")
    run.refused(1, "The processor Notes failed in scope_complete: ValueError: no scope")
    assert run.err.count("no scope") == 1
    counts = cli.report()["records"]
    assert (counts["unchanged"], counts["created"], counts["failed"]) == (YIELDED, 1, 0)
    assert "note_of_a" in cli.tables("out.catalog"), "a failed processor proves nothing stale"


def test_derived_records_are_not_stale(cli: Cli) -> None:
    """What a processor yields counts as seen; what it yields no more is marked as deleted."""
    cli("run", flow(cli, "a", sink="catalog")).succeeded()
    cli("run", flow(cli, "a", sink="catalog"), "--report", "report.json").succeeded()
    assert cli.report()["stale"]["markedDeleted"] == {}
    run = cli("run", flow(cli, "b", sink="catalog"), "--allow-mass-delete")
    run.succeeded()
    tables = cli.tables("out.catalog")
    assert ("note_of_b" in tables, "note_of_a" in tables) == (True, False)


def test_refused_record_of_a_processor(cli: Cli) -> None:
    """It is set aside, and `replay` delivers it."""
    code = NOTES.replace('stock.table(f"note_{self.text}")', 'stock.table("late", "other.db.x")')
    assert code != NOTES
    (cli.site / "notes.py").write_text((cli.site / "notes.py").read_text().replace(NOTES, code))
    run = cli("run", flow(cli, "a", sink="catalog"), "--report", "report.json")
    assert (run.code, cli.report()["records"]["failed"]) == (1, 1)
    (letters,) = cli.dead_letters()
    cli("replay", letters, "--sink", "jsonl:out.jsonl").succeeded()
    assert names(cli) == ["late"]


NOT_TO_ITS_END = {
    "died": ("run", lambda source: source + "    raise RuntimeError('gone')\n", 1),
    "limit": ("run --limit 3", lambda source: source, 0),
}


@pytest.mark.parametrize(("words", "change", "code"), NOT_TO_ITS_END.values(), ids=NOT_TO_ITS_END)
def test_no_finish_without_an_end(
    cli: Cli, connector: Connect, words: str, change: Any, code: int
) -> None:
    """Where the source was not read to its end, processors are not finished, but closed."""
    (cli.site / "shop_connector-1.0.dist-info").rename(cli.site / "old")
    connector("shop", change(SOURCE))
    run = cli(*words.split(), flow(cli, "a"), "--report", "report.json")
    assert run.code == code
    assert not (cli.cwd / "finished_a").exists()
