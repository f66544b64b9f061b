"""The cost of an operation does not depend on the size of the catalog (ADR 0015)."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from om_ingest.kinds import KINDS
from om_ingest_catalog import Actor, Catalog, Collection
from om_ingest_catalog.browsing import naming, tree
from om_ingest_catalog.documents.filters import Include, selection
from om_ingest_catalog.documents.listing import encode_cursor, slice_of, total
from om_ingest_catalog.rows.file import CatalogFile
from om_ingest_catalog.writing import deletion

TABLE = KINDS["table"]
MIDDLE = encode_cursor("s.d.x.t0020")


def page(file: CatalogFile, include: Include, after: str | None, before: str | None) -> None:
    """The queries of a page in a scope."""
    chosen = selection(file, TABLE, include, None, {"database": "s.d"})
    assert chosen is not None
    slice_of(file, "table", chosen, 10, after, before)
    total(file, "table", chosen, include)


def delete_tag(file: CatalogFile) -> None:
    """Delete a tag that one table has, and roll back."""
    tag = file.by_fqn("tag", "C.t")
    assert tag is not None
    with contextlib.suppress(KeyboardInterrupt), file.transaction():
        deletion.mark_deleted(file, tag, Actor("a"), 0)
        raise KeyboardInterrupt


WORK: dict[str, Callable[[CatalogFile], object]] = {
    "by name": lambda file: file.by_fqn("table", "s.d.x.t0020"),
    "first page": lambda file: page(file, "non-deleted", None, None),
    "next page": lambda file: page(file, "non-deleted", MIDDLE, None),
    "page before": lambda file: page(file, "all", None, MIDDLE),
    "deleted": lambda file: page(file, "deleted", None, None),
    "delete a tag": delete_tag,
    "tree": lambda file: list(map(tree.as_dict, tree.roots(file, tree.Extent(4, 10)))),
    "in another case": lambda file: naming.entities_named(file, "D.X.T0020"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A catalog with 40 tables, and one with 4,000, in one schema."""
    paths = []
    for count in (40, 4000):
        path = tmp_path_factory.mktemp("effort") / f"{count}.db"
        with Catalog(path) as catalog:
            for entity_type, body in (
                ("databaseService", {"name": "s", "serviceType": "Hive"}),
                ("database", {"name": "d", "service": "s"}),
                ("databaseSchema", {"name": "x", "database": "s.d"}),
                ("classification", {"name": "C", "description": "c"}),
                ("tag", {"name": "t", "classification": "C", "description": "t"}),
            ):
                Collection(catalog, KINDS[entity_type]).put(body, Actor())
            bodies = [
                {"name": f"t{number:04}", "databaseSchema": "s.d.x", "columns": []}
                for number in range(count)
            ]
            tables = Collection(catalog, TABLE)
            assert tables.bulk(bodies, Actor()).failed == 0
            tables.delete("s.d.x.t0030", Actor())
            label = {"tagFQN": "C.t", "source": "Classification", "labelType": "Manual"}
            tagged = {**bodies[20], "tags": [{**label, "state": "Confirmed"}]}
            tables.put(tagged, Actor())
        paths.append(path)
    return paths[0], paths[1]


def effort(path: Path, work: Callable[[CatalogFile], object]) -> int:
    """Steps of SQLite's virtual machine."""
    steps = [0]

    def step() -> int:
        steps[0] += 1
        return 0

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        file = CatalogFile(connection, "The catalog")
        work(file)  # compiles the statements
        connection.set_progress_handler(step, 1)
        work(file)
    return steps[0]


@pytest.mark.parametrize("name", WORK)
def test_a_hundredfold_catalog_costs_the_same(files: tuple[Path, Path], name: str) -> None:
    """An entity by name, any page with its total, and a delete take as many steps in both."""
    small, large = (effort(path, WORK[name]) for path in files)
    assert small > 0
    assert large <= small * 1.1
