"""What a sink knows about its run: the context, the journal, and how the run ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from om_ingest.cancellation import Cancellation
from om_ingest.config.settings import SourceConfig
from om_ingest.errors import PluginError
from om_ingest.kinds import Parcel
from om_ingest.masking import Redactor
from om_ingest.store import ForwardingStore, MetadataStore, WriteResult

Settled = Sequence[tuple[int, WriteResult]]
"""Results of some of many records, each with the place of its record among them."""


class DeliveryJournal(Protocol):
    """Remembers what the target has acknowledged; any thread may call it.

    A sink that uses it declares `keeps_journal`; `om-ingest run --resume` then continues where
    an earlier run stopped. `Parcel.of(record)` is what it takes. Neither method raises.
    """

    def unsent(self, parcels: Sequence[Parcel]) -> list[bool]:
        """Which of the records have to be sent, one answer per record.

        False for one that an earlier run of the job has delivered with the same content, and
        that is live in `Sink.existing()` where that is a store: it is settled as
        `Outcome.UNCHANGED`. Called once for each record, in the order in which they are written,
        and again for one that is tried again at the end of the run.
        A sink that writes several at a time does not ask about a record while an earlier version
        of it is in flight: it is always sent after that.
        """

    def acknowledge(self, parcels: Sequence[Parcel]) -> None:
        """Remember records that the target has acknowledged just now, in their order.

        Whatever happens to the process afterwards, they are remembered when it returns.
        """


class NoJournal:
    """A journal that remembers nothing: every record has to be sent."""

    def unsent(self, parcels: Sequence[Parcel]) -> list[bool]:
        """True for every record."""
        return [True] * len(parcels)

    def acknowledge(self, parcels: Sequence[Parcel]) -> None:
        """Nothing is done."""


def no_scratch() -> MetadataStore:
    """Raise `PluginError`: this context belongs to no run, so no store is known."""
    raise PluginError(
        "There is no store to read back from", "Give the context a `scratch` that opens one."
    )


class NoStore(ForwardingStore):
    """The store of a context that has none: every call raises `PluginError`."""

    def _target(self) -> MetadataStore:
        raise PluginError(
            "There is no store to look anything up in",
            "In a run processors have one as ctx.metadata; sinks have their own.",
        )


_KEY_COUNT = 1000
"""More than there are fields and values that an old server does not know, of all kinds."""


class DeliveryWarnings:
    """What sinks and processors find odd: counts and reasons by key; any thread may add to it.

    Its size does not grow with the data: after the first thousand keys only the count grows.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: dict[str, tuple[str, int]] = {}
        self.count = 0
        """Records that were warned of, and warnings about the run as a whole."""

    def add(self, key: str, reason: str, record_count: int = 1) -> bool:
        """Count records for a key; whether it is a new key, whose reason is kept."""
        with self._lock:
            self.count += max(record_count, 1)
            is_new = key not in self._noted
            if is_new and len(self._noted) >= _KEY_COUNT:
                return False
            first, count = self._noted.get(key, (reason, 0))
            self._noted[key] = first, count + record_count
            return is_new

    def noted(self) -> list[tuple[str, str, int]]:
        """Keys in the order in which they came, each with its reason and count of records."""
        with self._lock:
            return [(key, *noted) for key, noted in self._noted.items()]


@dataclass(frozen=True)
class SinkContext:
    """What a sink or a processor knows of the run it serves."""

    run_id: str = ""
    """Unique id of the run."""

    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("om_ingest.sink"))
    """Where a sink logs."""

    server: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """`workflowConfig.openMetadataServerConfig` of the workflow file, its secrets in clear; may
    be empty."""

    source: str = ""
    """Name of the source that the records come from."""

    distribution: str = ""
    """Distribution of that source, with its version."""

    service_name: str = ""
    """Name of the service that the records are filed under."""

    service_type: str = ""
    """Family of that service, e.g. `database`; empty if it is unknown."""

    source_config: SourceConfig = field(default_factory=SourceConfig)
    """`sourceConfig.config` of the workflow file."""

    pipeline_fqn: str | None = None
    """The ingestion pipeline that the run is reported to: `ingestionPipelineFQN`."""

    cancelled: Cancellation = field(default_factory=Cancellation)
    """Set when the run is to stop: a sink then waits for nothing any more."""

    metadata: MetadataStore = field(default_factory=NoStore, repr=False)
    """For processors: the store of the run, in which they look things up.

    It answers with everything that was yielded before, which is delivered first; a sink has no
    such store. Not usable in `create`, where it raises a `PluginError`: the run begins later.
    """

    journal: DeliveryJournal = field(default_factory=NoJournal)
    """Knows what need not be sent again when a run is resumed."""

    scratch: Callable[[], MetadataStore] = field(default=no_scratch, repr=False)
    """Opens an empty temporary store, for a sink that keeps none of its own; the sink closes
    it. Raises a `PluginError` where no store is installed."""

    redact: Redactor = field(default_factory=Redactor, repr=False)
    """Masks the secrets of the run: `redact(text)`, or `redact.reason(text)` for a reason, which
    it folds into one line and cuts as well. Results and logs are masked without it; a sink that
    cuts texts itself has to mask them first."""

    warnings: DeliveryWarnings = field(default_factory=DeliveryWarnings, repr=False)
    """What `warn` has noted; the report of the run shows it."""

    def warn(self, key: str, reason: str, record_count: int = 1) -> None:
        """Note something odd about records that are delivered all the same.

        `key` is what it is about, not one record but a kind of them: `query.usedBy`. The first
        time it is logged with its reason; the report has one entry for each key, with the number
        of records: 0 for what concerns the run as a whole. Any thread may call it.
        """
        reason = self.redact.reason(reason)
        if self.warnings.add(key, reason, record_count):
            self.logger.warning("%s: %s", key, reason)


class Fault(NamedTuple):
    """An error that ended a step of a run, or that concerns no single record of it."""

    name: str
    """What went wrong: the source, the sink or the processor."""

    reason: str
    """The error, masked."""

    stack_trace: str = ""
    """Where a bug is, masked; empty for an expected error."""

    place: str = ""
    """Its last place in the code of the plugin, e.g. `source.py:56 in items`; may be empty."""


@dataclass(frozen=True)
class StepCount:
    """What one step of a run did."""

    name: str
    """`Source` or `Sink`."""

    records: int
    """Records that it yielded or delivered."""

    updated: int = 0
    """Records, among those delivered, that are known to have changed something."""

    warnings: int = 0
    errors: int = 0
    """Records that failed, things that could not be read, and faults."""

    filtered: int = 0
    """Records that were filtered out, or that the target cannot hold."""

    failures: tuple[tuple[str, str], ...] = ()
    """The first ones: what each is about, and the reason."""

    faults: tuple[Fault, ...] = ()
    """Errors that ended the step, or that concern no single record."""


@dataclass(frozen=True)
class RunEnd:
    """How a run ended, as far as that is known before its sink is closed."""

    state: str
    """`success`, `failed` or `interrupted`, as in the report."""

    complete: bool
    """Whether the source was read to its end and nothing failed, not even what the workflow
    tolerates: only then is what was not yielded known to be gone."""

    died: bool = False
    """Whether an error ended the run, or occurred apart from single records."""

    steps: tuple[StepCount, ...] = ()
    """What the source and the sink did."""

    success_threshold: int | None = None
    """`successThreshold` in percent, as the workflow file has it; None if it does not."""
