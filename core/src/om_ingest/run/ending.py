"""The end of a run: every part closed, and everything that went wrong explained."""

from __future__ import annotations

import copy
import logging
import signal
from collections.abc import Callable, Mapping

from om_ingest.cancellation import Cancellation
from om_ingest.delivery import Fault, RunEnd, StepCount
from om_ingest.errors import (
    OmIngestError,
    OutputError,
    PluginFaultError,
    PluginImportError,
    RecordError,
    WorkflowError,
    described,
)
from om_ingest.failure_place import defined_at, located, place_of
from om_ingest.host.importing import modules_of, unmet
from om_ingest.masking import Redactor
from om_ingest.reasons import Reasons, counted
from om_ingest.registry import SINK_GROUP, InstalledSource, find_plugin
from om_ingest.run.job import Job
from om_ingest.run.mistakes import in_file
from om_ingest.sink import Processor, ProcessorStatus, Sink
from om_ingest.source import Note, Source, SourceStatus
from om_ingest.store import Closeable, MetadataStore, Outcome
from om_ingest.workflow.interrupt import Interrupt, is_fault
from om_ingest.workflow.processing import SinkStoppedError
from om_ingest.workflow.report import DELIVERED, RunReport
from om_ingest.workflow.stale import StaleEntities

_TRACE_CHARS = 20_000
"""Length of a stack trace at most, for the run's report on a server; its end says most."""

logger = logging.getLogger(__name__)


