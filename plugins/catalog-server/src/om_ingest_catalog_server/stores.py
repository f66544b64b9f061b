"""The catalog as the server holds it: once for writing, once for reading."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from om_ingest import OmIngestError, kinds
from om_ingest_catalog import Attachments, Catalog, Collection, Edges
from starlette.exceptions import HTTPException

from om_ingest_catalog_server.run_reports import RunReports

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind
    from typing_extensions import Self

logger = logging.getLogger(__name__)

MAX_JOBS = 100
"""How many asynchronous jobs may wait, as in OpenMetadata (contract §5.1)."""

_READERS = 4


class Connection:
    """One connection to the catalog, and what shows it as REST does."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.attachments = Attachments(catalog)
        """What lies beside entities."""
        self.edges = Edges(catalog)
        """What lies between them."""
        self._collections = {name: Collection(catalog, kind) for name, kind in kinds.KINDS.items()}

    def collection(self, kind: EntityKind) -> Collection:
        """The entities of a kind."""
        return self._collections[kind.entity_type]


class Stores:
    """The connections to one catalog file, and the threads that use them.

    What is read never waits for what is written: SQLite's WAL shows a reader the state
    before a transaction until it is committed. What is written is written by one thread, in
    the order in which it came. And who wants one entity never waits for a long list, because
    a connection serves one thread at a time.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, and create it if need be; raises `WorkflowError`."""
        with ExitStack() as stack:
            opened = [
                stack.enter_context(closing(Catalog(path, read_only=read_only)))
                for read_only in (False, True, True)
            ]
            self._closing = stack.pop_all()
        self.writing, self.reading, self.inline = map(Connection, opened)
        """For the writing thread, the reading threads, and the event loop."""
        self.run_reports = RunReports()
        """What runs say about themselves while they run."""
        self.writer = ThreadPoolExecutor(1, "catalog-writer")
        self.readers = ThreadPoolExecutor(_READERS, "catalog-reader")
        self._jobs = 0
        self._lock = Lock()

    def later(self, job: Callable[[], object]) -> None:
        """Let the writing thread do something after what waits already.

        Raises `HTTPException` (429) when too many jobs wait.
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
        """Finish what was accepted, and close the file."""
        self.writer.shutdown()
        self.readers.shutdown()
        self._closing.close()  # the writing one last: it clears away what WAL needs

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
