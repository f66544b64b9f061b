"""Metrics in Prometheus' text format, without its client library: counters, gauges, histograms.

https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4)
"""

from __future__ import annotations

import os
import sys
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the durations that are counted together, as in Prometheus' own clients."""

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_STARTED_S = time.time()


class Sample(NamedTuple):
    """One number, and what tells it from others of its name."""

    labels: Mapping[str, object]
    value: float
    suffix: str = ""
    """What is added to the name: `_bucket`, `_sum` or `_count` of a histogram."""


class RequestMetrics:
    """Counts requests by method, route and status; for use in one thread, the event loop."""

    def __init__(self) -> None:
        self.in_flight = 0
        """Requests that have begun, and are not answered."""
        self._answered: Counter[tuple[str, str, int]] = Counter()
        self._durations: dict[tuple[str, str], list[int]] = {}
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the path with `{name}` in place of what varies."""
        key = method if method in _METHODS else "other", route
        self._answered[key[0], route, status] += 1
        if key not in self._durations:
            self._durations[key] = [0] * (len(BUCKETS_S) + 1)
        self._durations[key][bisect_left(BUCKETS_S, seconds)] += 1
        self._seconds[key] += seconds

    def lines(self) -> Iterator[str]:
        """The metrics of requests."""
        name = "om_ingest_http_requests"
        yield from metric(
            f"{name}_total",
            "counter",
            "Requests that have ended; 499: without an answer.",
            (
                Sample({"method": method, "route": route, "status": status}, count)
                for (method, route, status), count in sorted(self._answered.items())
            ),
        )
        yield from metric(
            "om_ingest_http_request_duration_seconds",
            "histogram",
            "Time from the head of a request to the end of its answer.",
            self._histogram(),
        )
        yield from metric(
            f"{name}_in_flight",
            "gauge",
            "Requests under way, this one included.",
            [Sample({}, self.in_flight)],
        )

    def _histogram(self) -> Iterator[Sample]:
        for key, counts in sorted(self._durations.items()):
            labels = dict(zip(("method", "route"), key, strict=True))
            bounds = (*map(str, BUCKETS_S), "+Inf")
            for bound, count in zip(bounds, accumulate(counts), strict=True):
                yield Sample({**labels, "le": bound}, count, "_bucket")
            yield Sample(labels, self._seconds[key], "_sum")
            yield Sample(labels, sum(counts), "_count")


def metric(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    """The lines of a metric; `kind` is `counter`, `gauge` or `histogram`."""
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, value, suffix in samples:
        shown = ",".join(f'{key}="{_escaped(str(text))}"' for key, text in labels.items())
        yield f"{name}{suffix}{{{shown}}} {value}" if shown else f"{name}{suffix} {value}"


def process_lines() -> Iterator[str]:
    """What Prometheus' clients tell of every process, under their names."""
    yield from metric(
        "process_start_time_seconds",
        "gauge",
        "When the process began, in seconds since 1970.",
        [Sample({}, _STARTED_S)],
    )
    yield from metric(
        "process_cpu_seconds_total",
        "counter",
        "CPU time of the process, user and system.",
        [Sample({}, time.process_time())],
    )
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        yield from metric(
            "process_resident_memory_bytes",
            "gauge",
            "Memory of the process.",
            [Sample({}, pages * os.sysconf("SC_PAGE_SIZE"))],
        )
        yield from metric(
            "process_open_fds",
            "gauge",
            "Open file descriptors.",
            [Sample({}, len(os.listdir("/proc/self/fd")))],  # noqa: PTH208  # names are counted
        )


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
