"""Patching means the same in every store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from om_ingest import MetadataStore, RecordError
from om_ingest.model import DatabaseService
from om_ingest.sinks.spool import Spool
from om_ingest.workflow.readback import ReadYourWrites
from om_ingest_catalog import Catalog
from om_ingest_testing import OpenMetadataDouble

ADD = {"op": "add", "path": "/description", "value": "all orders"}


def spooled(folder: Path) -> Iterator[MetadataStore]:
    """The store of a sink that writes lines."""
    with (folder / "out.jsonl").open("w+b") as file:
        yield Spool(file, "out.jsonl", Catalog.temporary)


def read_back(folder: Path) -> Iterator[MetadataStore]:
    """The store that a source sees."""
    with Catalog.temporary() as catalog:
        store = ReadYourWrites()
        store.bind(catalog, lambda: None)
        yield store


def in_catalog(folder: Path) -> Iterator[MetadataStore]:
    """The embedded catalog."""
    with Catalog(folder / "catalog.db") as catalog:
        yield catalog


def doubled(folder: Path) -> Iterator[MetadataStore]:
    """The store of the test kit."""
    with OpenMetadataDouble() as double:
        yield double


@pytest.fixture(params=[in_catalog, spooled, read_back, doubled])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MetadataStore]:
    """Each of the stores in its turn."""
    yield from request.param(tmp_path)


def test_patch(store: MetadataStore, make: Callable[..., Any]) -> None:
    """The patched entity is returned, and found from then on."""
    store.write([make("databaseService")])
    patched = store.patch(DatabaseService, "databaseService", [ADD])
    assert patched is not None
    assert patched.description == "all orders"
    assert store.get_by_name(DatabaseService, "databaseService") == patched


def test_patch_of_nothing(store: MetadataStore, make: Callable[..., Any]) -> None:
    """There is nothing to patch where there is no entity, or a deleted one."""
    store.write([make("databaseService")])
    store.delete(DatabaseService, "databaseService")
    assert store.patch(DatabaseService, "databaseService", [ADD]) is None
    assert store.patch(DatabaseService, "nowhere", [ADD]) is None


def test_patch_that_cannot_be(store: MetadataStore, make: Callable[..., Any]) -> None:
    """Operations that do not fit are refused, and change nothing."""
    store.write([make("databaseService")])
    with pytest.raises(RecordError):
        store.patch(DatabaseService, "databaseService", [{"op": "remove", "path": "/nope/deep"}])
    found = store.get_by_name(DatabaseService, "databaseService")
    assert found is not None
    assert found.version == 0.1
