"""Certificates in the settings of a connection: `metadata.utils.ssl_manager`."""

from __future__ import annotations

import contextlib
import os
import tempfile
import weakref
from pathlib import Path
from typing import Any

from om_ingest_compat.shims.entities import text_of

_PARTS = {"ca": "caCertificate", "key": "sslKey", "cert": "sslCertificate"}


class CertificateFiles:
    """Writes certificates into files, for libraries that want paths.

    `ca_file_path`, `key_file_path` and `cert_file_path` are None for what is not given.
    """

    def __init__(self, ca: Any = None, key: Any = None, cert: Any = None) -> None:
        self.temp_files: list[str] = []
        weakref.finalize(self, _remove, self.temp_files)  # keys stay on no disk
        self.ca_file_path = self.create_temp_file(ca) if ca else None
        self.key_file_path = self.create_temp_file(key) if key else None
        self.cert_file_path = self.create_temp_file(cert) if cert else None

    def create_temp_file(self, content: Any) -> str:
        """Write a text into a file that only its owner reads; its path."""
        reveal = getattr(content, "get_secret_value", None)
        text = reveal() if callable(reveal) else text_of(content)
        handle, path = tempfile.mkstemp()
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        self.temp_files.append(path)
        return path

    def cleanup_temp_files(self) -> None:
        """Delete the files; done as well when the object goes, or at the end of the process."""
        _remove(self.temp_files)


def _remove(paths: list[str]) -> None:
    while paths:
        with contextlib.suppress(FileNotFoundError):
            Path(paths.pop()).unlink()


def check_ssl_and_init(connection: Any, *_: Any, **__: Any) -> CertificateFiles | None:
    """The files for the certificates in `sslConfig` of a connection; None if it has none."""
    config = getattr(connection, "sslConfig", None)
    config = getattr(config, "root", None) or config
    given = {name: getattr(config, part, None) for name, part in _PARTS.items()}
    return CertificateFiles(**given) if any(given.values()) else None
