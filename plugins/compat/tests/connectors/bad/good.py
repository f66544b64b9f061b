"""A connector that works; those beside it have one mistake each."""

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source


class GoodSource(Source):
    def __init__(self, config, metadata):
        super().__init__()
        self.config = config
        self.metadata = metadata

    @classmethod
    def create(cls, config_dict, metadata, pipeline_name=None):
        config = WorkflowSource.model_validate(config_dict)
        connection = config.serviceConnection.root.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, but got {connection}")
        if "colour" in (connection.connectionOptions.root if connection.connectionOptions else {}):
            raise InvalidSourceException("colour is no option")
        return cls(config, metadata)

    def prepare(self):
        pass

    def test_connection(self):
        pass

    def begin(self):
        yield Either(
            right=self.metadata.get_create_service_from_source(DatabaseService, self.config)
        )
        yield Either(right=CreateDatabaseRequest(name="first", service=self.config.serviceName))

    def _iter(self):
        yield from self.begin()

    def close(self):
        pass
