"""Another connector of the same service type, from another distribution."""

from collections.abc import Iterator

from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseServiceRequest,
    Record,
)
from om_ingest.model import DatabaseServiceType


class InvoicesSource(ConfiguredSource[ConnectorConfig]):
    """Yields a service."""

    def next_record(self) -> Iterator[Record]:
        custom = DatabaseServiceType.CustomDatabase
        yield CreateDatabaseServiceRequest(name="office", serviceType=custom)
