"""Settings of a server, validated before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from om_ingest import WorkflowError

from om_ingest_catalog_server.tokens import TokenFile

if TYPE_CHECKING:
    from om_ingest_catalog import Release

DEFAULT_VERSION = "2.0.7"
DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})")


@dataclass(frozen=True)
class ServerSettings:
    """Settings of one server; raises `WorkflowError` for invalid values."""

    catalog: Path
    """The catalog file."""

    version: str = DEFAULT_VERSION
    """The OpenMetadata version to report and to emulate."""

    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    """Maximum size of a request body; larger ones are answered 413."""

    tokens: TokenFile | None = None
    """The tokens that allow writing; None if no token is needed."""

    allowed_hosts: frozenset[str] | None = None
    """The names in `Host` headers that mean this server, without ports; None for any."""

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.version):
            raise WorkflowError(
                f"--om-version: {self.version!r} is not a version of OpenMetadata",
                f"Give three numbers, such as {DEFAULT_VERSION}.",
            )
        if self.max_body_bytes < 1:
            raise WorkflowError("--max-body must be at least 1", "Give a larger limit.")

    @property
    def release(self) -> Release:
        """Major and minor version, which determine the routes and features."""
        major, minor, _ = self.version.split(".")
        return int(major), int(minor)
