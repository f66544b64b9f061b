"""A catalog with the usual four levels, and the short way to build a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from om_ingest.kinds import KINDS
from om_ingest.model import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    DatabaseServiceType,
    Record,
)
from om_ingest.store import Outcome
from om_ingest_catalog import Catalog, Collection

TableBuilder = Callable[..., CreateTableRequest]


@pytest.fixture
def parents() -> list[Record]:
    """Service `s`, database `s.d` and schema `s.d.x`."""
    return [
        CreateDatabaseServiceRequest(name="s", serviceType=DatabaseServiceType.SQLite),
        CreateDatabaseRequest(name="d", service="s"),
        CreateDatabaseSchemaRequest(name="x", database="s.d"),
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the catalog is."""
    return tmp_path / "catalog.db"


@pytest.fixture
def catalog(path: Path, parents: list[Record]) -> Iterator[Catalog]:
    """A catalog that a bot writes to, with the schema `s.d.x`."""
    with Catalog(path) as catalog:
        catalog.write(parents)
        yield catalog


@pytest.fixture
def person(catalog: Catalog, path: Path) -> Iterator[Catalog]:
    """The same file, written to by a person."""
    with Catalog(path, actor="ann", is_bot=False) as person:
        yield person


@pytest.fixture
def table() -> TableBuilder:
    """Builds a request for table `t` in `s.d.x` with one INT column `a`; fields override."""

    def build(**fields: Any) -> CreateTableRequest:
        column = {"name": "a", "dataType": "INT"}
        return CreateTableRequest.model_validate(
            {"name": "t", "databaseSchema": "s.d.x", "columns": [column], **fields}
        )

    return build


@pytest.fixture
def of(catalog: Catalog) -> Callable[[str], Collection]:
    """The collection of an entity type in the catalog."""

    def build(entity_type: str) -> Collection:
        return Collection(catalog, KINDS[entity_type])

    return build


@pytest.fixture
def tables(of: Callable[[str], Collection]) -> Collection:
    """The tables of the catalog."""
    return of("table")


@pytest.fixture
def full(one_of_each: list[Record]) -> Iterator[Catalog]:
    """A catalog with one entity of every kind, written by a bot."""
    with Catalog.temporary() as catalog:
        results = catalog.write(one_of_each)
        assert [(result.outcome, result.reason) for result in results] == [
            (Outcome.CREATED, "")
        ] * len(KINDS)
        yield catalog
