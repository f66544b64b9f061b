"""How to log in to a server, as OpenMetadata's connections have it: `authType` and `sslConfig`."""

from __future__ import annotations

from typing import Any, Literal

from om_ingest import ConnectorConfig
from pydantic import SecretStr

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

TOKEN_COMMANDS = {
    "awsConfig": "[aws, rds, generate-db-auth-token, --hostname, {host}, --port, '{port}',"
    " --username, {user}, --region, {region}]",
    "azureConfig": "[az, account, get-access-token, --resource-type, oss-rdbms,"
    " --query, accessToken, --output, tsv]",
    "gcpConfig": "[gcloud, sql, generate-login-token]",
    "enableIamAuth": "[gcloud, sql, generate-login-token]",
}
"""Keys of `authType` that stand for a token, and the program of that cloud that prints one."""


class AuthType(ConnectorConfig):
    """How to log in, as OpenMetadata has it."""

    password: SecretStr | None = None
    """The password."""

    awsConfig: dict[str, Any] | None = None
    """Credentials for a token of AWS IAM. Not used: a token comes from `passwordCommand`."""

    azureConfig: dict[str, Any] | None = None
    """Credentials for a token of Microsoft Entra. Not used: a token comes from
    `passwordCommand`."""

    gcpConfig: dict[str, Any] | None = None
    """Credentials for a token of Google Cloud. Not used: a token comes from `passwordCommand`."""

    enableIamAuth: bool | None = None
    """Whether Google Cloud gives a token in place of a password. Not used."""


class SslConfig(ConnectorConfig):
    """Certificates, each as PEM text or as the path of a file."""

    caCertificate: str | None = None
    """Certificates of the authorities that may have signed that of the server."""

    sslCertificate: str | None = None
    """Certificate of the client, with which it logs in."""

    sslKey: SecretStr | None = None
    """Key of that certificate."""
