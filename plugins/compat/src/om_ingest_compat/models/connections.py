"""Connections of services, and of the server.

A connection is an open model: `CustomDatabaseConnection` and its like are classes of their own, so
that `isinstance` works; all others are imitated.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, ClassVar

import om_ingest.model

from om_ingest_compat.models.open_models import Member, OpenModel, permissive
from om_ingest_compat.models.own import CustomSecretStr, FilterPattern, OwnModel
from om_ingest_compat.models.root import unwrapped
from om_ingest_compat.models.values import VALUES

CONNECTIONS = "metadata.generated.schema.entity.services.connections"

_FAMILIES = [
    "database",
    "dashboard",
    "messaging",
    "pipeline",
    "mlmodel",
    "storage",
    "search",
    "metadata",
    "drive",
    "api",
]

_IRREGULAR = {  # type -> module and class
    "SQLite": "sqlite SQLite",
    "StarRocks": "starrocks StarRocks",
    "SAS": "sas SAS",
    "SSAS": "ssas SSAS",
    "QuestDB": "questdb QuestDB",
    "DBTCloud": "dbtCloud DBTCloud",
    "DataFactory": "datafactory DataFactory",
    "SSIS": "ssis SSIS",
    "VertexAI": "vertexai VertexAI",
    "ADLS": "adls Adls",
    "GCS": "gcs Gcs",
    "ElasticSearch": "elasticSearch Elasticsearch",
}


class ConnectionModel(OpenModel):
    """How to reach a service: `type`, and what its connector reads."""

    __slots__ = ()

    TYPES: ClassVar[Mapping[str, Enum]] = {}
    """The value of `type` -> the member of its enum."""

    def __getattr__(self, name: str) -> Any:
        if name.endswith("FilterPattern") and isinstance(self.get(name), dict):
            return FilterPattern(**self[name])
        if name == "type":
            return type(self).TYPES.get(str(self.get(name)), Member(self.get(name) or ""))
        cls = _VALUES_OF.get(name)
        if cls is not None and self.get(name) is not None and not isinstance(self[name], cls):
            self[name] = cls(self[name])
        return super().__getattr__(name)


_VALUES_OF = {name: VALUES[name[0].upper() + name[1:]] for name in (
    "connectionOptions",
    "connectionArguments",
)}  # fmt: skip


def _custom(service_type: str) -> type[ConnectionModel]:
    name = f"{service_type}Type"
    values: Any = Enum(name, {service_type: service_type}, type=str, module=__name__)  # type: ignore[misc]  # members are computed
    namespace = {
        "__slots__": (),
        "__module__": __name__,
        "__doc__": f"Connection of a service of the type `{service_type}`.",
        "TYPES": {service_type: values(service_type)},
    }
    return type(f"{service_type}Connection", (ConnectionModel,), namespace)


CustomDatabaseConnection = _custom("CustomDatabase")
CustomDashboardConnection = _custom("CustomDashboard")
CustomMessagingConnection = _custom("CustomMessaging")
CustomPipelineConnection = _custom("CustomPipeline")
CustomMlModelConnection = _custom("CustomMlModel")
CustomStorageConnection = _custom("CustomStorage")
CustomSearchConnection = _custom("CustomSearch")
CustomDriveConnection = _custom("CustomDrive")
_CUSTOM: Mapping[str, type[ConnectionModel]] = {
    next(iter(cls.TYPES)): cls
    for cls in (
        CustomDatabaseConnection,
        CustomDashboardConnection,
        CustomMessagingConnection,
        CustomPipelineConnection,
        CustomMlModelConnection,
        CustomStorageConnection,
        CustomSearchConnection,
        CustomDriveConnection,
    )
}

_TYPES = [type(member) for cls in _CUSTOM.values() for member in cls.TYPES.values()]
globals().update({cls.__name__: cls for cls in _TYPES})


@cache
def family_of(service_type: str) -> str:
    """The family of a service type in any case, e.g. `database`; empty if none has it."""
    wanted = service_type.lower().replace("-", "").replace("_", "")
    for family in _FAMILIES:
        name = {"mlmodel": "MlModel"}.get(family, family.capitalize())
        types: Any = getattr(om_ingest.model, f"{name}ServiceType")
        if any(one.value.lower() == wanted for one in types):
            return family
    return ""


@cache
def _class_of(service_type: str) -> type[Any]:
    """The class of the connections of a service type; the one that a connector imports."""
    custom = _CUSTOM.get(service_type)
    if custom is not None or not service_type.isidentifier():
        return custom or ConnectionModel
    family = family_of(service_type) or "database"
    regular = f"{service_type[0].lower()}{service_type[1:]} {service_type}"
    module, name = _IRREGULAR.get(service_type, regular).split()
    return permissive(f"{CONNECTIONS}.{family}.{module}Connection", f"{name}Connection")


def connection_of(config: Any) -> Any:
    """The connection of a `config` mapping, by its `type`."""
    return _class_of(str(unwrapped(config.get("type")) or ""))(config)


class OpenMetadataJWTClientConfig(OwnModel):
    """The token with which a client signs in."""

    jwtToken: CustomSecretStr


class AuthProvider(str, Enum):
    """Who signs users in."""

    no_auth = "no-auth"
    basic = "basic"
    azure = "azure"
    google = "google"
    okta = "okta"
    auth0 = "auth0"
    aws_cognito = "aws-cognito"
    custom_oidc = "custom-oidc"
    ldap = "ldap"
    saml = "saml"
    openmetadata = "openmetadata"


class VerifySSL(str, Enum):
    """How certificates are checked."""

    no_ssl = "no-ssl"
    ignore = "ignore"
    validate = "validate"


class SecretsManagerProvider(str, Enum):
    """Where a server keeps secrets."""

    noop = "noop"
    db = "db"
    managed_aws = "managed-aws"
    aws = "aws"
    managed_aws_ssm = "managed-aws-ssm"
    aws_ssm = "aws-ssm"
    managed_azure_kv = "managed-azure-kv"
    azure_kv = "azure-kv"
    in_memory = "in-memory"
    gcp = "gcp"
    kubernetes = "kubernetes"


class SecretsManagerClientLoader(str, Enum):
    """Where a client finds the credentials of the secrets manager."""

    noop = "noop"
    airflow = "airflow"
    env = "env"


class OpenmetadataType(str, Enum):
    """The type of the connection of the server."""

    OpenMetadata = "OpenMetadata"


class OpenMetadataConnection(OwnModel):
    """The server, as `workflowConfig.openMetadataServerConfig` says."""

    clusterName: str | None = "openmetadata"
    type: OpenmetadataType | None = OpenmetadataType.OpenMetadata
    hostPort: str = "http://localhost:8585/api"
    authProvider: AuthProvider | None = AuthProvider.openmetadata
    verifySSL: VerifySSL | None = VerifySSL.no_ssl
    sslConfig: Any = None
    securityConfig: OpenMetadataJWTClientConfig | None = None
    secretsManagerProvider: SecretsManagerProvider | None = SecretsManagerProvider.db
    secretsManagerLoader: SecretsManagerClientLoader | None = SecretsManagerClientLoader.noop
    apiVersion: str | None = "v1"
    enableVersionValidation: bool | None = True
    limitRecords: int | None = 1000
    forceEntityOverwriting: bool | None = False
    storeServiceConnection: bool | None = True
    extraHeaders: Any = None
    elasticsSearch: Any = None
