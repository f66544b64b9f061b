"""How to reach an OpenMetadata server: `workflowConfig.openMetadataServerConfig`.

Fields and semantics: OpenMetadata REST contract §1, §11.2, §11.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, SecretStr, model_validator

from om_ingest.config.settings import Settings
from om_ingest.config.validation import validated
from om_ingest.errors import WorkflowError
from om_ingest.failure_place import calling_place

TOKEN_VARIABLE = "OM_INGEST_TOKEN"
"""The environment variable with the token, where the config gives none."""


class SecurityConfig(Settings):
    """Authentication."""

    jwtToken: SecretStr
    """Bearer token of a bot, or the path of a file that holds it."""


class MetadataServerConfig(Settings):
    """The OpenMetadata server: `workflowConfig.openMetadataServerConfig`.

    Proxies are taken from the environment: HTTPS_PROXY, HTTP_PROXY, NO_PROXY.
    """

    hostPort: str
    """URL of the server's API, ending in `/api`."""

    authProvider: str = "basic"
    """Ignored, the token decides; accepted for existing files."""

    securityConfig: SecurityConfig | None = None
    """The token; default: the environment variable OM_INGEST_TOKEN."""

    verifySSL: Literal["no-ssl", "ignore", "validate"] = "no-ssl"
    """`validate` checks against `sslConfig.caCertificate`, `ignore` checks nothing, the
    default checks against the system's authorities."""

    sslConfig: dict[str, SecretStr] | None = None
    """Files: caCertificate, sslCertificate, sslKey."""

    apiVersion: str = "v1"
    """Version of the API."""

    storeServiceConnection: bool = True
    """Whether a service is created together with its connection."""

    enableVersionValidation: bool = True
    """Whether a server of another version is reported."""

    forceEntityOverwriting: bool = False
    """Whether an existing service is overwritten. Otherwise it stays as it is, with the
    connection that people have given it."""

    extraHeaders: dict[str, SecretStr] | None = None
    """Headers added to every request; `%(Name)s` stands for a header that is set already."""

    connectTimeout_s: float = Field(default=10.0, gt=0)
    """Seconds to wait for a connection."""

    readTimeout_s: float = Field(default=300.0, gt=0)
    """Seconds to wait for an answer, up to its last byte; servers take long over a batch of wide
    tables."""

    retryBudget_s: float = Field(default=600.0, ge=0)
    """Seconds that a run may wait in total for a failing server; each answer gives 2 back.
    When they are used up the run stops with exit code 4, and no record is dropped."""

    retryPause_s: float = Field(default=0.25, ge=0)
    """Maximum of the first pause before a request is repeated, in seconds; doubles with each
    failure. A pause that the server asks for is added."""

    retryPauseCap_s: float = Field(default=20.0, ge=0)
    """Maximum of a pause in seconds, except those that the server asks for."""

    maxConnections: int = Field(default=16, ge=1)
    """Maximum of open connections."""

    @model_validator(mode="before")
    @classmethod
    def _drop_unused(cls, values: Any) -> Any:
        """Drop keys that existing files may hold and no metadata run uses.

        `{}` is what a source gets in a run without a server: it has no URL, and is valid.
        """
        if isinstance(values, dict):
            values = values or {"hostPort": ""}
            unused = UNUSED_SERVER_KEYS
            return {key: value for key, value in values.items() if not unused.fullmatch(key)}
        return values

    @classmethod
    def of(cls, config: MetadataServerConfig | Mapping[str, Any]) -> MetadataServerConfig:
        """The config from an instance or a mapping of a workflow file; raises `WorkflowError`."""
        return config if isinstance(config, MetadataServerConfig) else validated(cls, config)

    @property
    def api_url(self) -> str:
        """Base URL of the API, e.g. `http://host:8585/api/v1`.

        Raises `WorkflowError` when `hostPort` is not a URL.
        """
        if not self.hostPort:
            place = f", at {place}" if (place := calling_place()) else ""
            raise WorkflowError(
                f"A client of an OpenMetadata server was made without a hostPort{place}",
                "Give it one. A source gets it from workflowConfig.openMetadataServerConfig of the"
                " workflow file, whatever --sink says; ctx.metadata, where records go, needs none.",
            )
        if not re.match(r"https?://[^/\s]", self.hostPort):
            raise WorkflowError(
                "hostPort does not begin with http:// or https://",
                "Give the URL of the API, e.g. http://localhost:8585/api.",
            )
        if "@" in self.hostPort.split("/")[2]:
            raise WorkflowError(
                "hostPort holds a user name or a password",
                "Remove them: the server uses tokens. Set those of a proxy in extraHeaders.",
            )
        version = self.apiVersion.strip("/")
        return f"{self.hostPort.rstrip('/').removesuffix(f'/{version}')}/{version}"


UNUSED_SERVER_KEYS = re.compile(
    "clusterName|type|secretsManager(Provider|Loader)|limitRecords|elasticsSearch|include[A-Z]\\w+"
    "|(schema|table|database)FilterPattern|supports[A-Z]\\w+Extraction"
)
"""Keys of OpenMetadataConnection (§11.3) that only other kinds of workflow read."""
