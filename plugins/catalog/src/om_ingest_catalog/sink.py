"""The sink `catalog`: writes into one SQLite file, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from om_ingest import SinkContext
from om_ingest.config import validated
from om_ingest.sinks import FileConfig, StoreSink, check_file
from om_ingest.store import MetadataStore
from om_ingest.versioned_file import check_version

from om_ingest_catalog import DEFAULT_CATALOG, Catalog
from om_ingest_catalog.rows.tables import CATALOG


class CatalogConfig(FileConfig):
    """Config of the catalog sink."""

    path: Path = Path(DEFAULT_CATALOG)
    """The catalog file; a relative path is resolved against the working directory."""

    override_metadata: bool | None = None
    """Let this run replace what people have set; default: `overrideMetadata` of the source."""


class CatalogSink(StoreSink):
    """Creates or updates entities in a catalog file, which other processes may read meanwhile."""

    shorthand = "path"
    config_class = CatalogConfig

    def __init__(self, config: CatalogConfig, ctx: SinkContext) -> None:
        super().__init__(ctx)
        self.path = config.path
        override = config.override_metadata
        self._override = ctx.source_config.overrideMetadata if override is None else override

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> CatalogSink:
        """The sink with this config; raises `WorkflowError` if the config is invalid."""
        return cls(validated(CatalogConfig, config_dict, ("sink", "config")), ctx)

    def check(self) -> None:
        """Raise `WorkflowError` if the file cannot be created, or is not a catalog."""
        check_file(self.path)
        if self.path.exists():
            check_version(self.path, CATALOG)  # an older one is upgraded by the run

    def overrides(self) -> bool:
        """Whether the run replaces what people have set."""
        return self._override

    @classmethod
    def scratch(cls) -> MetadataStore:
        """An empty catalog in a temporary file."""
        return Catalog.temporary()

    def rehearsal(self) -> MetadataStore | None:
        """A temporary copy of the file for a dry run; None if the file does not exist."""
        if not self.path.exists():
            return None
        return Catalog.copy_of(self.path, override_metadata=self._override)

    def open_store(self) -> MetadataStore:
        """The catalog in the file, created if it does not exist."""
        return Catalog(self.path, override_metadata=self._override)

    @property
    def target(self) -> str:
        """`catalog <path>`."""
        return f"catalog {self.path}"
