"""The state of a job in its journal: the bookmarks of `ctx.state`, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from om_ingest.kinds import Identity
from om_ingest.versioned_file import OpenFile, Step

STATE_TABLE: Step = (
    # It outlives the runs of its job, which are dropped one day.
    """
    CREATE TABLE state (
        job BLOB PRIMARY KEY,
        bookmarks TEXT NOT NULL,
        anchor TEXT,
        run_id TEXT NOT NULL,
        kept_at TEXT NOT NULL,
        source TEXT NOT NULL,
        service_name TEXT NOT NULL,
        sink TEXT NOT NULL,
        workflow TEXT NOT NULL,
        configs TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

_NAMES = "source, service_name, sink, workflow"
_COLUMNS = f"bookmarks, anchor, run_id, kept_at, {_NAMES}, configs"


class JobNames(NamedTuple):
    """What the runs of a job share, as people know it."""

    source: str
    service_name: str
    sink: str
    """Where the records go."""

    workflow: str
    """The file, or the source as it was given on the command line."""


@dataclass(frozen=True)
class KeptState:
    """The bookmarks of a job."""

    bookmarks: Mapping[str, Any]
    """JSON values by name."""

    anchor: Identity | None
    """An entity that the target had by then: without it the target is no longer the same. None if
    nothing is known."""

    run_id: str
    """The run that kept them last."""

    kept_at: str
    """UTC, ISO 8601."""

    names: JobNames
    configs: tuple[str, ...]
    """Digests of the configs with which runs have kept them, the newest last."""


def state_of(journal: OpenFile, job: bytes) -> KeptState | None:
    """The state of a job; None if there is none.

    Raises `ValueError` for what no run has written.
    """
    rows = journal.query(f"SELECT {_COLUMNS} FROM state WHERE job = ?", (job,))
    if not rows:
        return None
    text, anchor, run_id, kept_at, *given, configs = rows[0]
    bookmarks = dict(json.loads(text, parse_constant=_no_constant))
    entity_type, _, fqn = (anchor or "").partition(" ")
    return KeptState(
        *(bookmarks, (entity_type, fqn) if fqn else None, str(run_id), str(kept_at)),
        *(JobNames(*map(str, given)), tuple(configs.split())),
    )


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def keep_state(journal: OpenFile, job: bytes, state: KeptState) -> None:
    """Replace the state of a job; committed when it returns."""
    anchor = " ".join(state.anchor) if state.anchor else None
    row = (
        *(job, json.dumps(state.bookmarks), anchor, state.run_id, state.kept_at),
        *(name.encode("utf-8", "backslashreplace").decode() for name in state.names),
        " ".join(state.configs),
    )
    marks = ", ".join("?" * len(row))
    with journal.transaction():
        journal.execute(f"INSERT OR REPLACE INTO state (job, {_COLUMNS}) VALUES ({marks})", row)


def jobs_with_state(journal: OpenFile) -> list[tuple[JobNames, str]]:
    """The jobs that have bookmarks, each with the moment when it kept them; the newest first."""
    sql = f"SELECT {_NAMES}, kept_at FROM state WHERE bookmarks != '{{}}' ORDER BY kept_at DESC"
    return [(JobNames(*map(str, given)), str(kept_at)) for *given, kept_at in journal.query(sql)]


def clear_state(journal: OpenFile, job: bytes) -> bool:
    """Forget the state of a job; whether there was any."""
    with journal.transaction():
        return journal.execute("DELETE FROM state WHERE job = ?", (job,)) > 0
