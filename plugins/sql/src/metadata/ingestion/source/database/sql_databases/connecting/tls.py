"""TLS: certificates as files, and what each `sslMode` means to a driver."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

from metadata.ingestion.source.database.sql_databases.connecting.config import ServerConfig
from metadata.ingestion.source.database.sql_databases.connecting.login import SslConfig, SslMode
from metadata.ingestion.source.database.sql_databases.connecting.passwords import reason
from om_ingest import SourceError
from om_ingest.store import Closeable
from pydantic import SecretStr


class Certificates(Closeable):
    """The certificates of a config as files, which is what drivers take.

    PEM text is written into a folder that only this user may read; `close` removes it.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        given = config.sslConfig or SslConfig()
        try:
            self.authority = self._file("caCertificate", given.caCertificate)
            """Certificates of authorities, or None; likewise the others."""

            self.certificate = self._file("sslCertificate", given.sslCertificate)
            self.key = self._file("sslKey", given.sslKey)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the files that were written."""
        if self._folder is not None:
            self._folder.cleanup()

    def _file(self, key: str, given: str | SecretStr | None) -> str | None:
        """The file for one of them; raises `SourceError` if there is none at its path."""
        text = given.get_secret_value() if isinstance(given, SecretStr) else given or ""
        if not text.strip():
            return None
        if "-----BEGIN" in text:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="om-ingest-tls-")
            path = Path(self._folder.name, key)
            path.touch(mode=0o600)  # libpq takes no key that others may read
            # A text on one line, as an environment variable may have it, has \\n for each break.
            path.write_text(text.replace("\\n", "\n").strip() + "\n", encoding="utf-8")
            return str(path)
        path = Path(text.strip()).expanduser()
        try:
            path.open("rb").close()
        except (OSError, ValueError) as error:
            name = "" if key == "sslKey" else f" {path}"
            raise SourceError(
                f"The file{name} of sslConfig.{key} cannot be read: {reason(error)}",
                "Correct the path, or put the PEM text there.",
            ) from None
        return str(path)


def mode(config: ServerConfig) -> SslMode:
    """What is checked: as `sslMode` says, or everything if an authority is given."""
    checks = config.sslConfig is not None and config.sslConfig.caCertificate
    return config.sslMode or ("verify-full" if checks else "prefer")


def context(config: ServerConfig, files: Certificates) -> ssl.SSLContext | None:
    """TLS for a driver that is told by a context of Python; None leaves it to the server.

    Raises `SourceError` if the certificates cannot be used.
    """
    wanted = mode(config)
    if wanted in ("disable", "allow") or (wanted == "prefer" and files.certificate is None):
        return None
    try:
        made = ssl.create_default_context(cafile=files.authority)
        # Certificates that servers make for themselves do not keep to the letter of RFC 5280.
        made.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        made.check_hostname = wanted == "verify-full"
        if not wanted.startswith("verify"):
            made.verify_mode = ssl.CERT_NONE
        if files.certificate is not None:
            made.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        raise SourceError(
            f"The certificates of sslConfig cannot be used: {reason(error)}",
            "Correct them: PEM text or files, and a key that belongs to its certificate.",
        ) from None
    return made
