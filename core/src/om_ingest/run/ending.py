"""The end of a run: every part closed, and everything that went wrong explained."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Mapping

from om_ingest.cancellation import Cancellation
from om_ingest.delivery import RunEnd, StepCount
from om_ingest.errors import OmIngestError, PluginFaultError, described
from om_ingest.masking import Redactor
from om_ingest.registry import SINK_GROUP, find_plugin
from om_ingest.run.job import Job
from om_ingest.sink import Sink
from om_ingest.source import Note, Source, SourceStatus
from om_ingest.store import Closeable, MetadataStore
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.processing import SinkStoppedError
from om_ingest.workflow.report import RunReport
from om_ingest.workflow.stale import StaleEntities

_DELIVERED = "What was read before has been delivered."

logger = logging.getLogger(__name__)


class Ending:
    """Ends the parts of a run one by one; an error in one does not keep the others from ending."""

    def __init__(self, job: Job, report: RunReport, interrupt: Interrupt) -> None:
        self._job = job
        self._report = report
        self._interrupt = interrupt
        self._status = SourceStatus()
        """As the source gave it: masked keys would no longer protect what they name."""
        self.codes: list[int] = []
        """The exit codes of what went wrong, in order."""

    @property
    def code(self) -> int:
        """The exit code of the first error, which decides; 0 if there was none."""
        return next(filter(None, self.codes), 0)

    def ended_by(self, error: BaseException | None, source: str) -> None:
        """Report the error that ended the run, and who has to act."""
        if isinstance(error, PluginFaultError):
            error = PluginFaultError(f"{source} is broken: {error.what}", error.remedy)
        if error is None:
            return
        if not isinstance(error, SinkStoppedError):
            tally = self._report.tally
            self._explain(error, f"{source} died after {tally.yielded - tally.derived} records")
            return
        owner = find_plugin(SINK_GROUP, self._job.sink.type, self._job.allow)[1]
        kept = f"What it did not take is set aside. Tell the maintainer of {owner};"
        self._explain(error.cause, f"The sink {self._report.sink} died", kept)

    def blame_processors(self, faults: Mapping[str, BaseException]) -> None:
        """Report errors of processors that concern no single record."""
        for where, error in faults.items():
            if isinstance(error, OmIngestError):
                error.args = (f"{where}: {error.what}", error.remedy)
            self._explain(error, where, "The records of the source are delivered all the same.")

    def take_status(self, source: Source, name: str) -> None:
        """Put the source's status into the report."""

        def take() -> None:
            status = source.get_status()
            _check_status(status, name)
            self._status = status
            self._report.source_status = told = copy.copy(status)
            for sort in ("warnings", "failures", "filtered"):
                notes = list(getattr(status, sort))
                mask(notes, self._job.redact.reason, self._job.redact)
                setattr(told, sort, notes)

        self._attempt(take, f"{name} died in get_status")

    def close(self, part: Closeable, name: str = "") -> None:
        """Close one part; a sink puts down there what it holds."""
        what = f"{name or type(part).__name__} died while it was closed"
        self._attempt(part.close, what, writes=isinstance(part, Sink))

    def remove_stale(
        self,
        sink: Sink,
        stale: StaleEntities,
        cancelled: Cancellation,
        watching: Callable[[MetadataStore], MetadataStore],
    ) -> None:
        """Mark as deleted what the source no longer has, where the target keeps entities.

        `watching` makes the store one that learns of what is deleted.
        """

        def remove() -> None:
            store = sink.existing()
            if store is not None:
                dry_run = self._job.dry_run
                stale.remove(watching(store), self._status, dry_run=dry_run, cancelled=cancelled)

        self._attempt(remove, f"{type(sink).__name__} died while stale entities were looked for")
        for notes in (stale.report.samples, stale.report.kept_scopes, stale.report.failures):
            mask(notes, self._job.redact.label, self._job.redact)
        self._report.stale = stale.report

    def finish(self, sink: Sink, end: RunEnd) -> None:
        """Tell the sink how the run ended."""
        what = f"{type(sink).__name__} died at the end of the run"
        self._attempt(lambda: sink.finish(end), what, writes=True)

    def _attempt(self, step: Callable[[], None], what: str, *, writes: bool = False) -> None:
        """Take a step; what it raises is reported. Signals end it, not at once if it `writes`."""
        try:
            with self._interrupt.waiting(patient=writes):
                step()
        except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001  # a plugin may raise anything
            self._explain(error, what)

    def _explain(self, error: BaseException, what: str, kept: str = _DELIVERED) -> None:
        """Put an error into the report.

        `what` begins the message for an unexpected exception; `kept` says what became of the
        records.
        """
        redact, errors = self._job.redact, self._report.errors
        if isinstance(error, OmIngestError):
            errors.append(redact.message(str(error)))
            self.codes.append(error.exit_code)
            return
        logger.debug("%s", what, exc_info=error)
        errors.append(
            f"{redact.reason(f'{what}: {described(error)}')}\n"
            f"  {kept} --log-level debug shows where it failed."
        )
        self.codes.append(1)


def end_of(report: RunReport, state: str, *, complete: bool = False, died: bool = False) -> RunEnd:
    """How a run ends, as its sink learns it."""
    status, counts = report.source_status, report.counts()
    failed = counts["failed"]
    source = StepCount(
        "Source",
        report.tally.yielded - report.tally.derived,
        warnings=status.warning_count,
        errors=status.failure_count,
        filtered=status.filtered_count + counts["filtered"],
        failures=tuple((note.key, note.reason) for note in status.failures),
    )
    sink = StepCount(
        "Sink",
        counts["yielded"] - counts["filtered"] - failed,
        errors=failed,
        failures=tuple((note.key, note.reason) for note in report.tally.failures),
    )
    return RunEnd(state, complete, died, (source, sink), report.success_threshold)


def mask(notes: list[Note], key: Callable[[str], str], redact: Redactor) -> None:
    """Mask and cut notes in place; `key` masks what each is about."""
    notes[:] = [Note(key(note.key), redact.reason(note.reason)) for note in notes]


def _check_status(status: object, name: str) -> None:
    """Raise `PluginFaultError` for an invalid status, which would falsify the exit code."""
    wrong = ""
    if not isinstance(status, SourceStatus):
        wrong = f"get_status returned {type(status).__name__}"
    else:
        for sort in ("scanned", "warning", "failure", "filtered"):
            count = getattr(status, f"{sort}_count")
            if not isinstance(count, int) or count < 0:
                wrong = f"its status counts {count!r} as {sort}"
    if wrong:
        raise PluginFaultError(f"{name} is broken: {wrong}", "Tell its maintainer.")
