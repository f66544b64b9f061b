"""Connections to the catalog file, and the threads that use them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from om_ingest import DeliveryError, OmIngestError
from om_ingest_catalog import NEWEST, Attachments, Catalog, Collection, Edges, Release
from starlette.exceptions import HTTPException

from om_ingest_catalog_server.run_reports import RunReports

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind
    from typing_extensions import Self

logger = logging.getLogger(__name__)

MAX_JOBS = 100
"""Maximum number of queued asynchronous jobs, as in OpenMetadata (contract §5.1)."""

_READERS = 4


class CatalogConnection:
    """One connection to the catalog, with the REST operations on it."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.attachments = Attachments(catalog)
        """Samples, profiles, usage, runs, followers and votes."""
        self.edges = Edges(catalog)
        """Lineage."""

    def collection(self, kind: EntityKind, release: Release = NEWEST) -> Collection:
        """The collection of a kind, under the rules of a server release."""
        return Collection(self.catalog, kind, release)


class Stores:
    """The connections to one catalog file, and the threads that use them.

    Readers never wait for writers: with SQLite's WAL they see the state before an open
    transaction. One thread writes, in the order of the requests. The event loop has its own
    connection, so that a lookup of one entity never waits for a long list.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or create it; raises `WorkflowError`."""
        with ExitStack() as stack:
            opened = [
                stack.enter_context(closing(Catalog(path, read_only=read_only)))
                for read_only in (False, True, True, True)
            ]
            self._closing = stack.pop_all()
        *serving, self._watching = opened
        self.writing, self.reading, self.inline = map(CatalogConnection, serving)
        """Connections of the writing thread, the reading threads, and the event loop."""
        self._path = path.absolute()
        self._identity = _identity(self._path)
        self.run_reports = RunReports()
        """Logs, progress and metrics of runs."""
        self.writer = ThreadPoolExecutor(1, "catalog-writer")
        self.readers = ThreadPoolExecutor(_READERS, "catalog-reader")
        self.watcher = ThreadPoolExecutor(1, "catalog-watcher")
        """The thread of `counted`."""
        self._jobs = 0
        self._lock = Lock()

    def counted(self) -> dict[str, int]:
        """Number of live entities by type; in the watching thread.

        Raises `OmIngestError` if the file cannot be read, or is no longer where it was.
        """
        if _identity(self._path) != self._identity:
            raise DeliveryError(
                f"{self._path.name} was removed or replaced while it is served",
                "Start the server again.",
            )
        return self._watching.counts()

    def sizes(self) -> dict[str, int]:
        """Bytes of the catalog file, and of the log that is not merged into it yet."""
        files = {"catalog": self._path, "wal": self._path.with_name(f"{self._path.name}-wal")}
        return {name: path.stat().st_size for name, path in files.items() if path.exists()}

    def later(self, job: Callable[[], object]) -> None:
        """Queue a job for the writing thread.

        Raises `HTTPException` (429) if too many jobs are queued.
        """
        with self._lock:
            if self._jobs >= MAX_JOBS:
                raise HTTPException(
                    429, f"Too many concurrent bulk jobs (max {MAX_JOBS}). Retry later."
                )
            self._jobs += 1
        self.writer.submit(job).add_done_callback(self._done)

    def _done(self, future: Future[object]) -> None:
        with self._lock:
            self._jobs -= 1
        error = future.exception()
        if isinstance(error, OmIngestError):
            logger.warning("An asynchronous job was refused: %s", error)
        elif error is not None:
            logger.error("An asynchronous job failed: %s", error, exc_info=error)

    def close(self) -> None:
        """Finish accepted requests and jobs, and close the file."""
        self.writer.shutdown()
        self.readers.shutdown()
        self.watcher.shutdown()
        self._closing.close()  # the writing connection last: it removes the WAL files

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells this file from another one of its name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
