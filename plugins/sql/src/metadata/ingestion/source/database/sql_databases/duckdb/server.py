"""An instance of DuckDB: the file that it opens, and what it attaches."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.connecting.errors import driver
from metadata.ingestion.source.database.sql_databases.duckdb import statements
from metadata.ingestion.source.database.sql_databases.duckdb.faults import (
    explained,
    told_of_config,
)
from metadata.ingestion.source.database.sql_databases.duckdb.session import DuckdbSession, quoted
from metadata.ingestion.source.database.sql_databases.reader.rows import DatabaseRow
from metadata.ingestion.source.database.sql_databases.reader.session import Server
from om_ingest import PluginError, SourceError, WorkflowError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from metadata.ingestion.source.database.sql_databases.duckdb.source import DuckdbConfig

_OLDEST = (1, 2)
_SAFE = {"autoinstall_known_extensions": "false"}
"""A file of another kind, such as one of SQLite, would make DuckDB download an extension."""


class DuckdbServer(Server):
    """An instance of DuckDB, in this process, with one database or several attached."""

    def __init__(self, config: DuckdbConfig) -> None:
        """Open the file read-only, attach the others, run the statements of the config.

        Raises `WorkflowError` if the config is wrong, `SourceError` if a file cannot be read, and
        `PluginError` if the package duckdb is not installed.
        """
        self._config = config
        self._connection = _opened(config)
        self._kinds: dict[str, str] = {}
        self._main = self._one("SELECT current_database()")
        try:
            for name, path in config.attach.items():
                self._attach(name, path)
            if config.initSql:
                self._run(config.initSql, "initSql")
            if config.initSqlFile:
                self._run(_text_of(config.initSqlFile), f"initSqlFile {config.initSqlFile}")
        except BaseException:
            self._connection.close()
            raise

    def databases(self) -> Iterator[DatabaseRow]:
        """Every attached database, by name; of memory alone, what the config has put there."""
        with explained(self._config.databasePath), closing(self._connection.cursor()) as cursor:
            rows = cursor.execute(statements.DATABASES).fetchall()
        self._kinds = {name: kind for name, _, kind in rows}
        for name, comment, _ in rows:
            if name != self._main:
                yield DatabaseRow(name, comment)
            elif not (self._config.is_in_memory and self._is_empty(name)):
                yield DatabaseRow(self._config.databaseName or name, comment)

    def open(self, database: str) -> DuckdbSession:
        """A session with one of them."""
        name = self._main if database == self._config.databaseName else database
        place = self._config.databasePath if name == self._main else f"the database {name}"
        kind = self._kinds.get(name, "")
        return DuckdbSession(self._connection, name, kind, place, self._config.sampleTimeout)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _one(self, statement: str, **parameters: object) -> Any:
        with explained(self._config.databasePath), closing(self._connection.cursor()) as cursor:
            return (cursor.execute(statement, parameters or None).fetchone() or (None,))[0]

    def _is_empty(self, database: str) -> bool:
        return not self._one(statements.OBJECTS, database=database)

    def _attach(self, name: str, path: str) -> None:
        if not path.startswith(("md:", "motherduck:")):
            _check_file(Path(path), f"attach.{name}")
        text = path.replace("'", "''")
        with explained(path):
            self._connection.execute(f"ATTACH '{text}' AS {quoted(name)} (READ_ONLY)")

    def _run(self, text: str, key: str) -> None:
        with told_of_config(key):
            self._connection.execute(text)


def _opened(config: DuckdbConfig) -> DuckDBPyConnection:
    duckdb = driver("duckdb", "duckdb")
    if tuple(map(int, duckdb.__version__.split(".")[:2])) < _OLDEST:
        raise PluginError(
            f"DuckDB {duckdb.__version__} is too old: its catalogues do not say what keys refer to",
            "Update it: pip install -U 'om-ingest-sql[duckdb]'.",
        )
    is_file = not (config.is_remote or config.is_in_memory)
    if is_file:
        _check_file(Path(config.databasePath), "databasePath")
    settings: dict[str, Any] = {} if config.is_remote else dict(_SAFE)
    settings |= {key: _text(value) for key, value in config.settings.items()}
    if config.motherduckToken is not None:
        settings["motherduck_token"] = config.motherduckToken.get_secret_value()
    try:
        with explained(config.databasePath):
            opened: DuckDBPyConnection = duckdb.connect(
                config.databasePath, read_only=is_file, config=settings
            )
            return opened
    except SourceError as error:
        if "not recognized" in error.what or ("config" in error.what.lower() and config.settings):
            raise WorkflowError(f"settings: {error.what}", "Correct settings.") from None
        raise


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_file(path: Path, key: str) -> None:
    """Refuse what no file of DuckDB can be; raises `WorkflowError` or `SourceError`."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise WorkflowError(
            f"There is no file {path}", f"Correct {key}; relative paths start at {Path.cwd()}."
        ) from None
    except PermissionError:
        raise SourceError(
            f"No permission to read {path}",
            "Give the user that runs om-ingest the right to enter its folder.",
        ) from None
    except OSError as error:
        raise WorkflowError(
            f"{path} cannot be opened: {error.strerror}", f"Correct {key}."
        ) from None
    if stat.S_ISDIR(mode):
        raise WorkflowError(f"{path} is a directory", f"Point {key} at a file of DuckDB.")
    if not stat.S_ISREG(mode):
        raise WorkflowError(f"{path} is not a regular file", f"Point {key} at a file of DuckDB.")


def _text_of(path: Path) -> str:
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except OSError as error:
        raise WorkflowError(
            f"{path} cannot be read: {error.strerror}", "Correct initSqlFile."
        ) from None
    except UnicodeDecodeError:
        raise WorkflowError(f"{path} is not UTF-8", "Save it as UTF-8.") from None
