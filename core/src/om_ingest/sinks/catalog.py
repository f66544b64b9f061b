"""Sink into the embedded catalog: one SQLite file, no server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from om_ingest.catalog import Catalog
from om_ingest.model.records import Record
from om_ingest.model.validation import validated
from om_ingest.sink import MetadataStore, Sink, SinkContext, WriteResult
from om_ingest.sinks import DEFAULT_CATALOG
from om_ingest.sinks.target import FileConfig, check_file


class CatalogConfig(FileConfig):
    """Config of the catalog sink."""

    path: Path = Path(DEFAULT_CATALOG)
    """The file; a relative path starts at the working directory of the run."""


class CatalogSink(Sink):
    """Creates or updates entities in a catalog file, which other processes may read."""

    shorthand = "path"
    config_class = CatalogConfig

    def __init__(self, path: Path) -> None:
        self.path = path
        self._catalog: Catalog | None = None

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> CatalogSink:
        """Check the config; raises `WorkflowError`."""
        return cls(validated(CatalogConfig, config_dict, ("sink", "config")).path)

    def check(self) -> None:
        """Raise `WorkflowError` if the file cannot be opened as a catalog, or not be made."""
        check_file(self.path)
        if self.path.exists():
            Catalog(self.path, read_only=True).close()

    def rehearsal(self) -> MetadataStore | None:
        """A temporary copy of the file, if there is one."""
        return Catalog.copy_of(self.path) if self.path.exists() else None

    def prepare(self) -> None:
        """Open the file; it is created if need be."""
        self._catalog = Catalog(self.path)

    @property
    def store(self) -> MetadataStore:
        """The catalog itself."""
        return self._open()

    @property
    def target(self) -> str:
        """`catalog <path>`."""
        return f"catalog {self.path}"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        """One transaction for all of them."""
        return self._open().write(records)

    def close(self) -> None:
        """Close the file."""
        if self._catalog is not None:
            self._catalog.close()

    def _open(self) -> Catalog:
        if self._catalog is None:
            raise RuntimeError("the catalog sink is used before prepare")
        return self._catalog
