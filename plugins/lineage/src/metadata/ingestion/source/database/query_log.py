"""The source `query-log`: files of statements that ran, as queries of a database service."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, TextIO

from om_ingest import ConfiguredSource, ConnectorConfig, Record, SourceError, WorkflowContext
from om_ingest.model import DatabaseService, LoggedQueryRequest, fqn
from om_ingest_lineage.analysis.dialects import dialect_of
from om_ingest_lineage.encodings import encoding_of
from om_ingest_lineage.querylog.entries import Entry, Lines
from om_ingest_lineage.querylog.folding import Folding
from om_ingest_lineage.querylog.tables import csv_entries, json_entries, postgres_csv_entries
from om_ingest_lineage.querylog.texts import general_entries, slow_entries, sql_entries
from om_ingest_lineage.scripts.reading import words_of
from pydantic import Field, field_validator

Format = Literal["auto", "csv", "jsonl", "sql", "postgres-csv", "mysql-slow", "mysql-general"]

_QUERIES = words_of(
    "SELECT WITH INSERT UPDATE DELETE MERGE REPLACE CREATE COPY TABLE VALUES FROM ("
)
_NO_TABLES = words_of("INDEX USER ROLE FUNCTION PROCEDURE TRIGGER SCHEMA DATABASE EXTENSION TYPE")

_READING = ("SELECT", "WITH", "TABLE")
_OWN = "om_ingest_sample"
"""In statements of om-ingest: what it reads samples of has this name there."""

_SYSTEM = re.compile(
    r"\b(?:FROM|JOIN)\s+[`\"\[]?(?:pg_\w+\b|(?:information_schema|performance_schema|mysql|sys)"
    r"[`\"\]]?\s*\.)",
    re.IGNORECASE,
)


class QueryLogConfig(ConnectorConfig):
    """Config of `query-log`."""

    queryLogFilePath: str | list[str] = Field(min_length=1)
    """The file, several, or patterns such as `logs/*.csv`, as OpenMetadata's key has it."""

    format: Format = "auto"
    """`csv` with names in its first row, `jsonl` (also PostgreSQL's jsonlog), `sql`,
    `postgres-csv` (csvlog), `mysql-slow`, `mysql-general`. `auto` looks at name and first line."""

    service: str | None = None
    """Name of the database service that the statements ran in; it must be there. Default: the
    name of the service of the run."""

    dialect: str | None = None
    """Dialect of the statements, as sqlglot or OpenMetadata calls it, e.g. `postgres`. Default:
    that of the service."""

    database: str | None = None
    """Database of statements whose line does not name one."""

    databaseSchema: str | None = None
    """Schema of names without one, where the line does not say it."""

    keepValues: bool = False
    """Keep the values in statements. Otherwise each is `?`: a log may hold what is private."""

    limit: int | None = Field(default=None, ge=1)
    """Most queries to yield, the most frequent ones first. Default: all."""

    minCalls: int = Field(default=1, ge=1)
    """Leave out queries that ran less often, where the log has times."""

    @field_validator("dialect")
    @classmethod
    def _known_dialect(cls, name: str | None) -> str | None:
        if name is not None and dialect_of(name) is None:
            raise ValueError(
                f"no SQL dialect is called {name!r}; known are postgres, mysql, tsql …"
            )
        return name


