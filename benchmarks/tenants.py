"""Many runs at once: into one server, into one catalog file, all of them in one journal."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.distributions import write_bench_tables
from benchmarks.process import MAXRSS_BYTES, OM_INGEST, MeasurementError, run
from benchmarks.rest import serve
from benchmarks.table import Row, Scale, megabytes

TENANT_COUNT = 20

_LOOK_S = 0.02
_BUDGET = "≤ 100 MB, ≤ 20 open files each"


@dataclass
class Watched:
    """One process of several that run at once."""

    process: subprocess.Popen[bytes]
    errors: Path
    peak_bytes: int = 0
    file_count: int = 0
    """Most open files at any look; 0 where the system does not tell."""

    def look(self) -> bool:
        """Note what the process has open; whether it still runs."""
        with contextlib.suppress(OSError):
            count = sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())
            self.file_count = max(self.file_count, count)
        pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if not pid:
            return True
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.peak_bytes = usage.ru_maxrss * MAXRSS_BYTES
        if self.process.returncode:
            raise MeasurementError(f"a run ended with {self.process.returncode}:\n{self.said()}")
        return False

    def stop(self) -> None:
        """End it, if it still runs."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()

    def said(self) -> str:
        """What it wrote to standard error."""
        return self.errors.read_text("utf-8", "replace")[-2000:]


def at_once(
    commands: Sequence[Sequence[str]], site: Path, work: Path
) -> tuple[float, list[Watched]]:
    """Run commands at the same time; the seconds until all have ended, and each process."""
    environment = {key: value for key, value in os.environ.items() if key[:6] != "PYTHON"}
    environment["PYTHONPATH"] = str(site)
    began = time.perf_counter()
    watched: list[Watched] = []
    with contextlib.ExitStack() as opened:
        for number, command in enumerate(commands):
            errors = work / f"errors-{number}.txt"
            file = opened.enter_context(errors.open("wb"))
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=file, env=environment, cwd=work
            )
            watched.append(one := Watched(process, errors))
            opened.callback(one.stop)
        running = list(watched)
        while running:
            running = [one for one in running if one.look()]
            time.sleep(_LOOK_S)
    return time.perf_counter() - began, watched


def tenants(scale: Scale, work: Path) -> list[Row]:
    """20 runs of different services at once, and one large run: memory and open files."""
    site, rows = write_bench_tables(work / "site-tenants"), []
    each = scale.tables // 200
    for what, target in targets(work / "many"):
        with target as sink:
            wall_s, watched = at_once(
                [_command(sink, f"tenant_{number}", each, work) for number in range(TENANT_COUNT)],
                *(site, work),
            )
            _check(work, TENANT_COUNT)
        rows.append(
            Row(
                f"{TENANT_COUNT} runs of {each:,} tables at once → {what}",
                f"{wall_s:.1f} s, {_most(watched)}",
                f"{TENANT_COUNT * each / wall_s:,.0f} tables/s in all",
                _BUDGET,
            )
        )
    count = scale.tables // 2
    for what, target in targets(work / "one"):
        with target as sink:
            wall_s, watched = at_once([_command(sink, "alone", count, work)], site, work)
        measured, beside = f"{wall_s:.1f} s, {_most(watched)}", f"{count / wall_s:,.0f} tables/s"
        rows.append(Row(f"{count:,} tables → {what}", measured, beside, _BUDGET))
    return rows


def targets(
    work: Path,
) -> Iterator[tuple[str, contextlib.AbstractContextManager[str]]]:
    """Each target in words, and what opens it: its `--sink`."""
    work.mkdir()
    yield "one `serve`", _served(work / "served.db")
    yield "one catalog file", contextlib.nullcontext(f"catalog:{work / 'file.db'}")


@contextlib.contextmanager
def _served(path: Path) -> Iterator[str]:
    with serve(path) as client:
        yield f"openmetadata:{client.base_url.copy_with(path='/api')}"


def _command(sink: str, service: str, count: int, work: Path) -> list[str]:
    command = [OM_INGEST, "run", "bench-tables", "--log-level", "error", "--service-name", service]
    command += ["--set", f"count={count}", "--sink", sink, "--state", str(work / "state")]
    return [*command, "--report", str(work / f"{service}.json")]


def _check(work: Path, count: int) -> None:
    """Raise `MeasurementError` unless the journal has so many runs, which all succeeded."""
    words = ("--json", "--status", "success", "--since", "1h", "--state", str(work / "state"))
    found = json.loads(run(OM_INGEST, "runs", *words).output)
    if len({one["serviceName"] for one in found}) < count:
        raise MeasurementError(f"the journal has {len(found)} successful runs, not {count}")


def _most(watched: Sequence[Watched]) -> str:
    """The largest of the processes."""
    peak = max(one.peak_bytes for one in watched)
    files = max(one.file_count for one in watched)
    return f"{megabytes(peak)}, {files} open files"
