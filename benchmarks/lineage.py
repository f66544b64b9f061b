"""What it costs to find the edges of a statement, and of the views of a database."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

from benchmarks.databases import VIEW_SHARE, on_postgres, postgres_server
from benchmarks.process import MeasurementError, run
from benchmarks.sql import ingest
from benchmarks.table import REPOSITORY, Row, Scale

OWN_SET = REPOSITORY / "plugins/lineage/tests/test_statements.py"

ANALYSE = """
import importlib.util, json, statistics, sys, time
spec = importlib.util.spec_from_file_location("own_set", sys.argv[1])
own_set = sys.modules["own_set"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(own_set)
statements = list(own_set.statements())
marks = [own_set.marked(given) for _, given in statements]  # the dialects are loaded now
took = []
for _ in range(int(sys.argv[2])):
    for _, given in statements:
        began = time.process_time()
        own_set.analysed(given)
        took.append(1000 * (time.process_time() - began))
print(json.dumps({
    "mean": statistics.mean(took),
    "median": statistics.median(took),
    "statements": len(statements),
    "dialects": len({given["dialect"] for _, given in statements}),
    "right": sum(each.right for each in marks),
    "wrong": sum(len(each.wrong) for each in marks),
    "tables": sum(len(each.tables) for each in marks),
}))
"""


def statements(scale: Scale, work: Path) -> list[Row]:
    """CPU time per statement of the own set, and how many columns are right."""
    command = (sys.executable, "-c", ANALYSE, str(OWN_SET), str(scale.runs))
    found = json.loads(run(*command).output)
    all_columns = found["right"] + found["wrong"]
    what = f"edges of {found['statements']} statements in {found['dialects']} dialects"
    return [
        Row(
            what,
            f"{found['mean']:.1f} ms each, median {found['median']:.1f} ms",
            "",
            "≤ 5 ms",
        ),
        Row(
            f"{what}, columns",
            f"{found['right']} of {all_columns} right, {found['tables']} wrong edges of tables",
            "",
            "≥ 95 %, 0",
        ),
    ]


def behind_a_source(scale: Scale, work: Path) -> list[Row]:
    """What `sql-lineage` adds to the reading of a database with views."""
    with postgres_server(work) as cluster:
        served = on_postgres(cluster, scale.relations)
        ingest(served, work, "sql-lineage")
        pairs = []
        for _ in range(scale.runs):
            alone = ingest(served, work)
            pairs.append((alone, ingest(served, work, "sql-lineage")))
        edges = (work / "records.jsonl").read_text("utf-8").count('"type":"lineage"')
    views = served.relation_count // VIEW_SHARE
    if edges < views:
        raise MeasurementError(f"{edges} edges of {views} views")
    more = statistics.median(late.seconds - early.seconds for early, late in pairs)
    alone_s = statistics.median(early.seconds for early, _ in pairs)
    return [
        Row(
            f"`sql-lineage` behind {served.relation_count:,} relations, {views} of them views",
            f"{more:+.2f} s, {1000 * more / views:.1f} ms a view, {edges} edges",
            f"without it {alone_s:.2f} s",
            "",
        )
    ]
