"""The bookmarks of one run: what its job has kept, and what is kept as the run goes on."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from hashlib import blake2b

from om_ingest.errors import DeliveryError
from om_ingest.kinds import KINDS, SERVICE_KINDS, Identity
from om_ingest.kinds.identity import identity_at, identity_of, target_identity_of
from om_ingest.model import fqn as names
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record
from om_ingest.run.assembly import Assembly
from om_ingest.run.job import Job, JournalPlace
from om_ingest.source import Source, SourceStatus
from om_ingest.workflow.bookmarks import Bookmarks, Changes
from om_ingest.workflow.journal import Journal, readable
from om_ingest.workflow.kept_run import now
from om_ingest.workflow.kept_state import JobNames, KeptState, keep_state, state_of

_TOLD = "ctx.state"
_CONFIG_COUNT = 16
"""How many configs of a job are remembered."""

logger = logging.getLogger(__name__)


class RunState:
    """Opens `ctx.state` of a run, and keeps what may be kept of it."""

    def __init__(self, job: Job, assembly: Assembly) -> None:
        self._assembly = assembly
        report = assembly.report
        workflow = job.journal.workflow if job.journal else ""
        self._names = JobNames(report.source, report.service_name, report.sink, workflow)
        self._configs: tuple[str, ...] = ()
        self._config = _config_digest(job)
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
        """Whether the anchor was found in this run."""
        self._keep_count = 0
        """How often something was kept; an anchor is looked for at the powers of two."""

    def open(self, journal: Journal | None, job: bytes, unkept: str, *, tells: bool = True) -> None:
        """Begin with what a job has kept; None for a journal that cannot be used.

        Nothing is kept if there is a reason for that: `unkept`, which becomes a warning if the
        source assigns anything, or if not `tells` a line in the log.
        """
        self._journal, self._job = journal, job
        self._unkept, self._is_telling = unkept, tells
        kept: KeptState | None = None
        takes = self._takes_increments()
        if takes is None:
            self._journal = None
            self._unkept = self._no_answer
        elif not takes:
            self._journal, self._is_telling = None, False
            self._unkept = f"{self._assembly.report.sink} is written anew by each run"
        elif journal is not None:
            kept = state_in(journal, job)
        if kept is not None and kept.anchor is not None and not (found := self._has(kept.anchor)):
            logger.warning(
                "The bookmarks of this job are not used, and everything is read: %s %s the %s %s.",
                self._assembly.report.sink,
                "does not answer whether it has" if found is None else "no longer has",
                *kept.anchor,
            )
            kept = None
        if kept is not None and kept.bookmarks:
            self._anchor, self._configs = kept.anchor, kept.configs
            logger.info(
                "This run begins with the bookmarks that the run %s has kept (%s UTC): `om-ingest"
                " state` shows and clears them.",
                *(kept.run_id, kept.kept_at[:19]),
            )
            self._bookmarks = {key: json.dumps(value) for key, value in kept.bookmarks.items()}
            if self._config not in kept.configs:
                self._tell(
                    f"This run begins with the bookmarks that the run {kept.run_id} has kept with"
                    " another config of the source. If the config is about other things now, these"
                    " may be missing: `om-ingest state clear` makes the next run read everything.",
                    about="source.config",
                )
        self._assembly.context.state.open(kept.bookmarks if kept else {})

    def _takes_increments(self) -> bool | None:
        """Whether the target holds what earlier runs delivered; None if it does not say."""
        sink = self._assembly.sink
        if sink.keeps_journal:
            return True
        with contextlib.suppress(Exception):  # as below
            return sink.existing() is not None
        return None

    def _has(self, anchor: Identity) -> bool | None:
        """Whether the target has an entity; None if it does not say."""
        with contextlib.suppress(Exception):  # the run itself asks again, and says what is wrong
            store = self._assembly.sink.existing()
            return store is not None and (
                store.get_by_name(KINDS[anchor[0]].entity, anchor[1]) is not None
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
        self._keep_count += 1
        if not self._is_anchored and self._keep_count.bit_count() == 1:  # a server is asked
            self._find_anchor()
        if self._anchor is not None or self._unkept:  # else `end` looks again
            self._store(journal)

    @property
    def _no_answer(self) -> str:
        return (
            f"{self._assembly.report.sink} does not answer what it holds, so it is unknown whether"
            " it is the same target. Run again once it answers"
        )

    def _store(self, journal: Journal) -> None:
        if self._unkept:
            self._tell_unkept()
            return
        bookmarks = {key: json.loads(encoded) for key, encoded in self._bookmarks.items()}
        run_id = self._assembly.report.run_id
        try:
            kept_at, configs = now().isoformat(), self._configs[-_CONFIG_COUNT:]
            if self._config not in configs:
                configs = (*configs, self._config)
            kept = KeptState(bookmarks, self._anchor, run_id, kept_at, self._names, configs)
            keep_state(journal, self._job, kept)
        except DeliveryError as error:
            self._unkept = str(error)
            self._tell_unkept()

    def _find_anchor(self) -> None:
        """Look for something of this job that the target has by now: best of all its service."""
        for anchor in self._candidates():
            found = self._has(anchor)
            if found is None:
                if self._anchor is None:
                    self._unkept = self._no_answer
                return  # what was known stays
            if found:
                self._is_anchored, self._anchor = True, anchor
                return
        self._anchor = None

    def _candidates(self) -> Iterator[Identity]:
        services = {kind.entity_type for kind in SERVICE_KINDS.values()}
        found = [_target_of(record) for record in self._assembly.context.latest.values()]
        yielded = [identity for identity in found if identity is not None]
        yield from (identity for identity in yielded if identity[0] in services)
        kind = SERVICE_KINDS.get(self._assembly.installed.service_type)
        if kind is not None:
            yield kind.entity_type, names.quote(self._assembly.report.service_name)
        if self._anchor is not None:
            yield self._anchor
        yield from yielded

    def _tell_unkept(self) -> None:
        if self._is_told:
            return
        self._is_told = True
        reason = self._unkept.rstrip(".")
        text = (
            f"The bookmarks of this run are not kept: {reason}. The next run may read the same"
            " again."
        )
        if self._is_telling:
            self._tell(text)
        else:
            logger.info("%s", self._assembly.report.tally.redact.message(text))

    def listen(self, source: Source, bookmarks: Bookmarks) -> None:
        """Keep nothing that the source assigns after it has failed to read something.

        Once before it is prepared, and once after that, as it may have made another status.
        """
        if self._journal is None:
            return
        with contextlib.suppress(Exception):  # a plugin may raise anything: it is told at the end
            status = source.get_status()
            if isinstance(status, SourceStatus):
                status.on_failure = bookmarks.stop
                if status.failure_count:
                    bookmarks.stop()

    def end(self, *, is_behind: bool) -> None:
        """Tell if the source assigned bookmarks that are not kept, because records are missing."""
        if self._keep_count and not self._is_anchored and self._journal and not self._unkept:
            self._find_anchor()
            self._store(self._journal)
        if is_behind and self._journal is not None and not self._unkept:
            self._tell(
                "Bookmarks that were set after a record which has failed, or which the run did not"
                " come to deliver, or after a failure in the source, are not kept: the next run"
                " reads from the ones before."
            )

    def _tell(self, text: str, about: str = _TOLD) -> None:
        report = self._assembly.report
        text = report.tally.redact.message(text)
        report.delivery_warnings.add(about, text, 0)
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


def state_in(journal: Journal, job: bytes) -> KeptState | None:
    """What a job has kept; raises `WorkflowError` for what no run has written."""
    with readable(journal.path, "the state of a job"):
        return state_of(journal, job)


def _target_of(record: Record) -> Identity | None:
    """The entity that a target must have once it has taken a record."""
    found = None
    with contextlib.suppress(Exception):  # the record may not be valid
        if isinstance(record, AddLineageRequest):
            end = record.edge.toEntity
            found = identity_at(end.type, end.fullyQualifiedName or "")
        else:
            found = target_identity_of(record) or identity_of(record)
    return found if found and found[1] and found[0] in KINDS else None


def _config_digest(job: Job) -> str:
    """A digest of what the source is configured to read, without its secrets."""
    block = job.workflow.source.model_dump(mode="json", exclude_unset=True)
    text = json.dumps(job.redact.values(block), sort_keys=True, default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
