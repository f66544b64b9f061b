"""The configuration of a connector as upstream's models, however its release reads it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from om_ingest.model import DatabaseService
from om_ingest_compat.models import model, native, permissive, spelled_entity
from om_ingest_compat.models.connections import (
    AuthProvider,
    CustomDatabaseConnection,
    CustomDatabaseType,
    OpenMetadataConnection,
    connection_of,
)
from om_ingest_compat.models.own import CustomSecretStr, PlainModel
from om_ingest_compat.models.pipelines import DatabaseServiceMetadataPipeline
from om_ingest_compat.models.workflow import OpenMetadataWorkflowConfig, Source
from om_ingest_compat.modules.names import resolved
from om_ingest_compat.modules.table.generated import MODULES
from pydantic import RootModel, ValidationError

CONFIG = {"type": "CustomDatabase", "sourcePythonClass": "a.B", "connectionOptions": {"k": "v"}}
BLOCK = {
    "type": "custom-database",
    "serviceName": "s",
    "serviceConnection": {"config": CONFIG},
    "sourceConfig": {
        "config": {"type": "DatabaseMetadata", "schemaFilterPattern": {"includes": ["a"]}}
    },
}
FAMILIES = {
    "CustomApi": "",
    "Rest": "Api",
    "custom-dashboard": "Dashboard",
    "customDatabase": "Database",
    "CustomDrive": "Drive",
    "CustomMessaging": "Messaging",
    "CustomMlModel": "MlModel",
    "custom_pipeline": "Pipeline",
    "CustomSearch": "Search",
    "CustomStorage": "Storage",
    "mysql": "Database",
}


def test_a_value_that_is_converted_lies_beside_one_of_any_type() -> None:
    """A value that pydantic 1 would have converted is converted; another one is told by its key."""
    made = OpenMetadataConnection(hostPort=RootModel[str]("http://x"), sslConfig={"a": 1})
    assert (made.hostPort, made.sslConfig) == ("http://x", {"a": 1})
    block = {"type": "a", "serviceName": "s"}
    with pytest.raises(ValidationError, match=r"sourceConfig\.threads"):
        Source(**block, sourceConfig={"config": {"type": "DatabaseMetadata", "threads": "many"}})


@pytest.mark.parametrize("read", [Source.model_validate, Source.parse_obj, lambda b: Source(**b)])
def test_a_connector_reads_its_block(read: Any) -> None:
    """`.root` and `.__root__` lead to a connection of its class, and to its options."""
    source = read(copy.deepcopy(BLOCK))
    config = source.serviceConnection.root.config
    assert source.serviceConnection.__root__.config is source.serviceConnection.config is config
    assert isinstance(config, CustomDatabaseConnection)
    assert config.type is CustomDatabaseType.CustomDatabase
    options = config.connectionOptions
    assert options.root.get("k") == options.__root__["k"] == options.k == dict(options)["k"] == "v"
    assert config.sourcePythonClass == "a.B"
    assert config.supportsMetadataExtraction is None
    pipeline = source.sourceConfig.config
    assert isinstance(pipeline, DatabaseServiceMetadataPipeline)
    assert (pipeline.includeViews, pipeline.markDeletedSchemas, pipeline.threads) == (
        True,
        False,
        1,
    )
    assert pipeline.schemaFilterPattern.includes == ["a"]
    assert pipeline.tableFilterPattern is None
    assert read(source.dict()).dict() == source.dict()
    assert source.dict()["serviceConnection"] == {"config": CONFIG}
    assert pickle.loads(pickle.dumps(config)) == copy.deepcopy(config) == config.copy() == config


def test_options_may_be_nested_and_keys_unknown() -> None:
    """What a release does not know is kept, and read."""
    config = {**CONFIG, "connectionOptions": {"k": {"a": [1]}, "n": 5}, "verify": "no"}
    source = Source.parse_obj(
        {
            **BLOCK,
            "serviceConnection": {"config": config},
            "sourceConfig": {"config": {"type": "DatabaseMetadata", "later": {"a": 1}}},
        }
    )
    read = source.serviceConnection.root.config
    assert (read.connectionOptions.k.a.root, read.connectionOptions.root["n"]) == ([1], 5)
    assert read.verify.root == "no"
    assert source.sourceConfig.config.later == {"a": 1}


@pytest.mark.parametrize("source_type", FAMILIES)
def test_a_pipeline_is_that_of_the_family(source_type: str) -> None:
    """Without a type, `sourceConfig` is that of the family; an unknown one is a database's."""
    family = FAMILIES[source_type] or "Database"
    source = Source(type=source_type, serviceName="s")
    assert type(source.sourceConfig.config).__name__.lower().startswith(f"{family}service".lower())
    assert source.sourceConfig.config.type.value == f"{family}Metadata"


