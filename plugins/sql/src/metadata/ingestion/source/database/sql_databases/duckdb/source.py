"""The `duckdb` source: files of DuckDB, databases of MotherDuck, and what they attach."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from metadata.ingestion.source.database.sql_databases.duckdb.server import DuckdbServer
from metadata.ingestion.source.database.sql_databases.reader.selection import Chosen
from metadata.ingestion.source.database.sql_databases.reader.source import SqlSource
from om_ingest import ConnectorConfig, Record, WorkflowContext
from om_ingest.model import DatabaseServiceType, EntityName
from pydantic import Field, SecretStr, field_validator, model_validator
from typing_extensions import Self

_MEMORY = ":memory:"
_MOTHERDUCK = ("md:", "motherduck:")
_TOKEN = "motherduck_token"

_SPELLINGS = {
    "database_path": "databasePath",
    "database_file_path": "databasePath",
    "path": "databasePath",
    "database_name": "databaseName",
    "databaseSchema": "schemas",
    "database_schema": "schemas",
    "database_schema_list": "schemas",
    "motherduck_token": "motherduckToken",
    "init_sql": "initSql",
    "init_sql_file": "initSqlFile",
}
"""Keys that people have used for DuckDB in `connectionOptions` of custom connectors."""


class DuckdbConfig(ConnectorConfig):
    """Config of the `duckdb` source; only `databasePath` is required."""

    databasePath: str
    """File to read, absolute or relative to the working directory; it is opened read-only.
    `md:NAME` is a database of MotherDuck, `:memory:` one that `initSql` fills. The keys `path`,
    `database_path`, `database_file_path` and `database` mean the same."""

    databaseName: EntityName | None = None
    """Name of the database entity. Default: DuckDB's own, the file's name without its suffix.
    Statements of views that name their database find it under DuckDB's own name only."""

    schemas: list[str] = []
    """Schemas to read, as a list or with commas between them. Default: all. `databaseSchema` and
    `database_schema_list` mean the same."""

    attach: dict[str, str] = {}
    """More files to read, as databases: `{name: path}`; they are attached read-only."""

    initSql: str | None = None
    """Statements to run before reading, such as LOAD, ATTACH, CREATE SECRET or, in `:memory:`,
    CREATE VIEW. They run with your rights, and can write what they attach."""

    initSqlFile: Path | None = None
    """File with such statements; they run after those of `initSql`."""

    motherduckToken: SecretStr | None = None
    """Token for MotherDuck. Default: the environment variable MOTHERDUCK_TOKEN."""

    settings: dict[str, str | bool | int | float] = {}
    """Settings of DuckDB and of its extensions, such as `{threads: 2, memory_limit: 1GB}`. A file
    never makes DuckDB download an extension, unless `autoinstall_known_extensions` is true."""

    sampleCount: int = Field(default=0, ge=0, le=10_000)
    """Rows of sample data to read of each table; 0 reads none. Values leave the database."""

    sampleTimeout: float = Field(default=60, gt=0, le=86_400, allow_inf_nan=False)
    """Seconds that the sample of one table or view may take."""

    rowCounts: bool = False
    """Say how many rows each table has, as the database estimates it."""

    @property
    def is_remote(self) -> bool:
        """Whether the database is one of MotherDuck."""
        return self.databasePath.startswith(_MOTHERDUCK)

    @property
    def is_in_memory(self) -> bool:
        """Whether there is no file, only what `initSql` makes or attaches."""
        return self.databasePath == _MEMORY

    @model_validator(mode="before")
    @classmethod
    def _take_other_spellings(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        found = {_SPELLINGS.get(key, key): value for key, value in values.items()}
        if "database" in found and "databasePath" not in found:
            found["databasePath"] = found.pop("database")
        elif "database" in found and "databaseName" not in found:
            found["databaseName"] = found.pop("database")
        path = found.get("databasePath")
        if isinstance(path, os.PathLike):
            path = found["databasePath"] = os.fspath(path)
        if isinstance(path, str) and path.startswith(_MOTHERDUCK) and _TOKEN in path:
            place, _, query = path.partition("?")
            options = dict(parse_qsl(query))
            found.setdefault("motherduckToken", options.pop(_TOKEN, None))
            found["databasePath"] = f"{place}?{urlencode(options)}" if options else place
        if isinstance(found.get("schemas"), str):
            names = (name.strip() for name in found["schemas"].split(","))
            found["schemas"] = [name for name in names if name]
        return found

    @field_validator("databasePath")
    @classmethod
    def _check_path(cls, path: str) -> str:
        if not path or "\0" in path:
            raise ValueError("not the name of a file")
        if path.startswith("duckdb:///"):  # as SQLAlchemy has it
            path = path.removeprefix("duckdb:///") or _MEMORY
        return path if path.startswith((_MEMORY, *_MOTHERDUCK)) else _expanded(path)

    @field_validator("attach")
    @classmethod
    def _check_attached(cls, attached: dict[str, str]) -> dict[str, str]:
        if any(not name or not path or "\0" in name + path for name, path in attached.items()):
            raise ValueError("a name or path is empty")
        return {name: _expanded(path) for name, path in attached.items()}

    @model_validator(mode="after")
    def _check_something_to_read(self) -> Self:
        if self.is_in_memory and not (self.attach or self.initSql or self.initSqlFile):
            raise ValueError(":memory: is empty without initSql, initSqlFile or attach")
        return self


def _expanded(path: str) -> str:
    try:
        return str(Path(path).expanduser())
    except RuntimeError as error:  # the home directory is unknown
        raise ValueError(str(error)) from None


class DuckdbSource(SqlSource[DuckdbConfig]):
    """Reads databases of DuckDB; `prepare` opens them, read-only."""

    config: DuckdbConfig
    library = ("duckdb", "duckdb")
    service_type = DatabaseServiceType.CustomDatabase

    def __init__(self, config: DuckdbConfig, ctx: WorkflowContext) -> None:
        super().__init__(config, ctx)
        self.sample_count = config.sampleCount
        self.row_counts = config.rowCounts
        self.choice: Chosen = Chosen(ctx, self.status, config.schemas)

    def connect(self) -> DuckdbServer:
        """Open the file, and attach the others; raises `WorkflowError` or `SourceError`."""
        return DuckdbServer(self.config)

    def next_record(self) -> Iterator[Record]:
        """As all sources of databases."""
        yield from super().next_record()
        self.choice.tell_missing()
