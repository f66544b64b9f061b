"""One run and its journal: entered when it begins, resumed if asked, and closed when it ends."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from om_ingest.errors import OmIngestError, WorkflowError
from om_ingest.host.assembly import Assembly, Job
from om_ingest.workflow.journal import Journal, JournalPlace
from om_ingest.workflow.kept_run import RUNNING, SUCCESS
from om_ingest.workflow.report import RunReport

logger = logging.getLogger(__name__)


def place_of(
    workflow: Path | str, *, state: Path | None, resume: bool, dry_run: bool
) -> JournalPlace | None:
    """Where to keep the runs of a file, or of a source's name; None for a dry run.

    `state` is the folder that was asked for. Raises `WorkflowError` for a dry run that is to
    be resumed.
    """
    if dry_run and resume:
        raise WorkflowError(
            "A dry run delivers nothing, so it cannot be resumed",
            "Leave --dry-run or --resume out.",
        )
    if dry_run:
        return None
    folder = Path.cwd()
    if isinstance(workflow, Path) and workflow.is_file():  # a pipe lies nowhere
        workflow = workflow.resolve()
        folder = workflow.parent
    return JournalPlace(
        folder=state or folder,
        workflow=str(workflow),
        resume=resume,
        is_required=resume or state is not None,
    )


@contextlib.contextmanager
def journaled(job: Job, assembly: Assembly) -> Iterator[None]:
    """Keep the run inside in its journal, with how it ended.

    Raises `WorkflowError` if it is to be resumed, or its journal was asked for, and that
    cannot be.
    """
    with contextlib.ExitStack() as opened:
        entered = _enter(job.journal, assembly, opened) if job.journal else None
        if entered is None:
            yield
            return
        journal, number = entered
        try:
            yield
        except BaseException as error:
            _explain(error, assembly.report)
            raise
        finally:
            with _told():
                journal.end(number, assembly.report)


def _enter(
    place: JournalPlace, assembly: Assembly, opened: contextlib.ExitStack
) -> tuple[Journal, int] | None:
    """The journal with the run in it; None, with a warning, if it fails and was not asked for."""
    try:
        journal = opened.enter_context(contextlib.closing(Journal(place.folder)))
        return journal, _begin(place, journal, assembly)
    except OmIngestError as error:
        if place.is_required:
            raise
        logger.warning("This run is not kept for `om-ingest runs` and --resume: %s", error)
        return None


def _begin(place: JournalPlace, journal: Journal, assembly: Assembly) -> int:
    report, key = assembly.report, _job_key(place, assembly)
    latest = journal.latest(key) if place.resume else None
    if latest is not None and latest.state == RUNNING:
        raise WorkflowError(
            f"The run {latest.id} of this job is still running, as process {latest.pid}",
            "Let it end; `om-ingest runs` tells when it has.",
        )
    if place.resume and (latest is None or latest.state == SUCCESS):
        logger.info("There is nothing to resume: this run delivers everything.")
    elif latest is not None and not assembly.sink.keeps_journal:
        logger.info(
            "The sink %s is not resumed record by record: this run delivers everything.",
            report.sink,
        )
    elif latest is not None:
        report.resumed_from = latest.id
        logger.info(
            "Resuming the run %s (%s), of which %d records need not be sent again.",
            *(latest.id, latest.state, journal.acknowledged_count(key)),
        )
    assembly.acknowledgements.bind(journal, key, resuming=report.resumed_from is not None)
    return journal.begin(key, report, report.resumed_from)


def _job_key(place: JournalPlace, assembly: Assembly) -> bytes:
    """What tells the runs of one job from those of others."""
    sink_class = type(assembly.sink)
    parts = (
        assembly.installed.target,
        assembly.report.service_name,
        f"{sink_class.__module__}:{sink_class.__qualname__}",
        assembly.report.sink,
        place.workflow,
    )
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _explain(error: BaseException, report: RunReport) -> None:
    """Say in the report why a run did not even begin."""
    report.state, report.exit_code = "failed", 1
    if isinstance(error, OmIngestError):
        report.exit_code = error.exit_code
        report.errors.append(str(error))
    elif isinstance(error, KeyboardInterrupt):
        report.state, report.exit_code = "interrupted", 130


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell of a journal that fails, instead of failing the run."""
    try:
        yield
    except OmIngestError as error:
        logger.warning("How this run ended is not in the journal: %s", error)
