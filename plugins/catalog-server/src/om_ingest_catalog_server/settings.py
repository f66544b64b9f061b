"""What an administrator decides about a server, checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from om_ingest import WorkflowError

from om_ingest_catalog_server.tokens import TokenFile

DEFAULT_VERSION = "2.0.7"
DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})")


@dataclass(frozen=True)
class ServerSettings:
    """One server's settings; raises `WorkflowError` for values that cannot be."""

    catalog: Path
    """The catalog file."""

    version: str = DEFAULT_VERSION
    """The OpenMetadata version that the server reports, and whose features it has."""

    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    """A larger request body is answered 413."""

    tokens: TokenFile | None = None
    """Whoever writes needs one of these tokens; None if nobody needs one."""

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.version):
            raise WorkflowError(
                f"--om-version: {self.version!r} is no version of OpenMetadata",
                f"Give three numbers, such as {DEFAULT_VERSION}.",
            )
        if self.max_body_bytes < 1:
            raise WorkflowError("--max-body: a body has at least one byte", "Give a larger limit.")

    @property
    def release(self) -> tuple[int, int]:
        """Major and minor version: which features there are depends on no more."""
        major, minor, _ = self.version.split(".")
        return int(major), int(minor)
