"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from om_ingest.model import Column, Table

if TYPE_CHECKING:
    from conftest import Run

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
BLOCK = re.compile(
    r"^(?P<level>#+) (?P<file>\w+\.json)\n\n```json\n(?P<text>.*?)```", re.MULTILINE | re.DOTALL
)


def examples(level: str, folder: Path) -> Path:
    """Write the files that stand below headings of one level."""
    for match in BLOCK.finditer(README):
        if match["level"] == level:
            (folder / match["file"]).write_text(match["text"], "utf-8")
    return folder


def test_documented_format_is_read(run: Run, tmp_path: Path) -> None:
    """The five example files are delivered without a warning."""
    folder = examples("###", tmp_path)
    assert len(list(folder.iterdir())) == 5
    run(folder, service_name="mine")
    assert (run.refused, run.failures, run.status.warnings) == ([], [], [])
    assert run.fqns(Table) == [
        "mine.trade.reports.revenue",
        "mine.trade.sales.customers",
        "mine.trade.sales.orders",
    ]
    assert (run.counts["tag"], run.counts["lineage"]) == (1, 1)
    orders = run.catalog.get_by_name(Table, "mine.trade.sales.orders")
    assert orders is not None
    (parcel,) = (column for column in orders.columns if column.name == "parcel")
    assert isinstance(parcel, Column)
    assert [child.name for child in parcel.children or ()] == ["weight_g", "carrier"]
    assert orders.tableConstraints is not None
    assert orders.tableConstraints[0].referredColumns == ["mine.trade.sales.customers.id"]


def test_documented_export_is_read(run: Run, tmp_path: Path) -> None:
    """The example that was exported from a server is delivered, with a warning for each file."""
    folder = examples("####", tmp_path)
    run(folder)
    assert (run.refused, run.failures) == ([], [])
    assert run.fqns(Table) == ["legacy.ecommerce.default.dim_address"]
    keys = [note.key for note in run.status.warnings]
    assert keys == ["service.json", "database.json", "tables.json, table default.dim_address"]


def test_documented_workflow_is_the_example() -> None:
    """The workflow file in the README is examples/sample-tables.yaml, without its comments."""
    (shown,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    example = (Path(__file__).parents[3] / "examples/sample-tables.yaml").read_text("utf-8")
    lines = [line for line in example.splitlines() if not line.startswith("#")]
    assert shown.splitlines() == lines


def test_repository_example_is_read(run: Run) -> None:
    """The folder that examples/sample-tables.yaml names is delivered."""
    run(Path(__file__).parents[3] / "examples/sample-tables", service_name="demo")
    assert (run.refused, run.failures, run.status.warnings) == ([], [], [])
    assert run.counts["table"] == 4
