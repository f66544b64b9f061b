"""Spans of runs, taken by a receiver of OTLP over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.receiver import Receiver

if TYPE_CHECKING:
    from tests.command import Cli, Connect

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SHOP = """
    def next_record(self):
        from opentelemetry import trace
        yield from stock.tables(2)
        with trace.get_tracer("shop").start_as_current_span("query"):
            yield stock.table("bad", "shop.nowhere.public")
        raise ValueError("the shop has closed")
"""


class Spans(Receiver):
    """Keeps the spans that it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[Any] = []
        self.resource: dict[str, str] = {}

    def take(self, body: bytes, path: str, headers: Mapping[str, str]) -> None:
        for each in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource = attributes(each.resource)
            for scope in each.scope_spans:
                self.spans += scope.spans

    @property
    def env(self) -> dict[str, str]:
        """What points a process at it."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.url,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        }

    def named(self, name: str) -> Any:
        """The one span with this name."""
        (span,) = [span for span in self.spans if span.name == name]
        return span


def attributes(part: Any) -> dict[str, Any]:
    """The attributes of a span, an event or a resource."""
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in part.attributes
    }


@pytest.fixture
def receiver() -> Iterator[Spans]:
    """A receiver of OTLP over HTTP."""
    spans = Spans()
    with spans.serving():
        yield spans


def test_failed_run(cli: Cli, receiver: Spans, connector: Connect) -> None:
    """A run is a span below that of its environment, with phases, batches and what went wrong.

    What a connector traces lies below the phase that goes on.
    """
    connector("shop", SHOP)
    parent = {"TRACEPARENT": f"00-{TRACE}-{PARENT}-01", "OTEL_RESOURCE_ATTRIBUTES": "team=data"}
    run = cli("run", "shop", env={**receiver.env, **parent})
    assert run.code == 1, run.err
    whole = receiver.named("run shop")
    assert {span.trace_id.hex() for span in receiver.spans} == {TRACE}
    assert whole.parent_span_id.hex() == PARENT
    assert whole.status.code == 2
    assert "died after 6 records" in whole.status.message
    told = attributes(whole)
    assert told["om_ingest.records.failed"] == 1
    assert [told[key] for key in ("om_ingest.run.state", "process.exit.code")] == ["failed", 1]
    (event,) = whole.events
    said = attributes(event)
    assert said["exception.type"] == told["error.type"] == "ValueError"
    assert "died after 6 records: ValueError: the shop has closed" in said["exception.message"]
    assert "in next_record" in said["exception.stacktrace"]
    phases = {span.name: span for span in receiver.spans if span.parent_span_id == whole.span_id}
    assert list(phases) == ["assemble", "open", "prepare", "read", "close"]
    assert phases["read"].status.message == "ValueError: the shop has closed"
    below = [span for span in receiver.spans if span.parent_span_id == phases["read"].span_id]
    assert {span.name for span in below} == {"deliver", "query"}
    batches = [span for span in below if span.name == "deliver"]
    counts = sum((Counter(attributes(batch)) for batch in batches), Counter())
    assert counts == {
        "om_ingest.records": 6,
        "om_ingest.records.created": 5,
        "om_ingest.records.failed": 1,
    }
    for batch in batches:
        moments = [batch.start_time_unix_nano, batch.end_time_unix_nano]
        within = [whole.start_time_unix_nano, *moments, whole.end_time_unix_nano]
        assert within == sorted(within)
    wanted = {"service.name": "om-ingest", "service.version": "0.1.0", "team": "data"}
    assert receiver.resource.items() >= wanted.items()


def test_run_that_cannot_begin(cli: Cli, receiver: Spans, connector: Connect) -> None:
    """A run whose source cannot be created has its span, too, with the exit code; 3 here."""
    connector("dies", "pass")
    assert cli("run", "dies", env=receiver.env).code == 3
    whole = receiver.named("run dies")
    assert attributes(whole)["process.exit.code"] == 3
    assert "does not implement next_record" in whole.status.message


def test_who_asks(cli: Cli, shop: str, receiver: Spans) -> None:
    """`none`, or OTEL_SDK_DISABLED, is no tracing; with the console, spans go to standard error."""
    for key, value in {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "none"}.items():
        cli("run", shop, env={**receiver.env, key: value}).succeeded()
    assert not receiver.spans
    run = cli("run", shop, env={"OTEL_TRACES_EXPORTER": "console"}).succeeded()
    assert f'"name": "run {shop}"' in run.err
    assert "trace_id" not in run.out


def test_no_receiver_and_no_packages(cli: Cli, shop: str, receiver: Spans) -> None:
    """A receiver that does not answer, and packages that are missing, are a warning each."""
    receiver.answers.clear()
    slow = {**receiver.env, "OTEL_EXPORTER_OTLP_TIMEOUT": "0.3"}
    assert "Failed to export" in cli("run", shop, env=slow).succeeded().err
    run = cli("run", shop, env={"OTEL_TRACES_EXPORTER": "zipkin"}).succeeded()
    assert "there will be none: The exporter zipkin of OpenTelemetry is not installed" in run.err
    (cli.site / "opentelemetry.py").write_text("raise ModuleNotFoundError('No opentelemetry')")
    run = cli("run", shop, env=receiver.env).succeeded()
    assert run.err.count("The environment asks for traces, and there will be none") == 1
    assert "pip install opentelemetry-sdk" in run.err


INSTRUMENTED = """
import sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
trace.set_tracer_provider(provider)
from om_ingest.program import main
main()
"""


@pytest.mark.full
def test_provider_of_the_process(cli: Cli, shop: str) -> None:
    """Where the process has a tracer provider, as below opentelemetry-instrument, that is used."""
    words = [sys.executable, "-c", INSTRUMENTED, "run", shop]
    run = subprocess.run(words, cwd=cli.cwd, env=cli.env, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert f'"name": "run {shop}"' in run.stderr
    assert '"name": "read"' in run.stderr
