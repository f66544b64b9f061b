"""`OpenMetadataDouble`: a whole store, which can be watched and made to misbehave."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from typing import Any

import pytest
from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseServiceRequest,
    MetadataStore,
    Outcome,
    Record,
    ServerError,
    SourceError,
    WorkflowError,
)
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import Database, DatabaseServiceType
from om_ingest_testing import OpenMetadataDouble

SERVICE = CreateDatabaseServiceRequest(name="shop", serviceType=DatabaseServiceType.CustomDatabase)
DATABASE = CreateDatabaseRequest(name="db", service="shop")


class ShopSource(ConfiguredSource[ConnectorConfig]):
    """A service and a database."""

    closed = False

    def next_record(self) -> Iterator[Record]:
        yield SERVICE
        yield DATABASE

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def double(openmetadata_double: OpenMetadataDouble) -> OpenMetadataDouble:
    """A double that holds a service and a database."""
    openmetadata_double.write([SERVICE, DATABASE])
    openmetadata_double.calls.clear()
    return openmetadata_double


def call(store: MetadataStore, method: str) -> Any:
    """Call a method about the database, and use up what it returns."""
    if method == "write":
        return store.write([DATABASE])
    if method == "get_by_id":
        found = store.get_by_name(Database, "shop.db")
        return store.get_by_id(Database, found.id if found else "")
    if method == "list_entities":
        return [entity.name for entity in store.list_entities(Database)]
    if method == "patch":
        operation = {"op": "add", "path": "/description", "value": "all goods"}
        return store.patch(Database, "shop.db", [operation])
    return getattr(store, method)(Database, "shop.db")


METHODS = sorted(MetadataStore.__abstractmethods__)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_works_and_is_recorded(double: OpenMetadataDouble, method: str) -> None:
    """Each method of a store does what it does in a catalog, and is recorded with its arguments."""
    assert call(double, method)
    (recorded,) = double.calls_of(method)
    assert set(recorded) == set(inspect.signature(getattr(double, method)).parameters)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_fails_on_request(double: OpenMetadataDouble, method: str) -> None:
    """`fail` lets the next calls raise, as many as were asked for."""
    double.fail(2)
    for _ in range(2):
        with pytest.raises(ServerError, match="503"):
            call(double, method)
    assert call(double, method)


def test_own_error(double: OpenMetadataDouble) -> None:
    """`fail` raises the error that it is given."""
    double.fail(1, SourceError("no", "none"))
    with pytest.raises(SourceError):
        double.get_by_name(Database, "shop.db")


def test_refused_records(openmetadata_double: OpenMetadataDouble) -> None:
    """A refused FQN fails with a reason and is not there; the others are."""
    openmetadata_double.refuse("shop.db")
    first, second = openmetadata_double.write([SERVICE, DATABASE])
    assert (first.outcome, second.outcome) == (Outcome.CREATED, Outcome.FAILED)
    assert "refused on request" in second.reason
    assert openmetadata_double.get_by_name(Database, "shop.db") is None


def test_refuse_everything(openmetadata_double: OpenMetadataDouble) -> None:
    """`refuse()` refuses every record."""
    openmetadata_double.refuse()
    results = openmetadata_double.write([SERVICE, DATABASE])
    assert [result.outcome for result in results] == [Outcome.FAILED] * 2


def test_slow_store(double: OpenMetadataDouble) -> None:
    """`slow_down` lets each call take at least so long."""
    double.slow_down(0.05)
    began = time.monotonic()
    double.get_by_name(Database, "shop.db")
    assert time.monotonic() - began >= 0.05


def test_context_for_a_source(openmetadata_double: OpenMetadataDouble) -> None:
    """`context` is that of a run: service name, typed settings, the double as its store."""
    context = openmetadata_double.context("shop", {"includeViews": False})
    assert context.metadata is openmetadata_double
    assert context.service_name == "shop"
    assert isinstance(context.source_config, DatabaseSourceConfig)
    assert not context.source_config.includeViews
    with pytest.raises(WorkflowError, match="includeVews"):
        openmetadata_double.context("shop", {"includeVews": False})


def test_deliver(openmetadata_double: OpenMetadataDouble) -> None:
    """`deliver` prepares the source, writes each record as it comes, and closes the source."""
    source = ShopSource.create({}, {}, openmetadata_double.context("shop"))
    results = openmetadata_double.deliver(source)
    assert [result.outcome for result in results] == [Outcome.CREATED] * 2
    assert len(openmetadata_double.calls_of("write")) == 2
    assert source.closed
