"""What a run pays for being observed: by OpenLineage, and by OpenTelemetry.

The receiver of both is a thread of this process: it reads what it gets, and says that it has it.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.distributions import write_bench_tables
from benchmarks.process import MeasurementError, Usage, median
from benchmarks.table import Job, Row, Scale, megabytes

_OBSERVERS = {"--openlineage": "OM_INGEST_OPENLINEAGE_URL", "OTLP": "OTEL_EXPORTER_OTLP_ENDPOINT"}
"""What points a run at a receiver."""


class _Receiver(BaseHTTPRequestHandler):
    count = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).count += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in http.server
        """Says nothing."""


@contextlib.contextmanager
def _receiving() -> Iterator[str]:
    """The URL of a receiver."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextlib.contextmanager
def _variables(given: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for the commands that run inside."""
    os.environ.update(given)
    try:
        yield
    finally:
        for name in given:
            del os.environ[name]


def _pairs(job: Job, sink: str, variable: str, count: int) -> list[tuple[Usage, Usage]]:
    """Runs that nobody observes, and as many that a receiver is told of, in turns."""
    pairs = []
    with _receiving() as url:
        for number in range(count + 1):  # the first one fills the caches of files and bytecode
            plain, _ = job.run(sink)
            before = _Receiver.count
            with _variables({variable: url, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}):
                observed, _ = job.run(sink)
            if _Receiver.count == before:
                raise MeasurementError(f"the receiver of {variable} was told nothing")
            pairs += [(plain, observed)] * bool(number)
    return pairs


def runs(scale: Scale, work: Path) -> list[Row]:
    """A small run and a large one into a file, alone and observed."""
    site = write_bench_tables(work / "site-observed")
    rows = []
    for name, variable in _OBSERVERS.items():
        for tables, count in ((100, scale.starts), (scale.tables // 2, scale.runs)):
            job = Job(site, work, tables)
            pairs = _pairs(job, f"jsonl:{work}/observed.jsonl", variable, count)
            more_s = statistics.median(ours.wall_s - bare.wall_s for bare, ours in pairs)
            ratio = statistics.median(ours.wall_s / bare.wall_s for bare, ours in pairs)
            bare, ours = (median([pair[side] for pair in pairs]) for side in (0, 1))
            more_bytes = ours.peak_bytes - bare.peak_bytes
            rows.append(
                Row(
                    f"{tables:,} tables → jsonl, observed by {name}, whole process",
                    f"{more_s:+.2f} s (ratio {ratio:.2f}), {more_bytes / 1e6:+.1f} MB",
                    f"alone {bare.wall_s:.2f} s, {megabytes(bare.peak_bytes)}",
                    "",
                )
            )
    return rows