class QueryLogSource(ConfiguredSource[QueryLogConfig]):
    """Reads query logs; executions that differ in values only are one query."""

    def __init__(self, config: QueryLogConfig, ctx: WorkflowContext) -> None:
        super().__init__(config, ctx)
        self._folding: Folding | None = None
        self._files: list[Path] = []
        self._service = config.service or ctx.service_name

    def prepare(self) -> None:
        """Find the files; raises `SourceError` if there is none."""
        given = self.config.queryLogFilePath
        for pattern in [given] if isinstance(given, str) else given:
            path = Path(pattern).expanduser()
            if path.is_file():
                self._files.append(path)
                continue
            matching = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
            found = [one for one in matching if one.is_file()]
            if not found:
                raise SourceError(
                    f"There is no file {path}",
                    "Set queryLogFilePath to the file of the query log, or to a pattern of files.",
                )
            self._files += found

    def next_record(self) -> Iterator[Record]:
        """The queries of all files, the most frequent first."""
        dialect = self._dialect()
        self._folding = Folding(dialect, keeps_values=self.config.keepValues)
        for path in self._files:
            self._read(path, dialect, self._folding)
        limit = self.config.limit
        if limit is not None and (count := self._folding.count()) > limit:
            self.ctx.logger.info("%d of %d queries are yielded: limit", limit, count)
        for query in self._folding.queries(limit):
            calls = sum(query.executions.values())
            if calls and calls < self.config.minCalls:
                self.status.filter(query.name, f"ran less than {self.config.minCalls} times")
                continue
            yield LoggedQueryRequest(
                name=query.name,
                query=query.sql,
                service=fqn.join(self._service),
                duration=query.duration_s,
                dialect=query.dialect or dialect or None,
                queryDate=query.latest_ms,
                executions=query.executions,
                database=query.database or self.config.database,
                databaseSchema=query.schema or self.config.databaseSchema,
            )

    def _dialect(self) -> str:
        """The dialect, in sqlglot's name; checks that the service is there."""
        store = self.ctx.metadata
        found = store.get_by_name(DatabaseService, fqn.join(self._service))
        if found is None and store.delivers_changes():
            raise SourceError(
                f"There is no database service {self._service!r} where the queries go",
                "Read the database first, or name its service: `service: NAME`.",
            )
        name = self.config.dialect or (found.serviceType.value if found is not None else "")
        known = dialect_of(name)
        return known[1].name if known is not None else ""

    def _read(self, path: Path, dialect: str, folding: Folding) -> None:
        first_fault = ""
        is_log = False
        try:
            with path.open("rb") as file:
                encoding = encoding_of(file.read(2))
            with path.open(encoding=encoding, errors="replace", newline="") as file:
                for entry in self._entries(path, file, dialect):
                    if isinstance(entry, Entry):
                        is_log = True
                        self._take(entry, f"{path}:{entry.line}", folding)
                    else:
                        line, reason = entry
                        first_fault = first_fault or f"line {line}: {reason}"
                        self.status.warning(f"{path}:{line}", reason)
        except OSError as error:
            raise SourceError(
                f"Cannot read {path}: {error.strerror}", "Make it a readable file."
            ) from None
        if first_fault and not is_log:
            remedy = "Name a query log, and its format: `format: csv`, or another one."
            self.status.failure(str(path), f"no line of it is a statement; {first_fault}. {remedy}")

    def _take(self, entry: Entry, place: str, folding: Folding) -> None:
        """Count an entry, or leave it out: the report has its place, for its text may be secret."""
        self.status.scanned(place)
        why = ""
        if entry.is_aborted:
            why = "it was aborted"
        elif entry.application == "om-ingest" or _OWN in entry.query:
            why = "a statement of om-ingest itself"
        elif not is_query(entry.query):
            why = "no query, and it makes no table"
        elif reads_system(entry.query):
            why = "it reads tables of the system"
        if why:
            self.status.filter(place, why)
            return
        known = dialect_of(entry.dialect) if entry.dialect else None
        folding.add(entry, known[1].name if known is not None else None)

    def _entries(self, path: Path, file: TextIO, dialect: str) -> Lines:
        given = self.config.format
        form = _form(path, file) if given == "auto" else given
        readers: dict[str, Callable[[TextIO], Lines]] = {
            "csv": csv_entries,
            "jsonl": json_entries,
            "postgres-csv": postgres_csv_entries,
            "mysql-slow": slow_entries,
            "mysql-general": general_entries,
            "sql": partial(sql_entries, dialect=dialect),
        }
        return readers[form](file)

    def close(self) -> None:
        """Drop the scratch file."""
        if self._folding is not None:
            self._folding.close()


def is_query(sql: str) -> bool:
    """Whether a statement reads rows, changes rows, or makes a table of rows."""
    words = _bare(sql).split(None, 4)
    first = words[0].upper().rstrip(";") if words else ""
    if first.startswith("("):
        return True
    if first == "CREATE":
        return not {word.upper() for word in words[1:4]} & _NO_TABLES
    return first in _QUERIES


def reads_system(sql: str) -> bool:
    """Whether a statement only reads, and among others tables that the server keeps of itself."""
    words = _bare(sql).lstrip("( ").split(None, 1)
    reads = bool(words) and words[0].upper() in _READING
    return reads and _SYSTEM.search(sql) is not None


def _bare(sql: str) -> str:
    """A statement without the comments in front of it."""
    sql = sql.lstrip()
    while sql.startswith(("--", "#", "/*")):
        if sql.startswith("/*"):
            sql = sql.partition("*/")[2].lstrip()
        else:
            sql = sql.partition("\n")[2].lstrip()
    return sql


def _form(path: Path, file: TextIO) -> str:
    """The format of a file, by its name and its first line."""
    first = file.readline(10_000)
    rest = "".join(file.readline(10_000) for _ in range(3))
    file.seek(0)
    if first.startswith("{"):
        return "jsonl"
    if "\n# Time:" in f"\n{first}{rest}" or first.startswith("# User@Host"):
        return "mysql-slow"
    if "Time                 Id Command" in first + rest or "\tQuery\t" in first + rest:
        return "mysql-general"
    if path.suffix.lower() == ".sql":
        return "sql"
    is_postgres = first[:4].isdigit() and first.count(",") >= 20
    return "postgres-csv" if is_postgres or first.startswith('"20') else "csv"
