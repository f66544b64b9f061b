"""The bookmarks of one run: what its job has kept, and what is kept as the run goes on."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from hashlib import blake2b

from om_ingest.errors import DeliveryError
from om_ingest.kinds import SERVICE_KINDS, Identity, kind_of
from om_ingest.kinds.identity import identity_of
from om_ingest.model import fqn as names
from om_ingest.run.assembly import Assembly, assemble
from om_ingest.run.job import Job, JournalPlace
from om_ingest.run.mistakes import local_mistakes
from om_ingest.workflow.bookmarks import Changes
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.journal import FILE_NAME, Journal, readable
from om_ingest.workflow.kept_run import now
from om_ingest.workflow.kept_state import KeptState, clear_state, keep_state, state_of
from om_ingest.workflow.report import RunReport

_TOLD = "ctx.state"

logger = logging.getLogger(__name__)


class RunState:
    """Opens `ctx.state` of a run, and keeps what may be kept of it."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._job = b""
        self._journal: Journal | None = None
        self._unkept = ""
        """Why nothing is kept; empty if it is."""
        self._is_telling = True
        self._is_told = False
        self._bookmarks: dict[str, str] = {}
        """What is kept, as JSON."""
        self._anchor: Identity | None = None
        self._is_anchored = False
        """Whether the anchor was looked for in this run."""

    def open(self, journal: Journal | None, job: bytes, unkept: str, *, tells: bool = True) -> None:
        """Begin with what a job has kept; None for a journal that cannot be used.

        Nothing is kept if there is a reason for that: `unkept`, which becomes a warning if the
        source assigns anything, or if not `tells` a line in the log.
        """
        self._journal, self._job = journal, job
        self._unkept, self._is_telling = unkept, tells
        kept: KeptState | None = None
        if not self._takes_increments():
            self._journal, self._is_telling = None, False
            self._unkept = f"{self._assembly.report.sink} is written anew by each run"
        elif journal is not None:
            kept = _state_in(journal, job)
        if kept is not None and kept.anchor is not None and self._has(kept.anchor) is False:
            logger.warning(
                "The bookmarks of this job are not used, and everything is read: %s no longer has"
                " the %s %s.",
                *(self._assembly.report.sink, *kept.anchor),
            )
            kept = None
        if kept is not None and kept.bookmarks:
            self._anchor = kept.anchor
            logger.info(
                "This run begins with the bookmarks that the run %s has kept (%s UTC): `om-ingest"
                " state` shows and clears them.",
                *(kept.run_id, kept.kept_at[:19]),
            )
            self._bookmarks = {key: json.dumps(value) for key, value in kept.bookmarks.items()}
        self._assembly.context.state.open(kept.bookmarks if kept else {})

    def _takes_increments(self) -> bool:
        """Whether the target holds what earlier runs delivered."""
        sink = self._assembly.sink
        if sink.keeps_journal:
            return True
        with contextlib.suppress(Exception):
            return sink.existing() is not None
        return True

    def _has(self, anchor: Identity) -> bool | None:
        """Whether the target has an entity; None if it does not say."""
        with contextlib.suppress(Exception):  # the run itself asks again, and says what is wrong
            store = self._assembly.sink.existing()
            return store is not None and (
                store.get_by_name(kind_of(anchor[0]).entity, anchor[1]) is not None
            )
        return None

    def keep(self, changes: Changes) -> None:
        """Keep what the source has assigned; a journal that fails is told once."""
        journal = self._journal
        for key, encoded in changes.items():
            if encoded is None:
                self._bookmarks.pop(key, None)
            else:
                self._bookmarks[key] = encoded
        if journal is None or self._unkept:
            self._tell_unkept()
            return
        if not self._is_anchored:
            self._is_anchored, self._anchor = True, self._found_anchor()
        bookmarks = {key: json.loads(encoded) for key, encoded in self._bookmarks.items()}
        run_id = self._assembly.report.run_id
        try:
            kept = KeptState(bookmarks, self._anchor, run_id, now().isoformat())
            keep_state(journal, self._job, kept)
        except DeliveryError as error:
            self._unkept = str(error)
            self._tell_unkept()

    def _found_anchor(self) -> Identity | None:
        """The service of the run, if the target has it by now."""
        kinds = {kind.entity_type: kind for kind in SERVICE_KINDS.values()}
        yielded = (
            identity_of(record)
            for entity_type, record in self._assembly.context.latest.items()
            if entity_type in kinds
        )
        anchor = next(filter(None, yielded), None)
        kind = SERVICE_KINDS.get(self._assembly.installed.service_type)
        if anchor is None and kind is not None:
            anchor = kind.entity_type, names.quote(self._assembly.report.service_name)
        if anchor is None:
            return self._anchor
        found = self._has(anchor)
        return self._anchor if found is None else anchor if found else None

    def _tell_unkept(self) -> None:
        if self._is_told:
            return
        self._is_told = True
        text = f"The bookmarks of this run are not kept: {self._unkept}"
        if self._is_telling:
            self._tell(text)
        else:
            logger.info("%s", self._assembly.report.tally.redact.message(text))

    def end(self, *, is_behind: bool) -> None:
        """Tell if the source assigned bookmarks that are not kept, because records are missing."""
        if is_behind and self._journal is not None and not self._unkept:
            self._tell(
                "Bookmarks that were set after a record which has failed, or which the run did not"
                " come to deliver, are not kept: the next run reads from the ones before."
            )

    def _tell(self, text: str) -> None:
        report = self._assembly.report
        text = report.tally.redact.message(text)
        report.delivery_warnings.add(_TOLD, text, 0)
        logger.warning("%s", text)


