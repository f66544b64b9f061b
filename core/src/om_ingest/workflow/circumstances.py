"""What a run ran on, and what it was asked for: for its report."""

from __future__ import annotations

import contextlib
import functools
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from om_ingest.openmetadata.network import retries
from om_ingest.registry import host_version
from om_ingest.workflow.reading import MAX_BYTES, Document, digest_of

if TYPE_CHECKING:
    from om_ingest.workflow.kept_run import KeptRun
    from om_ingest.workflow.report import RunReport

if sys.platform != "win32":
    import resource

RUNNING = "running"
"""State of a run that has not ended."""

SCHEMA_VERSION = "1.0"
"""Version of the JSON Schema of reports: the second number grows with new keys, the first one when
a key goes or changes its meaning."""


@dataclass(frozen=True)
class WorkflowFile:
    """The file that a run was asked for: of a workflow, or of records."""

    path: str | None = None
    """Absolute; None where a source was named, or standard input was read."""

    digest: str | None = None
    """SHA-256 of its bytes, as `sha256:<hex>`; None for a file of records."""

    pipeline_fqn: str | None = None
    """`ingestionPipelineFQN` of the workflow."""

    @classmethod
    def of(
        cls, target: str, document: Document | None = None, pipeline_fqn: str | None = None
    ) -> WorkflowFile:
        """The file of a `target` as it was given; the rest is known once it has been read."""
        path, digest = Path(target).expanduser(), document.digest if document else None
        with contextlib.suppress(OSError, ValueError):
            if target and path.is_file():
                is_workflow = path.stat().st_size <= MAX_BYTES and path.suffix != ".jsonl"
                if digest is None and is_workflow:
                    digest = digest_of(path.read_bytes())
                return cls(str(path.absolute()), digest, pipeline_fqn)
        return cls(None, digest, pipeline_fqn)

    def as_dict(self) -> dict[str, str | None]:
        """With the keys of a report."""
        return {"file": self.path, "digest": self.digest, "pipelineFqn": self.pipeline_fqn}


def run_keys(run: RunReport | KeptRun) -> dict[str, Any]:
    """What a report and the journal tell of a run with the same keys."""
    return {
        "runId": run.run_id,
        "state": run.state,
        "exitCode": None if run.state == RUNNING else run.exit_code,
        "source": run.source,
        "distribution": run.distribution,
        "serviceName": run.service_name,
        "sink": run.sink,
        "startedAt": run.started_at,
        "resumedFrom": run.resumed_from,
    }


def as_dict(report: RunReport) -> dict[str, Any]:
    """What a report tells first: its version, then host, connector, workflow, phases, and costs."""
    owner, _, version = report.distribution.partition(" ")
    return {
        "schemaVersion": SCHEMA_VERSION,
        "endedAt": report.ended_at,
        "host": host(),
        "connector": {"name": report.source, "distribution": owner, "version": version},
        "workflow": report.workflow.as_dict(),
        "phases": [
            {
                "name": phase.name,
                "startedAt": phase.began_at.isoformat(),
                "duration_s": round((phase.ended_at - phase.began_at).total_seconds(), 3),
                "error": phase.error,
            }
            for phase in report.phases
        ],
        "peakMemoryBytes": dict(_peak_until(report.ended_at) if report.ended_at else peak_memory()),
        "retries": retries.current().as_dict(),
    }


def host() -> dict[str, str]:
    """The om-ingest, the Python and the system that this process runs on."""
    system = platform.uname()
    return {
        "version": host_version(),
        "python": platform.python_version(),
        "platform": f"{system.system} {system.release} {system.machine}",
    }


def peak_memory() -> Mapping[str, int | None]:
    """Bytes that this process and the largest of its children that have ended had at most.

    None where the system does not tell.
    """
    if sys.platform == "win32":
        return {"process": None, "children": None}
    # Bytes on macOS, KiB elsewhere (getrusage(2)).
    unit = 1 if sys.platform == "darwin" else 1024
    process = _high_water() or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    return {"process": process, "children": children}


@functools.lru_cache(maxsize=1)
def _peak_until(ended_at: str) -> Mapping[str, int | None]:
    """The peak memory of a run that has ended: the journal and `--report` tell the same."""
    return peak_memory()


def _high_water() -> int | None:
    """What Linux knows of this program alone.

    Its getrusage(2) has the size of whoever started the program in it, where that is larger.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None
