"""Sink into the embedded catalog: one SQLite file, no server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from om_ingest import SinkContext
from om_ingest.config import validated
from om_ingest.sinks import FileConfig, StoreSink, check_file
from om_ingest.store import MetadataStore

from om_ingest_catalog import DEFAULT_CATALOG, Catalog


class CatalogConfig(FileConfig):
    """Config of the catalog sink."""

    path: Path = Path(DEFAULT_CATALOG)
    """The file; a relative path starts at the working directory of the run."""


class CatalogSink(StoreSink):
    """Creates or updates entities in a catalog file, which other processes may read."""

    shorthand = "path"
    config_class = CatalogConfig

    def __init__(self, path: Path, ctx: SinkContext) -> None:
        super().__init__(ctx)
        self.path = path

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> CatalogSink:
        """Check the config; raises `WorkflowError`."""
        return cls(validated(CatalogConfig, config_dict, ("sink", "config")).path, ctx)

    def check(self) -> None:
        """Raise `WorkflowError` if the file cannot be opened as a catalog, or not be made."""
        check_file(self.path)
        if self.path.exists():
            Catalog(self.path, read_only=True).close()

    @classmethod
    def scratch(cls) -> MetadataStore:
        """An empty catalog in a temporary file."""
        return Catalog.temporary()

    def rehearsal(self) -> MetadataStore | None:
        """A temporary copy of the file, if there is one."""
        return Catalog.copy_of(self.path) if self.path.exists() else None

    def open_store(self) -> MetadataStore:
        """The catalog in the file, which is created if need be."""
        return Catalog(self.path)

    @property
    def target(self) -> str:
        """`catalog <path>`."""
        return f"catalog {self.path}"
