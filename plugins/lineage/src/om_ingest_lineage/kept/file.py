"""The file of kept results: found by statement, valid while its names mean the same tables."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from om_ingest import DeliveryError, OmIngestError
from om_ingest.versioned_file import OpenFile, VersionedFormat, open_file

from om_ingest_lineage.analysis.names import Names
from om_ingest_lineage.analysis.results import Analysis
from om_ingest_lineage.kept.texts import answers_to, as_text, of_text

KEPT_COUNT = 100_000
"""Most results that stay in the file; those that were not used for the longest time go."""

KEPT_BYTES = 64 * 1024 * 1024
"""Most bytes of all results together."""

FORMAT = VersionedFormat(
    name="file of kept lineage",
    application_id=0x4F4D4C4E,
    steps=(
        (
            """
            CREATE TABLE kept (
                statement BLOB PRIMARY KEY,
                answers BLOB NOT NULL,
                result TEXT NOT NULL,
                used_on INTEGER NOT NULL
            )
            """,
            "CREATE INDEX kept_used_on ON kept (used_on)",
        ),
    ),
    cache_kib=2048,
)
_BATCH_COUNT = 200
_USED_COUNT = 5_000
_DAY_S = 86400
_SWEEP = """
DELETE FROM kept WHERE statement IN (
    SELECT statement FROM (
        SELECT statement, row_number() OVER newest AS place,
            sum(length(result)) OVER newest AS size
        FROM kept WINDOW newest AS (ORDER BY used_on DESC, statement)
    ) WHERE place > ? OR size > ?
)
"""


def default_path() -> Path | None:
    """Where results are kept unless a file is named; None where there is no home folder.

    The folder is that of the XDG Base Directory Specification for caches.
    """
    folder = os.environ.get("XDG_CACHE_HOME", "")
    if folder and Path(folder).is_absolute():
        return Path(folder, "om-ingest", "lineage.db")
    with suppress(RuntimeError):
        return Path.home() / ".cache" / "om-ingest" / "lineage.db"
    return None


class KeptResults:
    """Results by statement. Whatever happens to the file, no run fails: it is used no more."""

    def __init__(self, path: Path | None, report: Callable[[str], None]) -> None:
        """Without a path, nothing is kept. `report` is told once why the file is not used."""
        self._report = report
        self._path = path
        """The file that is to be opened; None once it is, or if it cannot be."""
        self._file: OpenFile | None = None
        self._new: dict[bytes, tuple[bytes, bytes, str, int]] = {}
        self._used: list[tuple[int, bytes]] = []
        self._today = int(time.time() // _DAY_S)
        self._has_grown = False

    def _open(self) -> None:
        """Open the file at the first use: what only checks a config leaves no file behind."""
        path, self._path = self._path, None
        if path is None:
            return
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = OpenFile(open_file(path, FORMAT, read_only=False), f"The file {path}")
        except OSError as error:
            self._report(f"Results are not kept: {path}: {error.strerror}")
        except OmIngestError as error:
            self._report(f"Results are not kept: {error}")

    def find(self, statement: bytes, names: Names) -> Analysis | None:
        """The result of a statement, if the tables that it names are as they were."""
        self._open()
        new = self._new.get(statement)
        row = (*new[1:3], self._today) if new else self._row(statement)
        if row is None:
            return None
        answers, text, used_on = row
        analysis = of_text(text)
        if analysis is None or answers_to(analysis.names, names) != answers:
            return None
        if used_on != self._today:
            self._used.append((self._today, statement))
            if len(self._used) >= _USED_COUNT:
                self._write()
        return analysis

    def _row(self, statement: bytes) -> tuple[bytes, str, int] | None:
        sql = "SELECT answers, result, used_on FROM kept WHERE statement = ?"
        rows: Sequence[tuple[Any, ...]] = ()
        if self._file is not None:
            try:
                rows = self._file.query(sql, (statement,))
            except DeliveryError as error:
                self._give_up(error)
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    def keep(self, statement: bytes, names: Names, analysis: Analysis) -> None:
        """Keep a result for the next run, and for the same statement in this one."""
        if self._file is None:
            return
        row = (statement, answers_to(analysis.names, names), as_text(analysis), self._today)
        self._new[statement] = row
        self._has_grown = True
        if len(self._new) >= _BATCH_COUNT:
            self._write()

    def _write(self) -> None:
        rows, self._new = list(self._new.values()), {}
        used, self._used = self._used, []
        if self._file is None or not (rows or used):
            return
        try:
            with self._file.transaction():
                self._file.execute_many("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", rows)
                self._file.execute_many("UPDATE kept SET used_on = ? WHERE statement = ?", used)
        except DeliveryError as error:
            self._give_up(error)

    def close(self) -> None:
        """Write what is new, and drop what is too much."""
        self._write()
        if self._file is None:
            return
        try:
            if self._has_grown:
                with self._file.transaction():
                    self._file.execute(_SWEEP, (KEPT_COUNT, KEPT_BYTES))
            self._file.close()
        except DeliveryError as error:
            self._give_up(error)
        self._file = None

    def _give_up(self, error: DeliveryError) -> None:
        file, self._file = self._file, None
        self._report(f"Results are no longer kept: {error}")
        if file is not None:
            with suppress(DeliveryError):
                file.close()
