"""The distribution: its place in the namespace, and a README that is true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metadata.ingestion.source.database.sqlite_file import SqliteConfig
from om_ingest import ScopeComplete
from om_ingest.kinds import fqn_of
from om_ingest.model import AddLineageRequest

Ingest = Callable[..., Any]
Make = Callable[..., Path]

HERE = Path(__file__).parents[1]
README = (HERE / "README.md").read_text(encoding="utf-8")


def test_no_level_of_the_namespace_is_claimed() -> None:
    """Only the connector itself has an __init__.py: the levels above belong to everybody."""
    found = {path.relative_to(HERE).as_posix() for path in HERE.glob("src/**/__init__.py")}
    assert found == {"src/metadata/ingestion/source/database/sqlite_file/__init__.py"}


def test_readme_lists_every_config_key() -> None:
    """The README's table names the keys of the config, in order, and which are required."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", README, re.MULTILINE)
    fields = SqliteConfig.model_fields
    assert [name for name, _ in rows] == list(fields)
    assert [name for name, default in rows if default == "required"] == [
        name for name, field in fields.items() if field.is_required()
    ]


def test_every_config_key_says_what_it_means() -> None:
    """Each key of the config has a description in its JSON Schema."""
    properties = SqliteConfig.model_json_schema()["properties"]
    assert [name for name, schema in properties.items() if not schema.get("description")] == []


def rendered(record: Any) -> list[str]:
    if isinstance(record, ScopeComplete):
        return []
    if isinstance(record, AddLineageRequest):
        edge = record.edge
        return [
            f"lineage {edge.fromEntity.fullyQualifiedName} -> {edge.toEntity.fullyQualifiedName}",
            *(
                f"  {copy.fromColumns[0]} -> {copy.toColumn}"
                for copy in edge.lineageDetails.columnsLineage or []
            ),
        ]
    if record.entity_type != "table":
        return [f"{record.entity_type} {fqn_of(record)}"]
    columns = [
        " ".join(
            filter(None, (f"  {c.name}", c.dataType.value, c.constraint and c.constraint.value))
        )
        for c in record.columns
    ]
    constraints = [
        f"  {c.constraintType.value} {', '.join(c.columns)}"
        + (f" -> {', '.join(c.referredColumns)}" if c.referredColumns else "")
        for c in record.tableConstraints or []
    ]
    return [f"table {fqn_of(record)} ({record.tableType.value})", *columns, *constraints]


def test_readme_example(make: Make, ingest: Ingest) -> None:
    """The README's schema gives the entities that the README shows."""
    sql = re.search(r"```sql\n(.*?)```", README, re.DOTALL)[1]
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)[1]
    records = ingest(make(sql, "shop.db")).records
    lines = [line.replace("svc", "shop", 4) for record in records for line in rendered(record)]
    if "  total NUMERIC" in lines:  # SQLite 3.41 and later
        lines[lines.index("  total NUMERIC")] = "  total UNKNOWN"
    assert "\n".join(lines) + "\n" == shown
