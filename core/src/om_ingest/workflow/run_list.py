"""What people ask of a list of runs: some of them, or the latest success of each job."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from om_ingest.errors import WorkflowError
from om_ingest.workflow.kept_run import SUCCESS, KeptRun, now

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


def moment(text: str, option: str) -> datetime:
    """The moment that an option names: an age such as `7d` or `12h`, or a date, in UTC unless it
    has a zone. Raises `WorkflowError`, which names the option.
    """
    age = re.fullmatch(r"(\d{1,6})\s*([smhdw])", text.strip(), re.ASCII)
    try:
        if age:
            return now() - timedelta(seconds=int(age[1]) * _UNITS_S[age[2]])
        date = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text.strip()))  # Python 3.10
        return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        raise WorkflowError(
            f"{option} is {text!r}, which is neither an age nor a date",
            "Write an age such as 30m, 12h, 7d or 2w, or a date such as 2026-11-01 or"
            " 2026-11-01T06:00, which is UTC.",
        ) from None


def chosen(
    runs: Iterable[KeptRun],
    *,
    since: datetime | None = None,
    services: Collection[str] = (),
    states: Collection[str] = (),
) -> list[KeptRun]:
    """The runs that began since a moment, of the services and in the states that are named."""
    return [
        run
        for run in runs
        if (since is None or _moment_of(run.started_at) >= since)
        and (not services or run.service_name in services)
        and (not states or run.state in states)
    ]


@dataclass(frozen=True)
class JobSuccess:
    """The latest success of one job."""

    latest: KeptRun
    """The run of the job that began last, whatever became of it."""

    success: KeptRun | None
    """The run that succeeded last; None if the journal has none."""

    is_in_time: bool
    """Whether there is one, and it ended since the moment that was asked for."""

    def as_dict(self) -> dict[str, Any]:
        """It as plain data."""
        return {
            "job": self.latest.job.hex(),
            "source": self.latest.source,
            "serviceName": self.latest.service_name,
            "sink": self.latest.sink,
            "workflow": self.latest.workflow,
            "lastSuccess": self.success.ended_at if self.success else None,
            "lastSuccessRunId": self.success.run_id if self.success else None,
            "inTime": self.is_in_time,
            "latestRunId": self.latest.run_id,
            "latestState": self.latest.state,
        }


def last_successes(runs: Iterable[KeptRun], since: datetime | None = None) -> list[JobSuccess]:
    """The latest success of each job that has runs, given newest first; in the order of names."""
    jobs: dict[bytes, list[KeptRun]] = {}
    for run in runs:
        jobs.setdefault(run.job, []).append(run)
    found = []
    for latest, *older in jobs.values():
        success = next((run for run in (latest, *older) if run.state == SUCCESS), None)
        in_time = success is not None and (
            since is None or _moment_of(success.ended_at or success.started_at) >= since
        )
        found.append(JobSuccess(latest, success, in_time))
    return sorted(
        found, key=lambda job: (job.latest.source, job.latest.service_name, job.latest.workflow)
    )


def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
