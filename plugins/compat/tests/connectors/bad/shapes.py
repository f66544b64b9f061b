"""Classes that are odd, and sources all the same"""

import abc

from good import DatabaseService, Either, GoodSource, WorkflowSource
from good import CreateDatabaseRequest
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    AuthProvider,
    OpenMetadataConnection,
)
from metadata.generated.schema.security.client.openMetadataJWTClientConfig import (
    OpenMetadataJWTClientConfig,
)
from metadata.ingestion.api.source import Source as FirstSource, SourceStatus
from metadata.ingestion.ometa.ometa_api import OpenMetadata

CLIENT = OpenMetadata(
    OpenMetadataConnection(
        hostPort="http://localhost:8585/api",
        authProvider=AuthProvider.openmetadata,
        securityConfig=OpenMetadataJWTClientConfig(jwtToken="t"),
    )
)


class Abstract(GoodSource):
    @property
    def client(self):
        return self.metadata

    @abc.abstractmethod
    def names(self): ...

    def _iter(self):
        yield Either(right=self.client.get_create_service_from_source(DatabaseService, self.config))
        for name in self.names():
            yield Either(right=CreateDatabaseRequest(name=name, service=self.config.serviceName))


class Concrete(Abstract):
    def names(self):
        return ["first"]


class StaticCreate(GoodSource):
    @staticmethod
    def create(config_dict, metadata, pipeline_name=None):
        return StaticCreate(WorkflowSource.model_validate(config_dict), metadata)


class OnlyByName(GoodSource):
    @classmethod
    def create(cls, config_dict, *, metadata, pipeline_name=None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)


class AnyArguments(GoodSource):
    @classmethod
    def create(cls, *args, **kwargs):
        return cls(WorkflowSource.model_validate(args[0]), args[1])


class ClientOfTheModule(FirstSource):
    def __init__(self, config):
        self.config = config
        self.metadata = CLIENT
        self.status = SourceStatus()

    @classmethod
    def create(cls, config_dict, metadata_config):
        return cls(WorkflowSource.parse_obj(config_dict))

    def prepare(self):
        pass

    def next_record(self):
        yield self.metadata.get_create_service_from_source(DatabaseService, self.config)
        service = self.metadata.get_by_name(entity=DatabaseService, fqn=self.config.serviceName)
        yield CreateDatabaseRequest(name="first", service=service.fullyQualifiedName)

    def test_connection(self):
        pass

    def close(self):
        self.metadata.close()


class NoBase:
    def __init__(self, config, metadata):
        self.config, self.metadata = config, metadata

    create = classmethod(GoodSource.create.__func__)
    begin = GoodSource.begin
    _iter = GoodSource._iter

    def get_status(self):
        return None


class OwnRun(GoodSource):
    def run(self):
        for record in self._iter():
            yield record.right


class OneList(GoodSource):
    def _iter(self):
        return list(self.begin())


class ListsOfLists(GoodSource):
    def _iter(self):
        yield [[each, None] for each in self.begin()]
        yield self.nothing() or []

    def nothing(self):
        return None