def test_every_pipeline_and_custom_connection_has_its_class() -> None:
    """The classes that a connector imports are those of what it reads."""
    rows = {
        name: resolved(module, name, target)
        for module, names in MODULES.items()
        for name, target in names.items()
        if ".models.pipelines:" in target or ".models.connections:Custom" in target
    }
    for name, cls in rows.items():
        if name.endswith("Connection"):
            service_type = name.removesuffix("Connection")
            assert type(connection_of({"type": service_type})) is cls
            assert connection_of({"type": service_type}).type in rows[f"{service_type}Type"]
        elif name.endswith("Pipeline"):
            assert cls().type in rows[f"{cls().type.value}ConfigType"]
            assert cls(includes=1).includes == 1


def test_other_connections_are_imitated() -> None:
    """A connection of a product is the imitated class that the connector imports."""
    module = "metadata.generated.schema.entity.services.connections.database.mysqlConnection"
    config = {"type": "Mysql", "hostPort": "h:1", "authType": {"password": "secret"}}
    block = {**BLOCK, "type": "mysql", "serviceConnection": {"config": config}}
    read = Source.model_validate(block).serviceConnection.root.config
    assert isinstance(read, permissive(module, "MysqlConnection"))
    assert (read.hostPort, read.type.value, read.databaseSchema) == ("h:1", "Mysql", None)
    assert read.type.name == "Mysql"
    assert read.authType.password.get_secret_value() == "secret"
    assert read.authType.token is None


@pytest.mark.parametrize(
    ("host", "read"), [("http://bi:3000", "http://bi:3000/"), ("http://bi/x", "http://bi/x")]
)
def test_urls_of_services(host: str, read: str) -> None:
    """A URL without a path has a slash for connectors of 1.5 and later, as in pydantic 2."""
    config = {"type": "Metabase", "hostPort": host}
    block = {"type": "metabase", "serviceName": "s", "serviceConnection": {"config": config}}
    later = Source.model_validate(block).serviceConnection
    earlier = Source.parse_obj(block).serviceConnection
    assert later is not None
    assert f"{later.root.config.hostPort}" == read
    assert f"{earlier.root.config.hostPort}" == config["hostPort"] == host


def test_authors_have_connections_of_their_own() -> None:
    """The base that upstream has for models is that of an author's connection, with secrets."""

    class Connection(PlainModel):
        hostPort: str
        password: CustomSecretStr | None = None

    made = Connection.parse_obj({"hostPort": "h:1", "password": "secret"})
    assert made.password.get_secret_value() == "secret"
    assert "secret" not in f"{made} {made!r}"
    assert made.dict() == {"hostPort": "h:1", "password": "secret"}
    assert made.model_dump_json() == '{"hostPort":"h:1","password":"secret"}'
    assert CustomSecretStr("secret").get_secret_value(skip_secret_manager=True) == "secret"


def test_a_service_has_the_connection_of_its_connector() -> None:
    """A request takes the connection as a model; a service that is read gives it back as one."""
    config = CustomDatabaseConnection(
        type=CustomDatabaseType.CustomDatabase,
        sourcePythonClass="a.B",
        connectionOptions={"k": "v"},
    )
    request = model("CreateDatabaseServiceRequest")(
        name="s",
        serviceType=model("DatabaseServiceType").CustomDatabase,
        connection=model("DatabaseConnection")(config=config),
    )
    assert native(request).model_dump(mode="json")["connection"] == {"config": CONFIG}
    service = spelled_entity(
        DatabaseService(
            name="s",
            id="00000000-0000-0000-0000-000000000007",
            fullyQualifiedName="s",
            serviceType="CustomDatabase",
            connection={"config": CONFIG},
        )
    )
    assert service.connection.config == request.connection.config == config
    assert isinstance(service.connection.config, CustomDatabaseConnection)


def test_the_connection_of_the_server_keeps_its_token() -> None:
    """The token is hidden in texts, and in clear for whoever asks and in a dump, as upstream's."""
    server = {
        "hostPort": "http://h:8585/api",
        "authProvider": "openmetadata",
        "securityConfig": {"jwtToken": "abc"},
    }
    workflow = OpenMetadataWorkflowConfig.parse_obj(
        {"source": BLOCK, "workflowConfig": {"openMetadataServerConfig": server}}
    )
    read = workflow.workflowConfig.openMetadataServerConfig
    assert isinstance(read, OpenMetadataConnection)
    assert read.securityConfig.jwtToken.get_secret_value() == "abc"
    assert "abc" not in repr(read)
    assert read.dict()["securityConfig"] == {"jwtToken": "abc"}
    assert (read.authProvider, read.apiVersion) == (AuthProvider.openmetadata, "v1")
    assert workflow.source.serviceName == "s"
    with pytest.raises(ValidationError, match="authProvider"):
        OpenMetadataConnection(hostPort="http://h", authProvider="nobody")
