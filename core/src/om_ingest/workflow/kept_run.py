"""One run as its journal knows it, and whether its process still exists."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeAlias

from om_ingest.workflow.report import run_keys

HoldsLock: TypeAlias = Callable[[bytes, str, str], bool | None]

RUNNING, KILLED, SUCCESS = "running", "killed", "success"

COLUMNS = (
    *("id", "source", "distribution", "service_name", "sink", "started_at", "ended_at"),
    *("state", "exit_code", "counts", "resumed_from", "pid", "process_beginning"),
    *("problem", "job", "is_locked"),
)
"""Columns of the table of runs, in the order that `KeptRun.of_row` expects."""

_NONE = type(None)
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(COLUMNS, (str,)),
    "ended_at": (str, _NONE),
    "exit_code": (int, _NONE),
    "resumed_from": (str, _NONE),
    "pid": (int,),
    "job": (bytes,),
    "is_locked": (int,),
}
_PID_MAX = 2**32  # process numbers are 32 bits on every system

_STARTED = 19
"""Place of the start time behind the name in `/proc/<pid>/stat`: field 22 (proc(5))."""


@dataclass(frozen=True)
class KeptRun:
    """One run, as the journal knows it."""

    run_id: str
    source: str
    distribution: str
    """Distribution and version that the source comes from."""

    service_name: str
    sink: str
    """Where the records go."""

    started_at: str
    """UTC, ISO 8601."""

    ended_at: str | None
    """As `started_at`; None for a run that has not ended, or was killed."""

    state: str
    """`running`, `killed`, `success`, `failed` or `interrupted`."""

    exit_code: int | None
    counts: dict[str, int]
    """Records by outcome, as in the report; empty until the run ends."""

    resumed_from: str | None
    """Id of the run that it continued."""

    pid: int
    """Its process."""

    problem: str = ""
    """What was wrong beside failed records, in one line."""

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end; of a run that still runs, until now; None if killed."""
        if self.ended_at is None and self.state == KILLED:
            return None
        end = datetime.fromisoformat(self.ended_at) if self.ended_at else now()
        return (end - datetime.fromisoformat(self.started_at)).total_seconds()

    def as_dict(self) -> dict[str, Any]:
        """The run as plain data, with the keys of a report."""
        duration_s = self.duration_s
        return {
            **run_keys(self),
            "endedAt": self.ended_at,
            "duration_s": None if duration_s is None else round(duration_s, 3),
            "records": self.counts,
            "problem": self.problem,
            "pid": self.pid,
        }

    @classmethod
    def of_row(cls, row: tuple[Any, ...], holds_lock: HoldsLock) -> KeptRun:
        """The run in one row of `COLUMNS`; one that has not ended and does not go on was killed.

        `holds_lock` tells whether the lock of a job is held by the run with an id and a time of
        its start; None where that cannot be found out. Raises `ValueError`, which says what is
        wrong, for a row that no run has written.
        """
        values = dict(zip(COLUMNS, row, strict=True))
        counts = _checked(values)
        beginning, run_id = values.pop("process_beginning"), values.pop("id")
        job, is_locked = values.pop("job"), values.pop("is_locked")
        if values["state"] == RUNNING:
            goes_on = holds_lock(job, run_id, values["started_at"]) if is_locked else None
            if goes_on is None:
                goes_on = is_running(values["pid"], beginning)
            values["state"] = RUNNING if goes_on else KILLED
        return cls(run_id, **{**values, "counts": counts})


def _checked(values: Mapping[str, Any]) -> dict[str, int]:
    """The counts of a row whose values have the right types; raises `ValueError`."""
    wrong = [name for name, kinds in _KINDS.items() if not isinstance(values[name], kinds)]
    if "pid" not in wrong and not 0 < values["pid"] < _PID_MAX:
        wrong.append("pid")
    moments = [name for name in ("started_at", "ended_at") if isinstance(values[name], str)]
    wrong += [name for name in moments if not _is_moment(values[name])]
    counts: dict[str, int] = {}
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        counts = dict(json.loads(values["counts"]))
        if all(isinstance(count, int) for count in counts.values()) and not wrong:
            return counts
    raise ValueError(f"a run has no valid {', '.join(wrong) or 'counts'}")


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def shortened(ids: Sequence[str]) -> list[str]:
    """The ids, cut to the length that still tells them apart; at least eight characters."""
    length = 8
    while len({run_id[:length] for run_id in ids}) < len(set(ids)):
        length += 1
    return [run_id[:length] for run_id in ids]


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(timezone.utc)


def beginning_of(pid: int) -> str:
    """When a process began, as a text that no other process with its number has.

    Empty where the system does not tell, and for a process that is gone.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return f"{boot} {stat.rpartition(')')[2].split()[_STARTED]}"


def is_running(pid: int, beginning: str) -> bool:
    """Whether the process still runs that had this number and this beginning."""
    if beginning:
        return beginning_of(pid) == beginning
    if sys.platform == "win32":
        return True  # os.kill would end it there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
