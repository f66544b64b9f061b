"""The own set: statements of many dialects, with the edges that their meaning asks for.

Each file of `statements/` names tables with their columns, and statements with what they make:
for each target its sources (`from`), and for each column of the target the columns that it is made
of; an empty text for a constant. `unsure` lists sources of which some column cannot be told, and
`doubts` the kinds of doubts. All was written from what the statements mean, not from a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from om_ingest_lineage.analysis import (
    Analysis,
    Confidence,
    KnownTable,
    NamePart,
    Unresolved,
    analyse,
)
from om_ingest_lineage.scripts.script import analyse_script

KNOWN_FAILURES: frozenset[str] = frozenset()
"""Statements of which some column is wrong: this list may only become shorter."""

FOLDER = Path(__file__).parent / "statements"


@dataclass(frozen=True)
class Schema:
    """The tables of a statement, by their last name, whatever the letters."""

    tables: Mapping[str, Sequence[str]]

    def table(self, name: str) -> KnownTable:
        """A table by its name."""
        return KnownTable(name, self.tables[name])

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """What a name means: schemas are not looked at."""
        last = parts[-1]
        for name in self.tables:
            if name == last.text or (not last.quoted and name.lower() == last.text.lower()):
                return self.table(name)
        return Unresolved.UNKNOWN


@dataclass
class Marks:
    """How a statement did."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    """Columns, as texts for people."""

    tables: list[str] = field(default_factory=list)
    """Edges between tables that are too much or too few."""

    others: list[str] = field(default_factory=list)
    """Doubts and confidences that are not as expected."""


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """All of the set, each with the dialect and the tables of its file."""
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        for each in content["statements"]:
            tables = {**content["tables"], **each.get("tables", {})}
            dialect = each.get("dialect", content.get("dialect"))
            yield f"{path.stem}: {each['name']}", {**each, "tables": tables, "dialect": dialect}


def analysed(given: Mapping[str, Any]) -> Analysis:
    """What the analysis finds."""
    target, tables = given.get("target"), dict(given["tables"])
    if isinstance(target, dict):  # a table that the others do not see
        tables.update(target)
        target = next(iter(target))
    schema = Schema(tables)
    if "script" in given:
        return analyse_script(given["script"], given["dialect"], schema)
    known = schema.table(target) if target else None
    return analyse(given["sql"], given["dialect"], schema, known)


def marked(given: Mapping[str, Any]) -> Marks:
    """Compare what is found with what is expected."""
    found = analysed(given)
    marks = Marks()
    edges = {(edge.source, edge.target): edge for edge in found.edges}
    expected = {
        (source, target): source in made.get("unsure", "").split()
        for target, made in given["makes"].items()
        for source in made.get("from", "").split()
    }
    marks.tables = [f"{a} -> {b}" for a, b in sorted(edges.keys() ^ expected.keys())]
    for key, unsure in expected.items():
        if key in edges and (edges[key].confidence is not Confidence.EXACT) != unsure:
            marks.others.append(f"{key[0]}: {edges[key].confidence.value}")
    kinds = sorted({doubt.what for doubt in found.doubts})
    if kinds != sorted(given.get("doubts", kinds and [])):
        marks.others += [f"{doubt.what}: {doubt.reason}" for doubt in found.doubts] or ["no doubt"]
    columns: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for edge in found.edges:
        for column in edge.columns:
            columns.setdefault((edge.target, column.target), set()).update(
                (edge.source, name) for name in column.sources
            )
    for target, made in given["makes"].items():
        for name, sources in made.get("columns", {}).items():
            if "two words" in sources:
                wanted = {tuple(sources.split(".", 1))}
            else:
                wanted = {tuple(each.split(".")) for each in sources.split()}
            got = columns.pop((target, name), set())
            if got == wanted:
                marks.right += 1
            else:
                marks.wrong.append(f"{target}.{name} of {sorted(got)}, not of {sorted(wanted)}")
    marks.wrong += [f"{a}.{b} of {sorted(got)}" for (a, b), got in columns.items()]
    return marks


def test_the_set_is_large_enough() -> None:
    """At least 60 statements in seven dialects, procedures among them."""
    found = list(statements())
    assert len(found) >= 60
    assert len({name for name, _ in found}) == len(found)
    assert len({given["dialect"] for _, given in found}) >= 7


def test_the_columns_of_the_set_are_right() -> None:
    """At least 95 % of all columns are exactly right, no edge between tables is wrong."""
    marks = {name: marked(given) for name, given in statements()}
    tables = {name: each.tables for name, each in marks.items() if each.tables}
    assert not tables
    others = {name: each.others for name, each in marks.items() if each.others}
    assert not others
    failing = {name: each.wrong for name, each in marks.items() if each.wrong}
    assert failing.keys() == KNOWN_FAILURES, failing
    right = sum(each.right for each in marks.values())
    wrong = sum(len(each.wrong) for each in marks.values())
    assert right >= 0.95 * (right + wrong)
