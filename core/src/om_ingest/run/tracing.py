"""Spans of OpenTelemetry for a run, its phases and its batches.

Used where the environment asks for traces (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/),
or the process has a tracer provider already, as below `opentelemetry-instrument`. The packages of
OpenTelemetry are no dependency: nothing here is imported otherwise.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from contextvars import Token
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any

from opentelemetry import context, propagate, trace

from om_ingest.errors import PluginError
from om_ingest.observer import ObservedRun, Phase, RunObserver, SettledBatch
from om_ingest.registry import host_version

_CARRIED = ("TRACEPARENT", "TRACESTATE", "BAGGAGE")
"""Variables that name the parent of a process, as
https://opentelemetry.io/docs/specs/otel/context/env-carriers/ has them."""

_PROTOCOLS = {"grpc": "otlp_proto_grpc", "http/protobuf": "otlp_proto_http"}
"""Names of the exporters of OTLP, by what OTEL_EXPORTER_OTLP_PROTOCOL says."""

_EXPORTERS = "opentelemetry_traces_exporter"

_EVENT_COUNT = 20
"""Errors at most that the span of a run tells."""

_KIND = re.compile(r"((?:\w+\.)*[A-Z]\w+)(?::|$)")
"""The line of a traceback that names the class of the exception."""


class Tracing(RunObserver):
    """The span of a run, one for each phase below it, and one for each batch below its phase.

    The span of a phase is current while that goes on: what connectors trace belongs to it. Called
    in the thread of the run.
    """

    def __init__(self, provider: Any, *, is_own: bool) -> None:
        """`is_own` tells whether the provider is of this run alone, and ends with it."""
        self._provider = provider
        self._is_own = is_own
        self._tracer = provider.get_tracer("om-ingest", host_version())
        self._run: Any = None
        self._phase: Any = None
        self._token: Token[Any] | None = None

    @classmethod
    def create(cls, value: str = "") -> Tracing:
        """With the provider of the process, or one as the environment describes it.

        Raises `PluginError` for an exporter that is not installed.
        """
        provider = trace.get_tracer_provider()
        if not isinstance(provider, trace.ProxyTracerProvider):
            return cls(provider, is_own=False)
        provider = _provider()
        trace.set_tracer_provider(provider)  # for connectors that trace, too
        return cls(provider, is_own=True)

    def started(self, run: ObservedRun) -> None:
        carrier = {name.lower(): os.environ[name] for name in _CARRIED if name in os.environ}
        known = {
            "om_ingest.run.id": run.run_id,
            "om_ingest.workflow": run.workflow,
            "om_ingest.source": run.source,
            "om_ingest.service": run.service_name,
            "om_ingest.sink": run.sink,
            "om_ingest.pipeline": run.pipeline_fqn,
            "om_ingest.dry_run": run.dry_run,
        }
        self._run = self._tracer.start_span(
            f"run {run.source}",
            propagate.extract(carrier),
            attributes={key: value for key, value in known.items() if value is not None},
            start_time=_ns(run.started_at),
        )

    def phase_began(self, name: str, at: datetime) -> None:
        parent = trace.set_span_in_context(self._run)
        self._phase = self._tracer.start_span(name, parent, start_time=_ns(at))
        self._token = context.attach(trace.set_span_in_context(self._phase, parent))

    def phase_ended(self, phase: Phase) -> None:
        if self._token is not None:
            context.detach(self._token)
        self._end_phase(phase.error, phase.ended_at)

    def _end_phase(self, error: str, at: datetime | None = None) -> None:
        span, self._phase, self._token = self._phase, None, None
        if span is None:
            return
        if error:
            span.set_status(trace.StatusCode.ERROR, error)
        span.end(_ns(at) if at is not None else None)

    def settled(self, batch: SettledBatch) -> None:
        counts = Counter(result.outcome.value for result in batch.results)
        span = self._tracer.start_span(
            "deliver",
            trace.set_span_in_context(self._phase or self._run),
            attributes={
                "om_ingest.records": len(batch.results),
                **{_attribute(name): count for name, count in counts.items()},
            },
            start_time=_ns(batch.began_at),
        )
        if counts["failed"]:
            first = next(each for each in batch.results if each.outcome.value == "failed")
            span.set_status(trace.StatusCode.ERROR, first.reason)
        span.end(_ns(batch.ended_at))

    def ended(self, report: Mapping[str, Any]) -> None:
        self._end_phase("interrupted")  # one that goes on when the time is up
        span, state = self._run, report["state"]
        span.set_attribute("om_ingest.run.state", state)
        span.set_attribute("process.exit.code", report["exitCode"])
        for name, count in report["records"].items():
            span.set_attribute(_attribute(name), count)
        told = [_of_fault(fault) for fault in report["faults"]] or [
            {"exception.type": "OmIngestError", "exception.message": error}
            for error in report["errors"]
        ]
        for attributes in told[:_EVENT_COUNT]:
            span.add_event("exception", attributes)
        if state != "success":
            errors = report["errors"] or [f"the run is {state}"]
            span.set_status(trace.StatusCode.ERROR, errors[0].partition("\n")[0])
            if told:
                span.set_attribute("error.type", told[0]["exception.type"])
        span.end()

    def close(self) -> None:
        """Export what is left; may take as long as the receiver does."""
        if self._is_own:
            self._provider.shutdown()
        elif hasattr(self._provider, "force_flush"):
            self._provider.force_flush()


def _provider() -> Any:
    """A provider with the exporters that the environment names."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    known = {"service.name": "om-ingest", "service.version": host_version()}
    given = OTELResourceDetector().detect().attributes
    resource = Resource.create({key: known[key] for key in known if key not in given})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    names = os.environ.get("OTEL_TRACES_EXPORTER") or "otlp"
    for name in names.split(","):
        provider.add_span_processor(BatchSpanProcessor(_exporter(name.strip())))
    return provider


def _exporter(name: str) -> Any:
    """The exporter of this name; raises `PluginError` if it is not installed."""
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get(
        "OTEL_EXPORTER_OTLP_PROTOCOL", ""
    )
    wanted = [name]
    if name == "otlp":
        wanted = [_PROTOCOLS[protocol]] if protocol in _PROTOCOLS else list(_PROTOCOLS.values())
    for each in wanted:
        for point in entry_points(group=_EXPORTERS, name=each):
            return point.load()()
    raise PluginError(
        f"The exporter {name} of OpenTelemetry is not installed",
        'Install it: pip install "opentelemetry-exporter-otlp-proto-http" for otlp.',
    )


def _of_fault(fault: Mapping[str, Any]) -> dict[str, str]:
    """An error as the attributes of an event `exception`, by the semantic conventions."""
    trace_lines = reversed(fault["traceback"].splitlines())
    kinds = (found[1] for line in trace_lines if (found := _KIND.match(line)))
    told = {
        "exception.type": next(kinds, "OmIngestError"),
        "exception.message": fault["reason"],
        "exception.stacktrace": fault["traceback"],
    }
    return {key: value for key, value in told.items() if value}


def _attribute(name: str) -> str:
    """The attribute that counts the records of an outcome."""
    return f"om_ingest.records.{name.replace('leftOut', 'left_out')}"


def _ns(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000
