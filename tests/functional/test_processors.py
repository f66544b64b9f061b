"""The processors `fqn-filter` and `add-tags`, in workflow files as people write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli, Connect, Distribute

SOURCE = """
def next_record(self):
    yield CreateClassificationRequest(name="PII", description="Personal.")
    yield CreateTagRequest(name="Sensitive", classification="PII", description="Sensitive.")
    yield CreateTagRequest(name="None", classification="PII", description="Harmless.")
    yield from stock.parents()
    yield CreateDatabaseSchemaRequest(name="Private", database="shop.db")
    yield stock.table("orders")
    yield stock.table("order_lines")
    yield stock.table("Orders_old")
    yield stock.table("customers")
    tagged = stock.table("people", schema="shop.db.Private")
    tagged.tags = [TagLabel(tagFQN="PII.Sensitive", source="Classification")]
    yield tagged
    for end in ("customers", "order_lines"):
        ends = {
            "fromEntity": EntityReference(type="table", fullyQualifiedName="shop.db.public.orders"),
            "toEntity": EntityReference(type="table", fullyQualifiedName=f"shop.db.public.{end}"),
        }
        yield AddLineageRequest(edge=EntitiesEdge(**ends))
"""
YIELDED = 14
TABLES = {"orders", "order_lines", "Orders_old", "customers", "people"}


@pytest.fixture(autouse=True)
def store(connector: Connect) -> None:
    """A connector with tables, tags and lineage."""
    connector("store", SOURCE)


def processed(cli: Cli, *processors: dict[str, Any], single: bool = False) -> list[dict[str, Any]]:
    """The lines that a run with these processors writes; its counts add up."""
    flow: dict[str, Any] = {
        "source": {"type": "store"},
        "sink": {"type": "jsonl", "config": {"path": "out.jsonl"}},
        **({"processor": processors[0]} if single else {"processors": list(processors)}),
    }
    cli.write("flow.json", json.dumps(flow))
    cli("run", "flow.json", "--report", "report.json").succeeded()
    lines = cli.records("out.jsonl")
    counts = cli.report()["records"]
    assert (counts["yielded"], counts["filtered"]) == (YIELDED, YIELDED - len(lines))
    return lines


def names(lines: list[dict[str, Any]], kind: str = "table") -> set[str]:
    """Names of the records of one kind."""
    return {line["record"]["name"] for line in lines if line["type"] == kind}


FILTERS = {
    "start, any case": ({"includes": ["orders", r"SHOP\.DB\.PRIVATE"]}, {"people"}),
    "exclude wins": (
        {"includes": [r"shop\.db\.public"], "excludes": [r".*orders$"]},
        {"order_lines", "Orders_old", "customers"},
    ),
    "another kind": ({"excludes": [".*"], "entityTypes": ["storedProcedure"]}, TABLES),
    "exclude": ({"excludes": [r".*\.order"]}, {"customers", "people"}),
}


@pytest.mark.parametrize(("config", "kept"), few(FILTERS.values(), 3), ids=FILTERS)
def test_fqn_filter(cli: Cli, config: dict[str, Any], kept: set[str]) -> None:
    """Patterns match the FQN at its start, ignoring case; an exclude wins (contract §11.4)."""
    lines = processed(cli, {"type": "fqn-filter", "config": config})
    assert names(lines) == kept
    assert names(lines, "databaseSchema") == {"public", "Private"}


def test_fqn_filter_takes_lineage_along(cli: Cli) -> None:
    """Lineage that begins or ends at a filtered table goes with it; other lineage stays."""
    lines = processed(cli, {"type": "fqn-filter", "config": {"excludes": [r".*\.customers"]}})
    (edge,) = (line["record"]["edge"] for line in lines if line["type"] == "lineage")
    assert edge["toEntity"]["fullyQualifiedName"] == "shop.db.public.order_lines"


def test_fqn_filter_of_schemas(cli: Cli) -> None:
    """Any kind can be filtered, with what lies below it."""
    config = {"excludes": [r"shop\.db\.Private"], "entityTypes": ["databaseSchema", "table"]}
    lines = processed(cli, {"type": "fqn-filter", "config": config}, single=True)
    assert names(lines, "databaseSchema") == {"public"}
    assert names(lines) == TABLES - {"people"}


def tags(lines: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Names of tables with the FQNs of their tags; tables without any are left out."""
    return {
        line["record"]["name"]: [tag["tagFQN"] for tag in line["record"]["tags"]]
        for line in lines
        if line["type"] == "table" and line["record"].get("tags")
    }


def test_add_tags(cli: Cli) -> None:
    """Every table gets the tags that it lacks, once each, behind those it has."""
    step = {"type": "add-tags", "config": {"tags": ["PII.None", "PII.Sensitive", "PII.None"]}}
    tagged = tags(processed(cli, step))
    assert tagged.pop("people") == ["PII.Sensitive", "PII.None"]
    assert set(tagged) == TABLES - {"people"}
    assert all(names == ["PII.None", "PII.Sensitive"] for names in tagged.values())


