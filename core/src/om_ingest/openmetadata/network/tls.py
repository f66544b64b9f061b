"""How the certificate of a server is verified."""

from __future__ import annotations

import ssl

import httpx

from om_ingest.errors import WorkflowError
from om_ingest.openmetadata.config import MetadataServerConfig


def verification(config: MetadataServerConfig) -> ssl.SSLContext | bool:
    """The TLS settings: how a server's certificate is verified."""
    files = {name: path.get_secret_value() for name, path in (config.sslConfig or {}).items()}
    authority = files.get("caCertificate")
    if config.verifySSL == "validate" and not authority:
        raise WorkflowError(
            "verifySSL is validate, but no certificate authority is set",
            "Set sslConfig.caCertificate to a file with its certificate.",
        )
    if not config.hostPort.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # unused; loading no authorities saves time
    try:
        if config.verifySSL == "validate":
            context = ssl.create_default_context(cafile=authority)
        else:
            context = httpx.create_ssl_context(verify=config.verifySSL != "ignore")
            if config.verifySSL != "ignore":
                context.load_default_certs()
        if files.get("sslCertificate"):
            context.load_cert_chain(files["sslCertificate"], files.get("sslKey") or None)
    except OSError as error:  # ssl.SSLError is one
        raise WorkflowError(
            f"A file of sslConfig cannot be used: {error.strerror or error}",
            "Give readable files in PEM form: caCertificate, sslCertificate, sslKey.",
        ) from None
    return context
