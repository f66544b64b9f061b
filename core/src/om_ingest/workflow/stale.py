"""Stale entities: in the store, and no longer in the source.

They are marked as deleted, but only below a scope that the source called complete
(`ScopeComplete`) and had no failure in, and not when that would be a large part of them.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING

from om_ingest.cancellation import Cancellation
from om_ingest.config.families import marks_deleted
from om_ingest.config.settings import SourceConfig
from om_ingest.errors import DeliveryError
from om_ingest.kinds import KINDS, kind_of
from om_ingest.kinds.identity import identity_at, identity_of
from om_ingest.kinds.lines import label
from om_ingest.model import fqn as names
from om_ingest.model.entity import CreateRequest
from om_ingest.model.naming import is_storable
from om_ingest.model.records import RECORD_TYPES, ScopeComplete
from om_ingest.reasons import Reasons
from om_ingest.source import Note, Source, SourceStatus
from om_ingest.store import MetadataStore
from om_ingest.workflow.config import FAIL_SAFE_PERCENT
from om_ingest.workflow.failsafe import FailSafe
from om_ingest.workflow.leftout import LeftOut
from om_ingest.workflow.unlisted import Unlisted

if TYPE_CHECKING:
    from om_ingest.workflow.seen import Seen

logger = logging.getLogger(__name__)

SAMPLE_COUNT = 20
"""How many stale entities a report names; the total is always exact."""

_CHUNK_COUNT = 500


@dataclass
class StaleReport:
    """What became of stale entities; its size does not grow with the data.

    What lies below one that is stale itself goes with it, and is not counted.
    """

    deleted: Counter[str] = field(default_factory=Counter)
    """Entities that were marked as deleted, or would have been in a dry run, by type."""

    left_out_kept: Counter[str] = field(default_factory=Counter)
    """Entities that a filter leaves out, and that stay as they are, by type."""

    left_out_deleted: Counter[str] = field(default_factory=Counter)
    """Entities that a filter leaves out, and that were marked as deleted on request, by type."""

    samples: list[Note] = field(default_factory=list)
    """The first ones: `<type> <FQN>`, and why."""

    kept_scopes: list[Note] = field(default_factory=list)
    """The first scopes that were left alone, and why."""

    failed_count: int = 0
    """Entities that could not be marked as deleted."""

    failures: list[Note] = field(default_factory=list)
    """The first of them, and why."""

    reasons: Reasons = field(default_factory=Reasons)
    """All of them, counted by reason."""

    dry_run: bool = False

    def as_dict(self) -> dict[str, object]:
        """As `--report` writes it."""
        return {
            "dryRun": self.dry_run,
            "markedDeleted": dict(self.deleted),
            "samples": [note.key for note in self.samples],
            "leftOut": {
                "kept": dict(self.left_out_kept),
                "markedDeleted": dict(self.left_out_deleted),
            },
            "failures": {
                "total": self.failed_count,
                "samples": [{"key": note.key, "reason": note.reason} for note in self.failures],
                "reasons": self.reasons.as_list(),
            },
            "keptScopes": [{"scope": note.key, "reason": note.reason} for note in self.kept_scopes],
        }


class StaleEntities:
    """Notes what a source yields, and afterwards finds what it has not yielded."""

    def __init__(
        self,
        settings: SourceConfig,
        *,
        fail_safe_percent: int = FAIL_SAFE_PERCENT,
        allow_mass_delete: bool = False,
        keeps_left_out: bool = True,
        service_name: str = "",
    ) -> None:
        """`service_name` is that of the run, which may call it complete without yielding it."""
        self._marked = {
            name for name, kind in KINDS.items() if marks_deleted(settings, kind.mark_deleted_flag)
        }
        self._fail_safe = None if allow_mass_delete else FailSafe(fail_safe_percent)
        self._seen: Seen | None = None
        self._keeps_left_out = keeps_left_out
        self._service_name = service_name
        self._left_out = LeftOut(settings, self._open)
        self._unlisted = Unlisted()
        self._unplaced = ""
        """Label of a record that may be any entity, as its place or name is unknown; or empty."""
        self._staying: Counter[str] = Counter()
        """Entities that were yielded below scopes that may lose some, by type."""
        self.report = StaleReport()

    def note(self, record: object) -> None:
        """Note what was yielded; raises `DeliveryError` when the disk is full."""
        if not isinstance(record, RECORD_TYPES):
            self._unplaced = label(record)
        elif isinstance(record, ScopeComplete):
            entity_type = record.entity.entity_type
            if entity_type in self._marked:
                self._open().add_scope(*identity_at(entity_type, record.scope_fqn))
        elif self._marked and isinstance(record, CreateRequest):
            identity = identity_of(record)
            if identity is not None and is_storable(record.name):
                self._open().add(identity)
            elif record.entity_type in self._marked:
                self._unplaced = label(record)

    def note_dropped(self, record: object) -> None:
        """Note what a processor dropped after it was yielded."""
        if self._marked:
            self._left_out.drop(record)

    def listen(self, source: Source) -> None:
        """Hear what a source does not yield; once before it is prepared, and once after that."""
        if self._marked:
            self._left_out.listen(source)
            self._unlisted.listen(source)

    def ignore_all(self) -> None:
        """Look for nothing: the target keeps nothing of earlier runs that could be stale."""
        self._marked.clear()

    def _open(self) -> Seen:
        if self._seen is None:
            from om_ingest.workflow.seen import Seen  # imports sqlite3

            self._seen = Seen()
        return self._seen

    def remove(
        self,
        store: MetadataStore,
        status: SourceStatus,
        *,
        dry_run: bool = False,
        cancelled: Cancellation | None = None,
    ) -> None:
        """Mark what is stale as deleted; in a dry run only find it.

        Raises `DeliveryError` when that would be too much: nothing is deleted then; and at the
        end when something could not be deleted. Ends early once `cancelled` is set: the next run
        finds the rest.
        """
        if self._seen is None:
            return
        self.report.dry_run = dry_run
        cancelled = cancelled or Cancellation()
        seen, report = self._seen, self.report
        self._left_out.complete(status)
        for entity_type in seen.entity_types():
            if cancelled.is_set():
                return
            self._find(seen, store, entity_type, status)
        report.left_out_kept.update(seen.kept_counts())
        for entity_type, fqn, is_left_out in islice(seen.topmost(), SAMPLE_COUNT):
            reason = "left out by a filter" if is_left_out else "gone from the source"
            report.samples.append(Note(f"{entity_type} {fqn}", reason))
        if dry_run:
            for entity_type, fqn, is_left_out in seen.topmost():
                (report.left_out_deleted if is_left_out else report.deleted)[entity_type] += 1
                logger.info("Would be marked as deleted: %s %s", entity_type, fqn)
        if self._fail_safe is not None:
            self._fail_safe.check(seen, self._staying)
        if not dry_run:
            self._delete(seen, store, cancelled)

    def _find(
        self, seen: Seen, store: MetadataStore, entity_type: str, status: SourceStatus
    ) -> None:
        """Find the stale entities of a kind: listed below a complete scope, and not yielded.

        What a listing names elsewhere is not believed. A scope inside another one counts where
        that one has a failure.
        """
        kind = kind_of(entity_type)
        at = "."
        for scope in seen.scopes(entity_type):
            if scope.startswith(at):  # what it lies in has been looked through
                continue
            reason = self._why_kept(seen, scope, status)
            reason = reason or self._unlisted.why_kept(entity_type, scope)
            if reason is not None:
                if len(self.report.kept_scopes) < SAMPLE_COUNT:
                    self.report.kept_scopes.append(Note(f"{entity_type} in {scope}", reason))
                continue
            at = f"{scope}."
            self._staying[entity_type] += seen.count_below(entity_type, scope)
            listed = store.list_fqns(kind.entity, scope=scope)
            while chunk := list(islice(listed, _CHUNK_COUNT)):
                spelled = (identity_at(entity_type, fqn)[1] for fqn in chunk)
                inside = [fqn for fqn in spelled if fqn.startswith(at) and names.normalised(fqn)]
                unseen = seen.unseen(entity_type, inside)
                left_out = [fqn for fqn in unseen if self._left_out.includes(store, kind, fqn)]
                known = set(left_out)
                seen.add_stale(kind.level, entity_type, [f for f in unseen if f not in known])
                if self._keeps_left_out:
                    seen.add_kept(entity_type, left_out)
                else:
                    seen.add_stale(kind.level, entity_type, left_out, is_left_out=True)

    def _why_kept(self, seen: Seen, scope: str, status: SourceStatus) -> str | None:
        """Why nothing below a scope may be deleted; None if it may."""
        if self._unplaced:
            return (
                "it is unknown which entity this record is, as its name cannot be stored:"
                f" {self._unplaced}; correct the name in the source"
            )
        if self._left_out.lost:
            return self._left_out.lost
        if status.failure_count > len(status.failures):
            return "the source reported more failures than can be told apart"
        if self._keeps_left_out and self._left_out.unknown:
            return self._left_out.unknown
        plain = names.plain(scope)
        if plain is None:
            return "the source has not given the FQN of a scope"
        root = names.split(scope)[0]
        if self._service_name not in {"", root} and not seen.has(names.quote(root)):
            return f"the run has yielded nothing of {root}"
        at, service = f"{plain}.", f"{root.casefold()}."
        for failure in status.failures:
            # A key that is no FQN, or that lies in no known service, protects every scope.
            place = f"{names.plain(failure.key) or ''}."
            if place.startswith(at) or at.startswith(place) or not place.startswith(service):
                return f"the source could not read {failure.key}: {failure.reason}"
        return None

    def _delete(self, seen: Seen, store: MetadataStore, cancelled: Cancellation) -> None:
        report = self.report
        for entity_type, chunk in _grouped(seen.topmost()):
            results = store.delete_stale(kind_of(entity_type).entity, list(chunk))
            for fqn, is_deleted, reason in results:
                if is_deleted:
                    (report.left_out_deleted if chunk[fqn] else report.deleted)[entity_type] += 1
                elif reason:
                    report.failed_count += 1
                    report.reasons.add(reason, f"{entity_type} {fqn}")
                    if len(report.failures) < SAMPLE_COUNT:
                        report.failures.append(Note(f"{entity_type} {fqn}", reason))
                if cancelled.is_set():
                    return
        if report.failed_count:
            first = report.failures[0]
            raise DeliveryError(
                f"{report.failed_count} stale entities could not be marked as deleted, the first"
                f" one is {first.key}: {first.reason}",
                "Do what the reason says, and run again; the others have been marked.",
            )

    def close(self) -> None:
        """Forget everything."""
        if self._seen is not None:
            self._seen.close()


def _grouped(
    stale: Iterator[tuple[str, str, bool]],
) -> Iterator[tuple[str, dict[str, bool]]]:
    """FQNs of one kind together, at most so many at a time, and whether each was left out."""
    for entity_type, found in groupby(stale, key=lambda item: item[0]):
        fqns = ((fqn, is_left_out) for _, fqn, is_left_out in found)
        while chunk := dict(islice(fqns, _CHUNK_COUNT)):
            yield entity_type, chunk
