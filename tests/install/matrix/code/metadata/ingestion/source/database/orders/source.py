"""A source of three records, in a module of its own so that the package must be whole."""

from collections.abc import Iterator

from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    Record,
)
from om_ingest.model import DatabaseServiceType


class OrdersSource(ConfiguredSource[ConnectorConfig]):
    """Yields a service, a database and a schema."""

    def next_record(self) -> Iterator[Record]:
        custom = DatabaseServiceType.CustomDatabase
        yield CreateDatabaseServiceRequest(name="shop", serviceType=custom)
        yield CreateDatabaseRequest(name="orders", service="shop")
        yield CreateDatabaseSchemaRequest(name="public", database="shop.orders")
