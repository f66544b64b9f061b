"""What a run does where something is gone that an entity refers to, or the entity itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.functional.preserving.records import (
    LABELS,
    ORPHAN,
    TREE,
    Records,
    dashboard,
    label,
    same,
    table,
)
from tests.functional.preserving.targets import Embedded, Served, Target
from tests.functional.preserving.values import Body
from tests.selection import few

COLUMN = {"name": "a", "dataType": "INT"}
TABLE = ("table", "s.d.c.t")


class Link(NamedTuple):
    """A link of an entity to another one, and the records that make both."""

    records: Records
    target: tuple[str, str]
    """Type and FQN of what is linked to."""

    field: str
    holder: tuple[str, str] = TABLE
    """Type and FQN of the entity with the link."""

    def of(self, target: Target) -> set[str]:
        """What is in the field."""
        value = target.entity(*self.holder).get(self.field) or ()
        return {name for item in value for name in _names_in(item)}


def _names_in(item: Body) -> Iterator[str]:
    if "dataType" in item:
        yield from (tag["tagFQN"] for tag in item.get("tags") or ())
    else:
        yield item.get("tagFQN") or item["fullyQualifiedName"]


def _made(*more: tuple[str, Body], **fields: object) -> Records:
    return [*more, *TREE, table(COLUMN, **fields)]


TERM = {"source": "Glossary", "labelType": "Automated", "state": "Confirmed", "tagFQN": "g.t"}
CHARTS = Link(dashboard("one", "two"), ("chart", "b.one"), "charts", ("dashboard", "b.x"))
LINKS = {
    "chart": CHARTS,
    "tag": Link(_made(*LABELS, tags=[label("one")]), ("tag", "Labels.one"), "tags"),
    "column-tag": Link(
        [*LABELS, *TREE, table({**COLUMN, "tags": [label("one")]})],
        *(("tag", "Labels.one"), "columns"),
    ),
    "owner": Link(
        _made(
            ("user", {"name": "ann.b", "email": "ann@example.com"}),
            owners=[{"type": "user", "fullyQualifiedName": '"ann.b"'}],
        ),
        *(("user", '"ann.b"'), "owners"),
    ),
    "term": Link(
        _made(
            ("glossary", {"name": "g", "description": "d"}),
            ("glossaryTerm", {"name": "t", "glossary": "g", "description": "d"}),
            tags=[TERM],
        ),
        *(("glossaryTerm", "g.t"), "tags"),
    ),
}


@pytest.fixture(params=few(("2.0.7", "1.6.0", "embedded", "1.9.0", "1.11.0", "1.13.0"), 1))
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """An empty server of a release, or an embedded catalog."""
    name = request.param
    with Embedded(tmp_path) if name == "embedded" else Served(tmp_path, name) as target:
        yield target


@pytest.mark.parametrize("name", few(LINKS, 3))
def test_what_is_made_again_is_linked_to_again(catalog: Target, name: str) -> None:
    """Where a target was deleted for good, an unchanged run makes it and the link to it again."""
    link = LINKS[name]
    catalog.run(link.records)
    before = link.of(catalog)
    catalog.delete(*link.target, hard=True)
    assert link.of(catalog) < before

    report = catalog.run(link.records)

    assert report["exitCode"] == 0, report
    assert link.of(catalog) == before
    after = catalog.entity(*link.holder)
    catalog.run(link.records)
    same(after, catalog.entity(*link.holder))


def test_a_resumed_run_links_to_what_it_makes_again(catalog: Target) -> None:
    """`--resume` sends what refers to something that is gone: the link is there afterwards."""
    catalog.run([*CHARTS.records, ORPHAN])
    catalog.delete(*CHARTS.target, hard=True)

    catalog.run([*CHARTS.records, ORPHAN], resume=True)

    assert CHARTS.of(catalog) == {"b.one", "b.two"}


@pytest.mark.parametrize("is_disabled", few((False, True), 1))
def test_a_link_to_something_deleted_stops_no_update(catalog: Target, is_disabled: bool) -> None:
    """What changes is written though the entity has a chart or labels that are gone or disabled.

    The chart is one that the source no longer has, the labels are those of a person.
    """
    records = [*LABELS, *TREE, table(COLUMN), *CHARTS.records]
    catalog.run(records)
    catalog.edit("table", "s.d.c.t", tags=[label("one")])
    column = catalog.entity("table", "s.d.c.t")["columns"][0]
    catalog.edit("table", "s.d.c.t", columns=[{**column, "tags": [label("two")]}])
    catalog.edit("chart", "b.two", tags=[label("one")])
    for name in ("one", "two"):
        if is_disabled:
            catalog.edit("tag", f"Labels.{name}", disabled=True)
        else:
            catalog.delete("tag", f"Labels.{name}")
    catalog.delete("chart", "b.one")

    changed = [
        (kind, {**body, "sourceUrl": "http://x.example"})
        for kind, body in (*dashboard("two"), table(COLUMN))
        if kind in ("table", "chart", "dashboard")
    ]
    report = catalog.run(changed)

    assert report["exitCode"] == 0, report
    for kind, fqn in (TABLE, ("chart", "b.two"), CHARTS.holder):
        assert catalog.entity(kind, fqn)["sourceUrl"] == "http://x.example"
    (column,) = catalog.entity(*TABLE)["columns"]
    kept = [*catalog.entity(*TABLE)["tags"], *column["tags"]]
    assert {tag["tagFQN"] for tag in kept} >= {"Labels.one", "Labels.two"}
    assert "b.two" in CHARTS.of(catalog)
    again = catalog.run(changed)
    assert again["records"]["unchanged"] == len(changed)


@pytest.mark.parametrize("override", few((False, True), 1))
def test_a_deleted_entity_returns_with_what_is_new(catalog: Target, override: bool) -> None:
    """A table that is marked as deleted comes back with a custom property that it had not."""
    catalog.run(_made(extension={"mine": "1"}, description="old"))
    catalog.delete("table", "s.d.c.t")

    report = catalog.run(
        _made(extension={"mine": "1", "new": "2"}, description="new"), override=override
    )

    assert report["exitCode"] == 0, report
    after = catalog.entity("table", "s.d.c.t")
    assert after["extension"] == {"mine": "1", "new": "2"}
    assert after["description"] == ("new" if override else "old")
