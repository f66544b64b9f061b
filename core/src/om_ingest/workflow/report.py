"""What a run did: counts, durations, failures, and the exit code that follows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from om_ingest.delivery import DeliveryWarnings, Fault
from om_ingest.reasons import Reasons
from om_ingest.source import Note, SourceStatus
from om_ingest.source_status import ProcessorStatus
from om_ingest.store import Outcome
from om_ingest.workflow import circumstances
from om_ingest.workflow.circumstances import RUNNING
from om_ingest.workflow.stale import StaleReport
from om_ingest.workflow.tally import SAMPLE_COUNT, Tally

if TYPE_CHECKING:
    from om_ingest.observer import Phase

DELIVERED = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.WRITTEN)


@dataclass
class RunReport:
    """The result of a run, as `--report` writes it."""

    run_id: str
    source: str
    """Name of the source."""

    distribution: str
    """Distribution and version that the source comes from."""

    service_name: str
    sink: str
    """Where the records went."""

    dry_run: bool = False
    override_metadata: bool = False
    """Whether what the source says wins over what people have set."""

    limits: Sequence[str] = ()
    """What `om-ingest check` found that records can say and the target cannot hold."""

    source_limits: Sequence[str] = ()
    """What the source says works only in part; in the report of a run these are warnings."""

    limit: int | None = None
    """Records after which the run stopped on request."""

    resumed_from: str | None = None
    """Id of the run that this one continues."""

    skipped: int = 0
    """Records, among those unchanged, that an earlier run had delivered: not sent again."""

    success_threshold: int | None = None
    """Share of the records, in percent, that must succeed; None for all."""

    raise_on_error: bool = True
    """Whether failed records make the exit code 1."""

    state: str = RUNNING
    """`running`, `success`, `failed` or `interrupted`."""

    exit_code: int = 0
    started_at: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat())
    """UTC, ISO 8601."""

    prepare_s: float = 0.0
    """Seconds until the source was ready."""

    read_s: float = 0.0
    """Seconds spent in the source and the processors."""

    write_s: float = 0.0
    """Seconds spent in the sink."""

    total_s: float = 0.0
    """Seconds of the whole run."""

    ended_at: str | None = None
    """As `started_at`; None for a run that goes on."""

    phases: Sequence[Phase] = ()
    """Those that have ended, in their order."""

    workflow: circumstances.WorkflowFile = field(default_factory=circumstances.WorkflowFile)
    """The file that was to be run."""

    tally: Tally = field(default_factory=Tally)
    source_status: SourceStatus = field(default_factory=SourceStatus)
    delivery_warnings: DeliveryWarnings = field(default_factory=DeliveryWarnings)
    """What the sink and the processors find odd about records that are delivered."""

    processors: list[tuple[str, ProcessorStatus]] = field(default_factory=list)
    """What those processors say that say something, by the names of the workflow file."""

    errors: list[str] = field(default_factory=list)
    """What ended the run, and errors that concern no single record; one text each."""

    faults: list[Fault] = field(default_factory=list)
    """The same errors as far as they ended a step: with their place and stack trace."""

    read_to_end: bool = False
    """Whether the source ended by itself; if not, unknown records are missing."""

    stale: StaleReport | None = None
    """What was marked as deleted; None if the run did not come that far."""

    dead_letters: str | None = None
    """The file that holds the failed records; None if there were none."""

    not_replayable: int = 0
    """Records in that file that no replay can deliver: the source has to yield them again."""

    kept_in: str = ""
    """Folder of the journal that has this run; empty if none has."""

    journal: dict[str, Any] | None = None
    """What the journal knows of the job, as plain data; None for a run that is not kept."""

    began_s: float = field(default_factory=time.monotonic, repr=False)
    """When the run began, on the monotonic clock."""

    def finish(
        self, error_code: int = 0, signal_number: int | None = None, *, is_cut_off: bool = False
    ) -> None:
        """Fix state and exit code; `error_code` is that of the error that ended the run, or 0.

        The count of a run that `is_cut_off` need not add up.
        """
        self.total_s = time.monotonic() - self.began_s
        self.ended_at = datetime.now(timezone.utc).isoformat()
        self.errors += () if is_cut_off else self.complaints()
        self.state, self.exit_code = self.verdict(error_code, signal_number)

    def complaints(self) -> list[str]:
        """What is wrong with the results that the sink has given, one text each."""
        tally, found = self.tally, []
        if tally.unaccounted:
            found.append(
                f"The count does not add up: {tally.yielded} records were yielded, "
                f"{tally.unaccounted} of them have no result from the sink {self.sink}.\n"
                "  Tell the sink's maintainer, and run again: what arrived stays as it is."
            )
        if tally.unexpected:
            found.append(
                f"The sink {self.sink} gave {tally.unexpected} results too many, for records that "
                "it was not given or had reported before.\n  Tell the sink's maintainer."
            )
        return found

    def verdict(self, error_code: int, signal_number: int | None) -> tuple[str, int]:
        """State and exit code of a run that ends now; arguments as for `finish`."""
        if signal_number is not None:
            return "interrupted", 128 + signal_number
        tally, failed = self.tally, self.failed_count
        if tally.unaccounted or tally.unexpected:
            error_code = error_code or 1
        whole = failed + tally.total(*DELIVERED)
        share = 100 if self.success_threshold is None else self.success_threshold
        too_many = 100 * (whole - failed) < share * whole
        if too_many and self.raise_on_error:
            error_code = error_code or 1
        return "failed" if error_code or too_many else "success", error_code

    @property
    def problem(self) -> str:
        """What is wrong beside failed records, in one line; empty if nothing is."""
        if self.errors:
            return self.errors[0].partition("\n")[0]
        count = self.source_status.failure_count
        return f"failures in the source: {count}" if count else ""

    @property
    def failed_count(self) -> int:
        """Records that failed, and things that the source could not read."""
        return self.tally.total(Outcome.FAILED) + self.source_status.failure_count

    @property
    def records_per_s(self) -> float:
        """Settled records per second of the whole run."""
        settled = self.tally.yielded - self.tally.filtered
        return settled / self.total_s if self.total_s else 0.0

    def counts(self) -> dict[str, int]:
        """The numbers that must add up: yielded = the sum of all others.

        What processors yield of their own counts as yielded, too: `derived` tells how much.
        """
        tally = self.tally
        return {
            "yielded": tally.yielded,
            **{outcome.value: tally.total(outcome) for outcome in Outcome},
            "filtered": tally.filtered,
        }

    def by_entity_type(self) -> dict[str, dict[str, int]]:
        """Counts per entity type, then per outcome; outcomes that never occurred are 0."""
        names = dict.fromkeys(name for name, _ in self.tally.by_type)
        return {
            name: {outcome.value: self.tally.by_type[name, outcome] for outcome in Outcome}
            for name in names
        }

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data; durations in seconds."""
        status = self.source_status
        return {
            **circumstances.run_keys(self),
            **circumstances.as_dict(self),
            "dryRun": self.dry_run,
            "overrideMetadata": self.override_metadata,
            "limit": self.limit,
            "skipped": self.skipped,
            "derived": self.tally.derived,
            "durations_s": {
                "prepare": round(self.prepare_s, 3),
                "read": round(self.read_s, 3),
                "write": round(self.write_s, 3),
                "total": round(self.total_s, 3),
            },
            "recordsPerSecond": round(self.records_per_s, 1),
            "records": self.counts(),
            "byEntityType": self.by_entity_type(),
            "failures": _notes(
                self.tally.total(Outcome.FAILED), self.tally.failures, self.tally.reasons
            ),
            "sourceStatus": {
                "scanned": status.scanned_count,
                **{
                    sort: _notes(count, getattr(status, sort), status.reasons.get(sort))
                    for sort, count in (
                        ("warnings", status.warning_count),
                        ("failures", status.failure_count),
                        ("filtered", status.filtered_count),
                    )
                },
                "changes": {change: dict(counts) for change, counts in status.changes.items()},
            },
            "deliveryWarnings": {
                "total": self.delivery_warnings.count,
                "samples": [
                    {"key": key, "reason": reason, "records": count}
                    for key, reason, count in self.delivery_warnings.noted()
                ],
            },
            "processors": [
                {
                    "name": name,
                    "counts": dict(said.counts),
                    "warnings": _notes(said.warning_count, said.warnings, said.reasons),
                }
                for name, said in self.processors
            ],
            "readToEnd": self.read_to_end,
            "stale": self.stale.as_dict() if self.stale else None,
            "errors": self.errors,
            "faults": [
                {
                    "name": fault.name,
                    "reason": fault.reason,
                    "place": fault.place,
                    "traceback": fault.stack_trace,
                }
                for fault in self.faults
            ],
            "journal": self.journal,
            "deadLetters": self.dead_letters,
            "deadLettersPath": self.dead_letters and str(Path(self.dead_letters).absolute()),
            "notReplayable": self.not_replayable,
        }


def _notes(count: int, notes: list[Note], reasons: Reasons | None) -> dict[str, Any]:
    return {
        "total": count,
        "samples": [asdict(note) for note in notes[:SAMPLE_COUNT]],
        "reasons": reasons.as_list() if reasons else [],
    }