def test_add_tags_to_some(cli: Cli) -> None:
    """Kinds and patterns choose what gets the tags."""
    chosen = {"fqnFilterPattern": {"includes": [r".*order"], "excludes": [r".*old"]}}
    step = {"type": "add_tags", "config": {"tags": ["PII.None"], **chosen}}
    tagged = tags(processed(cli, step, single=True))
    assert set(tagged) == {"people", "orders", "order_lines"}
    step["config"] = {"tags": ["PII.None"], "entityTypes": ["databaseSchema"]}
    lines = processed(cli, step)
    assert set(tags(lines)) == {"people"}
    schemas = [line["record"] for line in lines if line["type"] == "databaseSchema"]
    assert {tag["tagFQN"] for schema in schemas for tag in schema["tags"]} == {"PII.None"}


def test_tags_arrive_in_the_catalog(cli: Cli) -> None:
    """The catalog keeps added tags, and a second run changes nothing."""
    cli.write(
        "flow.yaml",
        """\
        source: {type: store}
        processor: {type: fqn-filter, config: {includes: ['shop.db.public.customers']}}
        processors:
          - {type: add-tags, config: {tags: [PII.Sensitive]}}
        """,
    )
    cli("run", "flow.yaml").succeeded()
    assert cli.tables() == ["customers"]
    shown = cli("catalog", "show", "shop.db.public.customers", "--json").succeeded().json
    assert [tag["tagFQN"] for tag in shown["tags"]] == ["PII.Sensitive"]
    cli("run", "flow.yaml", "--report", "report.json").succeeded()
    assert cli.report()["records"]["unchanged"] == YIELDED - 4 - 2


MISTAKES = {
    "processors": (
        """\
        source: {type: store}
        processors:
          - type: fqn-filter
            config:
              includes: ['shop']
              excludes: ['[']
          - {type: add-tags, config: {}}
        """,
        "flow.yaml:6:7: processors.0.config.excludes: ",
        "not a regular expression",
    ),
    "processor": (
        """\
        source: {type: store}
        processor:
          type: add-tags
          config:
            tags: [PII.Sensitive]
            entityType: [table]
        """,
        "flow.yaml:6:5: processor.config.entityType: unknown key; did you mean 'entityTypes'?",
        "",
    ),
    "required": (
        "source: {type: store}\nprocessor: {type: add-tags}\n",
        "flow.yaml:2:1: processor.config.tags: this key is required",
        "",
    ),
    "kind": (
        """\
        source: {type: store}
        processors:
          - type: fqn-filter
            config: {entityTypes: [tabel]}
        """,
        "flow.yaml:4:14: processors.0.config.entityTypes: ",
        "unknown: tabel; known: ",
    ),
    "type": (
        """\
        source: {type: store}
        processors:
          - {type: add-tags, config: {tags: [PII.None]}}
          - {type: fqn-fliter}
        """,
        "flow.yaml:4:6: processors.1.type: ",
        "There is no processor named 'fqn-fliter'; did you mean 'fqn-filter'?",
    ),
    "not taggable": (
        """\
        source: {type: store}
        processor: {type: add-tags, config: {tags: [PII.None], entityTypes: [tag]}}
        """,
        "flow.yaml:2:56: processor.config.entityTypes: ",
        "cannot be tagged: tag; can be: ",
    ),
}


@pytest.mark.parametrize(("flow", "place", "said"), few(MISTAKES.values(), 2), ids=MISTAKES)
def test_wrong_config(cli: Cli, flow: str, place: str, said: str) -> None:
    """What is wrong with a processor is told with file, line, column and key."""
    cli.write("flow.yaml", flow)
    cli("check", "flow.yaml").refused(2, place, said)


COUNTS = """
from om_ingest import CreateTableRequest, Processor, ProcessorStatus


class CountsTables(Processor):
    @classmethod
    def create(cls, config_dict, ctx):
        made = cls()
        made.status = ProcessorStatus()
        return made

    def process(self, record):
        if isinstance(record, CreateTableRequest):
            self.status.count("tablesSeen")
            self.status.warning(f"shop.{record.name}", "seen with token s3cret-token")
        return record

    def get_status(self):
        return self.status
"""


def test_processor_reports(cli: Cli, distributed: Distribute) -> None:
    """What a processor counts and finds odd is in the report and the summary, masked."""
    distributed("counting", COUNTS, "[om_ingest.processor]\ncounts = counting:CountsTables\n")
    flow = {
        "source": {"type": "store"},
        "processors": [{"type": "counts", "config": {"token": "s3cret-token"}}],
        "sink": {"type": "jsonl", "config": {"path": "out.jsonl"}},
    }
    cli.write("flow.json", json.dumps(flow))
    run = cli("run", "flow.json", "--report", "report.json").succeeded()
    (told,) = cli.report()["processors"]
    assert (told["name"], told["counts"]) == ("counts", {"tablesSeen": 5})
    assert (told["warnings"]["total"], len(told["warnings"]["samples"])) == (5, 5)
    assert "counts: 5 tables seen" in run.err
    assert "s3cret-token" not in run.err + json.dumps(told)
