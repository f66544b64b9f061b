"""Settings of a server, validated before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from om_ingest import WorkflowError
from om_ingest.releases import OLDEST, Version, parsed_version

from om_ingest_catalog_server.tokens import TokenFile

if TYPE_CHECKING:
    from om_ingest_catalog import Release

    from om_ingest_catalog_server.entity_fields import EntityFields
    from om_ingest_catalog_server.mapping import BodyMapping

DEFAULT_VERSION = "2.0.7"
DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024

_OLDEST, _NEWEST = (parsed_version(text) or Version(0, 0, 0) for text in (OLDEST, DEFAULT_VERSION))
_VERSION = re.compile(r"\d{1,4}\.\d{1,4}(\.\d{1,4}(-SNAPSHOT)?)?", re.ASCII)
_MAX_MINOR = 255


@dataclass(frozen=True)
class ServerSettings:
    """Settings of one server; raises `WorkflowError` for invalid values."""

    catalog: Path
    """The catalog file."""

    version: str = DEFAULT_VERSION
    """The OpenMetadata version to report and to emulate: `1.6`, `1.6.5` or `2.0.7-SNAPSHOT`."""

    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    """Maximum size of a request body; larger ones are answered 413."""

    tokens: TokenFile | None = None
    """The tokens that allow writing; None if no token is needed."""

    allowed_hosts: frozenset[str] | None = None
    """The names in `Host` headers that mean this server, without ports; None for any."""

    metrics_need_token: bool = False
    """Whether reading `/metrics` requires one of the tokens."""

    def __post_init__(self) -> None:
        is_version = _VERSION.fullmatch(self.version) is not None
        if not (is_version and _OLDEST <= self.number <= _NEWEST):
            raise WorkflowError(
                f"--om-version: {self.version!r} is not a version from 1.5 to {_NEWEST}",
                f"Give one of these, such as 1.6, 1.12.4, {_NEWEST} or {_NEWEST}-SNAPSHOT.",
            )
        if self.max_body_bytes < 1:
            raise WorkflowError("--max-body must be at least 1", "Give a larger limit.")
        if self.metrics_need_token and self.tokens is None:
            raise WorkflowError(
                "--metrics-need-token: there are no tokens",
                "Give a file of them with --token-file.",
            )

    @cached_property
    def number(self) -> Version:
        """The version that is emulated; for a snapshot, the one before."""
        return parsed_version(self.version) or Version(0, 0, 0)

    @property
    def release(self) -> Release:
        """Major and minor version, which determine the routes and features."""
        return self.number.major, min(self.number.minor, _MAX_MINOR)

    @cached_property
    def mapping(self) -> BodyMapping:
        """What the version reads of JSON bodies."""
        from om_ingest_catalog_server.mapping import BodyMapping  # imports pydantic, to serve

        return BodyMapping(self.number)

    @cached_property
    def entity_fields(self) -> EntityFields:
        """What the version shows of entities."""
        from om_ingest_catalog_server.entity_fields import EntityFields  # as above

        return EntityFields(self.number)

    @property
    def reported(self) -> str:
        """The version that clients are told; always three numbers."""
        return f"{self.version}.0" if self.version.count(".") == 1 else self.version
