"""The tests of a connector as its author writes them: the suite, and a fixture or two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from om_ingest import ConfiguredSource, ConnectorConfig, CreateDatabaseServiceRequest, Record
from om_ingest.model import DatabaseService, DatabaseServiceType
from om_ingest_testing import Command, OpenMetadataDouble, SourceSuite


class ShopConfig(ConnectorConfig):
    """Config of the shop connector."""

    url: str
    """Where the shop is."""


class ShopSource(ConfiguredSource[ShopConfig]):
    """Reads a shop."""

    def next_record(self) -> Iterator[Record]:
        yield CreateDatabaseServiceRequest(
            name=self.ctx.service_name, serviceType=DatabaseServiceType.CustomDatabase
        )


class TestShop(SourceSuite):
    source = ShopSource
    config = {"url": "http://localhost"}


class TestShopByName(SourceSuite):
    source = "shop"
    config = {"url": "http://localhost"}
    service_name = "our-shop"
    source_config = {"includeViews": False}
    golden = Path(__file__).with_name("golden.jsonl")
    patience_s = 60.0

    def normalised(self, document: dict[str, Any]) -> dict[str, Any]:
        document["record"].pop("description", None)
        return document


def test_command(om_ingest: Command) -> None:
    """The shop is run by its name, and asks for its address."""
    assert om_ingest("run", "shop", "--set", "url=x").succeeded().code == 0
    om_ingest("run", "shop").refused(2, "url")


def test_double(openmetadata_double: OpenMetadataDouble) -> None:
    """The shop arrives."""
    openmetadata_double.refuse("other")
    source = ShopSource.create({"url": "x"}, {}, openmetadata_double.context("shop"))
    openmetadata_double.deliver(source)
    found = openmetadata_double.get_by_name(DatabaseService, "shop")
    assert found is not None
    assert found.name == "shop"
