"""The tables of a journal, version by version, and what is said where they are damaged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from om_ingest.errors import WorkflowError
from om_ingest.versioned_file import Step, VersionedFormat
from om_ingest.workflow.kept_state import STATE_TABLE

SCHEME = 1
"""How jobs, records and their content are told apart: `job_key`, and the marks of acknowledgements.

Each run has the number with which it was kept: what has another number is not compared. Whoever
changes such a key or digest gives the next number. All before the fourth format have the first.
"""

_VERSION_1: Step = (
    # `number` tells the order: an id may come twice, as `pipelineRunId` in a workflow file.
    """
    CREATE TABLE run (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        job BLOB NOT NULL,
        source TEXT NOT NULL,
        distribution TEXT NOT NULL,
        service_name TEXT NOT NULL,
        sink TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        state TEXT NOT NULL,
        exit_code INTEGER,
        counts TEXT NOT NULL DEFAULT '{}',
        report TEXT,
        resumed_from TEXT,
        pid INTEGER NOT NULL,
        process_beginning TEXT NOT NULL
    )
    """,
    "CREATE INDEX run_job ON run (job)",
    """
    CREATE TABLE acknowledged (
        job BLOB NOT NULL,
        key BLOB NOT NULL,
        digest BLOB NOT NULL,
        PRIMARY KEY (job, key)
    ) WITHOUT ROWID
    """,
)

_VERSION_2: Step = ("ALTER TABLE run ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0",)

_VERSION_3: Step = (
    *STATE_TABLE,
    "ALTER TABLE run ADD COLUMN problem TEXT NOT NULL DEFAULT ''",
)

_VERSION_4: Step = (
    *(
        f"ALTER TABLE run ADD COLUMN {column} TEXT NOT NULL DEFAULT ''"
        for column in ("lock", "host", "workflow", "host_version")
    ),
    "ALTER TABLE run ADD COLUMN files TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE run ADD COLUMN scheme INTEGER NOT NULL DEFAULT 1",
    "CREATE INDEX run_state ON run (state, job)",
)

JOURNAL = VersionedFormat(
    "journal of runs",
    0x6F6D6972,
    (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4),
    cache_kib=4 * 1024,
    upgrading="om-ingest runs upgrade --state {folder}",
    reads_older=True,  # a thousand runs are copied at once
    hosts_may_share=True,
)
"""The format of a journal; its application id is "omir" in ASCII."""


def damaged(path: Path, what: str) -> WorkflowError:
    """The error for a journal whose content no run has written."""
    return WorkflowError(
        f"The {JOURNAL.name} {path} is damaged: {what}",
        "Restore it from a copy, or remove it: that costs the history, what --resume would"
        " leave out, and the bookmarks of sources.",
    )


@contextlib.contextmanager
def readable(path: Path, what: str = "") -> Iterator[None]:
    """Inside, content of a journal is read: what is not as a run wrote it is a `WorkflowError`."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(path, f"{what} is unreadable" if what else str(error)) from None
