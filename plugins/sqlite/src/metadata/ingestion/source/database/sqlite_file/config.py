"""Config of the `sqlite` source."""

from __future__ import annotations

import os
from pathlib import Path

from metadata.ingestion.source.database.sqlite_file.snapshot import readable
from om_ingest import ConnectorConfig
from om_ingest.config import FilterPattern
from om_ingest.model import EntityName
from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator
from typing_extensions import Self

_NAME: TypeAdapter[str] = TypeAdapter(EntityName)


class SqliteConfig(ConnectorConfig):
    """Config of the `sqlite` source; only `database_path` is required."""

    database_path: Path
    """File to read, absolute or relative to the working directory; `~` is the home
    directory. It is opened read-only."""

    database_name: EntityName | None = None
    """Name of the database entity. Default: the file's name without its suffix."""

    schema_name: EntityName = "main"
    """Name of the schema entity. Default: SQLite's own name for the schema of a file."""

    include_tables: bool = True
    """Read tables. `includeTables: false` in `sourceConfig` switches them off as well."""

    include_views: bool = True
    """Read views. `includeViews: false` in `sourceConfig` switches them off as well."""

    include_view_lineage: bool = True
    """Read which tables and views each view is built on."""

    table_filter: FilterPattern = FilterPattern()
    """Which tables and views to keep, by bare name. A `tableFilterPattern` in
    `sourceConfig` takes its place."""

    column_filter: FilterPattern = FilterPattern()
    """Which columns to keep, by bare name, in every table and view."""

    timeout_s: float = Field(default=5.0, ge=0, le=86_400, allow_inf_nan=False)
    """Seconds to wait for a program that has locked the file."""

    @property
    def database(self) -> str:
        """Name of the database entity."""
        return self.database_name or readable(os.fsencode(self.database_path.stem))

    @field_validator("database_path")
    @classmethod
    def _expand(cls, path: Path) -> Path:
        if not path.name or "\0" in str(path):
            raise ValueError("not the name of a file")
        try:
            return path.expanduser()
        except RuntimeError as error:  # the home directory is unknown
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _check_default_name(self) -> Self:
        try:
            _NAME.validate_python(self.database)
        except ValidationError:
            raise ValueError("the file's name cannot name a database: set database_name") from None
        return self