class Ending:
    """Ends the parts of a run one by one; an error in one does not keep the others from ending."""

    def __init__(
        self, job: Job, report: RunReport, interrupt: Interrupt, installed: InstalledSource
    ) -> None:
        """`installed` is the source of the run."""
        self._job = job
        self._installed = installed
        self._report = report
        self._interrupt = interrupt
        self._status = SourceStatus()
        """As the source gave it: masked keys would no longer protect what they name."""
        self.codes: list[int] = []
        """The exit codes of what went wrong, in order."""
        self._faults: dict[str, list[Fault]] = {"Source": [], "Sink": []}

    @property
    def code(self) -> int:
        """The exit code of the first error, which decides; 0 if there was none."""
        return next(filter(None, self.codes), 0)

    def ended_by(self, error: BaseException | None, source: str) -> None:
        """Report the error that ended the run, and who has to act."""
        if isinstance(error, PluginFaultError):
            said = f"{source} is broken: {error.what}"
            said = located(error, *modules_of(self._installed, error), said=said)
            error = PluginFaultError(said, error.remedy)
        if isinstance(error, WorkflowError):
            error = in_file(error, self._job)  # an adapter creates its source in `prepare`
        if error is None:
            return
        if not isinstance(error, SinkStoppedError):
            tally = self._report.tally
            count = counted(tally.yielded - tally.derived)
            self._explain(error, f"{source} died after {count}")
            return
        if isinstance(error.cause, OutputError) and error.cause.reader_left:
            return  # whoever reads has seen enough
        owner = find_plugin(SINK_GROUP, self._job.sink.type, self._job.allow)[1]
        kept = f"What it did not take is set aside. Tell the maintainer of {owner}."
        self._explain(error.cause, f"The sink {self._report.sink} died", kept, step="Sink")

    def blame_processors(self, faults: Mapping[str, BaseException]) -> None:
        """Report errors of processors that concern no single record."""
        for where, error in faults.items():
            if isinstance(error, OmIngestError):
                error.args = (f"{where}: {error.what}", error.remedy)
            kept = "The records of the source are delivered all the same."
            if self._job.dry_run:
                kept = "In a run, the records of the source are delivered all the same."
            self._explain(error, where, kept, name=where)

    def take_status(self, source: Source, name: str) -> None:
        """Put the source's status into the report."""

        def take() -> None:
            status = source.get_status()
            _check_status(status, name, defined_at(source.get_status))
            self._status = status
            self._report.source_status = told = copy.copy(status)
            told.reasons = {}
            for sort in ("warnings", "failures", "filtered"):
                notes, redact = list(getattr(status, sort)), self._job.redact
                mask(notes, redact.reason, redact)
                setattr(told, sort, notes)
                told.reasons[sort] = status.reasons.get(sort, Reasons()).masked(redact.reason)

        self._attempt(take, f"{name} died in get_status")
        _warn(self._report.source_status, self._report)

    def take_status_of(self, processor: Processor, name: str) -> None:
        """Put what a processor says into the report; `name` is that of the workflow file."""
        what = f"The processor {name}"

        def take() -> None:
            status: object = processor.get_status()
            if status is None:
                return
            if not isinstance(status, ProcessorStatus):
                wrong = f"get_status returned {type(status).__name__}"
                wrong += defined_at(processor.get_status)
                raise PluginFaultError(f"{what} is broken: {wrong}", "Tell its maintainer.")
            self._report.processors.append((name, status.masked(self._job.redact.reason)))

        self._attempt(take, f"{what} died in get_status")

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

        what = f"{type(sink).__name__} died while stale entities were looked for"
        self._attempt(remove, what, at="Sink")
        for notes in (stale.report.samples, stale.report.kept_scopes, stale.report.failures):
            mask(notes, self._job.redact.label, self._job.redact)
        stale.report.reasons = stale.report.reasons.masked(self._job.redact.reason)
        self._report.stale = stale.report

    def end(self, state: str, *, complete: bool = False) -> RunEnd:
        """How the run ends, as its sink learns it; `state` as in the report."""
        report, status, counts = self._report, self._report.source_status, self._report.counts()
        faults = [*self._faults["Source"], *self._interruption()]
        sink_faults = [
            *self._faults["Sink"],
            *(Fault(report.sink, complaint) for complaint in report.complaints()),
        ]
        source = StepCount(
            "Source",
            report.tally.yielded - report.tally.derived,
            warnings=status.warning_count,
            errors=status.failure_count + len(faults),
            filtered=status.filtered_count + counts["filtered"],
            failures=tuple((note.key, note.reason) for note in status.failures),
            faults=tuple(faults),
        )
        sink = StepCount(
            "Sink",
            report.tally.total(*DELIVERED),
            updated=counts["updated"],
            warnings=report.delivery_warnings.count,
            errors=counts["failed"] + len(sink_faults),
            filtered=counts[Outcome.LEFT_OUT.value],
            failures=tuple((note.key, note.reason) for note in report.tally.failures),
            faults=tuple(sink_faults),
        )
        died = bool(self.code or faults or sink_faults)
        return RunEnd(state, complete, died, (source, sink), report.success_threshold)

    def _interruption(self) -> list[Fault]:
        number = self._interrupt.signal_number
        if number is None:
            return []
        return [Fault(self._report.source, f"The run was ended by {signal.Signals(number).name}")]

    def kept_from_beginning(self, error: BaseException) -> None:
        """Note an error for the sink, which is open already; whoever catches it tells people."""
        fault, _ = self._fault(error, "The run could not begin", self._report.sink)
        self._faults["Sink"].append(fault)

    def finish(self, sink: Sink, end: RunEnd) -> None:
        """Tell the sink how the run ended."""
        what = f"{type(sink).__name__} died at the end of the run"
        self._attempt(lambda: sink.finish(end), what, writes=True)

    def _attempt(
        self, step: Callable[[], None], what: str, *, writes: bool = False, at: str = "Source"
    ) -> None:
        """Take a step; what it raises is reported. Signals end it, not at once if it `writes`."""
        try:
            with self._interrupt.waiting(patient=writes):
                step()
        except BaseException as error:  # noqa: BLE001  # a plugin may raise anything
            self._explain(error, what, step=at)

    def _explain(
        self,
        error: BaseException,
        what: str,
        kept: str = "",
        *,
        step: str = "Source",
        name: str = "",
    ) -> None:
        """Put an error into the report, and among the faults of its step, as that of `name`.

        `what` begins the message for an unexpected exception; `kept` says what became of the
        records, if not only those that were read before are delivered.
        """
        name = name or (self._report.sink if step == "Sink" else self._report.source)
        fault, code = self._fault(error, what, name)
        self._faults[step].append(fault)
        self._report.faults.append(fault)
        self.codes.append(code)
        said = fault.reason
        if fault.stack_trace:
            logger.debug("%s", what, exc_info=error)
            if not isinstance(error, RecordError):
                said += f"\n  {kept or self._delivered()}"
        self._report.errors.append(said)

    def _delivered(self) -> str:
        if self._job.dry_run:
            return "Nothing has been delivered: this was a dry run."
        if self._report.tally.total(*DELIVERED):
            return "What was read before has been delivered."
        return "Nothing has been delivered."

    def _fault(self, error: BaseException, what: str, name: str) -> tuple[Fault, int]:
        """An error as text, masked, with its exit code; where it is, unless it is an expected one.

        An error of a record, which ends more than that record, is not expected.
        """
        redact, remedy, code = self._job.redact, "", 1
        if isinstance(error, OmIngestError) and not isinstance(error, RecordError):
            return Fault(name, redact.message(str(error))), error.exit_code
        is_cut = isinstance(error, KeyboardInterrupt) and self._interrupt.is_cut_off
        said = f"{what}: {'cut off, as the run was to end' if is_cut else described(error)}"
        if not is_fault(error) and (ended := self._interruption()):
            said = f"{what.replace(' died ', ' was cut off ')}: {ended[0].reason}"
        elif isinstance(error, RecordError):
            said, remedy = error.args
        elif isinstance(error, ImportError):
            lacks, remedy = unmet(error)
            said, code = f"{what}: {lacks}", PluginImportError.exit_code
        said = redact.reason(said)
        is_of_source = name == self._report.source
        modules = modules_of(self._installed, error) if is_of_source else ()
        if place := redact(place_of(error, *modules)):
            said += f", at {place}"
        if remedy:
            said += f"\n  {redact.message(remedy)}"
        return Fault(name, said, redact.traceback(error)[-_TRACE_CHARS:], place), code


def _warn(status: SourceStatus, report: RunReport) -> None:
    """Put what works only in part before the warnings of a source, which are masked already."""
    limits = [Note(report.source, line) for line in report.source_limits]
    status.warning_count += len(limits)
    status.warnings = [*limits, *status.warnings][: max(status.sample_count, len(limits))]
    for note in limits:
        status.reasons["warnings"].add(note.reason, lambda: report.source)


def mask(notes: list[Note], key: Callable[[str], str], redact: Redactor) -> None:
    """Mask and cut notes in place; `key` masks what each is about."""
    notes[:] = [Note(key(note.key), redact.reason(note.reason)) for note in notes]


def _check_status(status: object, name: str, at: str) -> None:
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
        raise PluginFaultError(f"{name} is broken: {wrong}{at}", "Tell its maintainer.")
