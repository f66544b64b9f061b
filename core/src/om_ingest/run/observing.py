"""Tells the observers of a run how it goes; with none, nothing is imported and nothing is told."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from om_ingest.errors import described
from om_ingest.observer import Phase, SettledBatch

if TYPE_CHECKING:
    from om_ingest.run.job import Job
    from om_ingest.run.told import Told
    from om_ingest.store import WriteResult
    from om_ingest.workflow.delivering import Delivery

ASKED = "OM_INGEST_OBSERVERS"
"""Names observers, separated by spaces: NAME or NAME:VALUE."""

END_S = 10.0
"""Longest time that the end of a run waits for its observers, all together."""

_BATCH_COUNT = 500
"""Records that are told together at most, give or take a few."""


class Observers:
    """Those who are told of one run; nobody, unless some are given."""

    def __init__(
        self, told: Sequence[Told] = (), mask: Callable[[str], str] = lambda text: text
    ) -> None:
        """`mask` makes one line of an error, without secrets."""
        self._told = list(told)
        self._mask = mask
        self._settled: list[WriteResult] = []
        self._since_s = time.monotonic()
        """When the observers were told of records for the last time."""
        self.phases: list[Phase] = []
        """The phases that have ended."""

    @contextlib.contextmanager
    def phase(
        self, name: str, error: Callable[[], BaseException | None] = lambda: None
    ) -> Iterator[None]:
        """A phase goes on inside. `error` tells afterwards what ended it without being raised."""
        began = _now()
        self._tell("phase_began", name, began)
        raised: BaseException | None = None
        try:
            yield
        except BaseException as caught:
            raised = caught
            raise
        finally:
            raised = raised or error()
            reason = ""
            if raised is not None:
                is_error = isinstance(raised, Exception)
                reason = self._mask(described(raised)) if is_error else "interrupted"
            self.phases.append(phase := Phase(name, began, _now(), reason))
            self._tell("phase_ended", phase)

    def watch(self, delivery: Delivery) -> None:
        """Be told of what a delivery settles, from now on."""
        if not self._told:
            return
        count = delivery.settle

        def settle(result: WriteResult) -> None:
            count(result)
            self._settled.append(result)
            if len(self._settled) >= _BATCH_COUNT:
                self._tell_settled(self._since_s)

        delivery.settle, delivery.worked = settle, self._tell_settled

    def _tell_settled(self, began_s: float) -> None:
        """Tell of the records that are settled; the sink got to work at this monotonic time."""
        if not self._settled:
            return
        ended = time.time()
        began = _moment(ended - (time.monotonic() - began_s))
        batch, self._settled = self._settled, []
        self._since_s = time.monotonic()
        self._tell("settled", SettledBatch(batch, began, _moment(ended)))

    def ended(self, report: Mapping[str, Any], within_s: float | None = None) -> None:
        """Tell how the run ended, once, and close the observers; waits so long, or `END_S`.

        Any thread may call it.
        """
        told, self._told = self._told, []
        if not told:
            return
        over_at = time.monotonic() + (END_S if within_s is None else within_s)
        # Whoever interrupts it has waited long enough.
        with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(KeyboardInterrupt):
            if self._settled:
                now = _now()
                for each in told:
                    each.tell("settled", SettledBatch(self._settled, now, now))
            for each in told:
                each.tell("ended", report)
                each.tell("close")
            for each in told:
                each.leave(over_at)

    def _tell(self, method: str, *arguments: Any) -> None:
        for each in self._told:
            each.tell(method, *arguments)


def begin(job: Job) -> Observers:
    """The observers of a job that begins, which are told of it.

    Raises `PluginError` for one that was asked for and is not there, and `WorkflowError` for a
    value that one cannot use.
    """
    asked = [("openlineage", job.openlineage)] if job.openlineage else []
    for word in os.environ.get(ASKED, "").split():
        name, _, value = word.partition(":")
        asked.append((name, value))
    traces = _asks_for_traces()
    if not asked and not traces:
        return Observers(mask=job.redact.reason)
    from om_ingest.run.asked_observers import told_of  # for these runs only

    return Observers(told_of(job, asked, traces=traces), job.redact.reason)


def _asks_for_traces() -> bool:
    """Whether the environment, or who started this process, has set OpenTelemetry up."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    api = sys.modules.get("opentelemetry.trace")  # of `opentelemetry-instrument`
    if api and not isinstance(api.get_tracer_provider(), api.ProxyTracerProvider):
        return True
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    endpoints = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return exporter != "none" if exporter else any(map(os.environ.get, endpoints))


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