def job_key(place: JournalPlace, assembly: Assembly) -> bytes:
    """Key of the job: its runs share source, service, sink and workflow file."""
    sink = assembly.sink
    if assembly.report.dry_run:
        from om_ingest.run.dry_run import DryRunSink  # needed by dry runs alone

        if isinstance(sink, DryRunSink):
            sink = sink.instead_of
    parts = (
        assembly.installed.target,
        assembly.report.service_name,
        f"{type(sink).__module__}:{type(sink).__qualname__}",
        assembly.report.tally.redact.label(sink.target),
        place.workflow,
    )
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def kept_of(job: Job) -> tuple[RunReport, KeptState | None]:
    """The bookmarks that a job has kept; None if there are none. The report tells which job it is.

    The source is created, and nothing is opened but the journal. Raises what is wrong with the
    job, and `WorkflowError` for a journal that cannot be used.
    """
    with _journal_of(job, read_only=True) as (journal, assembly, key):
        return assembly.report, _state_in(journal, key) if journal is not None else None


def clear(job: Job) -> tuple[RunReport, bool]:
    """Forget the bookmarks of a job; whether there were any. Raises as `kept_of`.

    `WorkflowError` as well while a run of the job goes on, which would keep them again.
    """
    with _journal_of(job, read_only=False) as (journal, assembly, key):
        if journal is None:
            return assembly.report, False
        with contextlib.suppress(OSError):
            holder = journal.lock_of(key).holder()
            if holder is not None:
                raise holder.still_running()
        return assembly.report, clear_state(journal, key)


@contextlib.contextmanager
def _journal_of(job: Job, *, read_only: bool) -> Iterator[tuple[Journal | None, Assembly, bytes]]:
    """The journal of a job, or None if it has none; the job assembled, and its key."""
    place = job.journal
    assert place is not None, "every job of the command line has a place"
    with contextlib.ExitStack() as opened:
        with local_mistakes(job):
            assembly = assemble(job, Interrupt())
        for part in assembly.parts:
            opened.callback(part.close)
        journal = None
        if (place.folder / FILE_NAME).is_file():
            journal = Journal(place.folder, read_only=read_only)
            opened.enter_context(contextlib.closing(journal))
        yield journal, assembly, job_key(place, assembly)


def _state_in(journal: Journal, job: bytes) -> KeptState | None:
    with readable(journal.path, "the state of a job"):
        return state_of(journal, job)
