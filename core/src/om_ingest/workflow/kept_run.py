"""One run as its journal knows it, and whether it still goes on."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from om_ingest.workflow.circumstances import RUNNING as RUNNING, run_keys
from om_ingest.workflow.job_lock import NAME

_T = TypeVar("_T")

HoldsLock: TypeAlias = Callable[[str, str, str, str], bool | None]

KILLED, UNKNOWN, SUCCESS = "killed", "unknown", "success"
STATES = (RUNNING, SUCCESS, "failed", "interrupted", KILLED, UNKNOWN)

DEAD_LETTERS, REPORT = "deadLetters", "report"
"""The files that a run leaves outside of its journal."""

COLUMNS = (
    *("id", "source", "distribution", "service_name", "sink", "started_at", "ended_at"),
    *("state", "exit_code", "counts", "resumed_from", "pid", "problem"),
    *("host", "workflow", "host_version", "files", "number", "job", "is_locked", "lock"),
)
"""Columns of the table of runs, in the order that `KeptRun.of_row` expects."""

_NONE = type(None)
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(COLUMNS, (str,)),
    "ended_at": (str, _NONE),
    "exit_code": (int, _NONE),
    "resumed_from": (str, _NONE),
    "pid": (int,),
    "number": (int,),
    "job": (bytes,),
    "is_locked": (int,),
}
_PID_MAX = 2**32  # process numbers are 32 bits on every system


class KeptFile(NamedTuple):
    """A file that a run has written outside of its journal."""

    kind: str
    """`deadLetters` or `report`."""

    path: str
    """Absolute, without symbolic links."""

    owner: int
    """The user that the file belongs to."""

    @classmethod
    def of(cls, kind: str, path: Path) -> KeptFile:
        """A file of this run; one that is not there yet will belong to who runs."""
        path = path.resolve()
        with contextlib.suppress(OSError):
            return cls(kind, str(path), path.stat().st_uid)
        return cls(kind, str(path), os.geteuid() if hasattr(os, "geteuid") else 0)


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
    """`running`, `success`, `failed`, `interrupted`; of a run that has not told how it ended
    `killed`, or `unknown` where nobody can tell whether it still goes on."""

    exit_code: int | None
    counts: dict[str, int]
    """Records by outcome, as in the report; empty until the run ends."""

    resumed_from: str | None
    """Id of the run that it continued."""

    pid: int
    """Its process, on its host and in its container: for people, and no evidence of anything."""

    problem: str = ""
    """What was wrong beside failed records, in one line."""

    host: str = ""
    """Where it ran; empty in what an earlier om-ingest has written, as the next two."""

    workflow: str = ""
    """The workflow file, or the source as it was given on the command line."""

    host_version: str = ""
    """The om-ingest that ran it."""

    files: tuple[KeptFile, ...] = ()
    number: int = 0
    """Its place in the order of runs."""

    job: bytes = b""
    """Key of its job."""

    lock: str = ""
    """Name of the lock that it holds while it goes on; empty if it holds none."""

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end; of a run that still runs, until now; else None."""
        if self.ended_at is None and self.state != RUNNING:
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
            "host": self.host,
            "workflow": self.workflow,
            "omIngest": self.host_version,
            "job": self.job.hex(),
            "files": {file.kind: file.path for file in self.files},
        }

    @classmethod
    def of_row(cls, row: tuple[Any, ...], holds_lock: HoldsLock) -> KeptRun:
        """The run in one row of `COLUMNS`; one that has not ended and does not go on was killed.

        `holds_lock` tells whether the lock of a name is held by the run with an id and a time of
        its start, on a host; None where that cannot be found out. Raises `ValueError`, which says
        what is wrong, for a row that no run has written.
        """
        values = dict(zip(COLUMNS, row, strict=True))
        values["counts"], values["files"] = _checked(values)
        run_id, is_locked = values.pop("id"), values.pop("is_locked")
        if is_locked and not values["lock"]:  # written before a run had a lock of its own
            values["lock"] = values["job"].hex()[:16]
        if values["state"] == RUNNING:
            asked = values["lock"], run_id, values["started_at"], values["host"]
            goes_on = holds_lock(*asked) if values["lock"] else None
            values["state"] = {True: RUNNING, False: KILLED, None: UNKNOWN}[goes_on]
        return cls(run_id, **values)


def _checked(values: Mapping[str, Any]) -> tuple[dict[str, int], tuple[KeptFile, ...]]:
    """Counts and files of a row whose values have the right types; raises `ValueError`."""
    wrong = [name for name, kinds in _KINDS.items() if not isinstance(values[name], kinds)]
    if "pid" not in wrong and not 0 < values["pid"] < _PID_MAX:
        wrong.append("pid")
    moments = [name for name in ("started_at", "ended_at") if isinstance(values[name], str)]
    wrong += [name for name in moments if not _is_moment(values[name])]
    if "lock" not in wrong and values["lock"] and not NAME.fullmatch(values["lock"]):
        wrong.append("lock")  # it becomes part of a path
    if wrong:
        raise ValueError(f"a run has no valid {', '.join(wrong)}")
    return _parsed(values, "counts", _counts_in), _parsed(values, "files", _files_in)


def _parsed(values: Mapping[str, Any], name: str, parse: Callable[[Any], _T]) -> _T:
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        return parse(json.loads(values[name]))
    raise ValueError(f"a run has no valid {name}")


def _counts_in(document: Any) -> dict[str, int]:
    counts = dict(document)
    if not all(isinstance(count, int) for count in counts.values()):
        raise ValueError
    return counts


def _files_in(document: Any) -> tuple[KeptFile, ...]:
    files = tuple(KeptFile(*entry) for entry in document)
    if not all(tuple(map(type, file)) == (str, str, int) for file in files):
        raise ValueError
    return files


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
