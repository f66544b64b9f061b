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
from om_ingest.errors import DeliveryError, RecordError
from om_ingest.kinds import KINDS, kind_of
from om_ingest.kinds.identity import identity_at, identity_of
from om_ingest.kinds.lines import label
from om_ingest.model.records import RECORD_TYPES, ScopeComplete
from om_ingest.source import Note, SourceStatus
from om_ingest.store import MetadataStore
from om_ingest.workflow.config import FAIL_SAFE_PERCENT

if TYPE_CHECKING:
    from om_ingest.workflow.seen import Seen

logger = logging.getLogger(__name__)

SAMPLE_COUNT = 20
"""How many stale entities a report names; the total is always exact."""

_CHUNK_COUNT = 500


@dataclass
class StaleReport:
    """What became of stale entities; its size does not grow with the data."""

    deleted: Counter[str] = field(default_factory=Counter)
    """Entities that were marked as deleted, or would have been in a dry run, by type."""

    samples: list[Note] = field(default_factory=list)
    """The first ones: `<type> <FQN>`, and why."""

    kept_scopes: list[Note] = field(default_factory=list)
    """The first scopes that were left alone, and why."""

    dry_run: bool = False

    def as_dict(self) -> dict[str, object]:
        """As `--report` writes it."""
        return {
            "dryRun": self.dry_run,
            "markedDeleted": dict(self.deleted),
            "samples": [note.key for note in self.samples],
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
    ) -> None:
        self._marked = {
            name for name, kind in KINDS.items() if marks_deleted(settings, kind.mark_deleted_flag)
        }
        self._percent = fail_safe_percent
        self._allow_mass_delete = allow_mass_delete
        self._seen: Seen | None = None
        self._unplaced = ""
        """Label of a record whose entity is unknown; empty if there is none."""
        self.report = StaleReport()

    def note(self, record: object) -> None:
        """Note what was yielded; raises `DeliveryError` when the disk is full."""
        if not isinstance(record, RECORD_TYPES):
            self._unplaced = label(record)
        elif isinstance(record, ScopeComplete):
            entity_type = record.entity.entity_type
            if entity_type in self._marked:
                self._open().add_scope(*identity_at(entity_type, record.scope_fqn))
        elif getattr(record, "entity_type", "") in self._marked:
            identity = identity_of(record)
            if identity is None:
                self._unplaced = label(record)
            else:
                self._open().add(identity)

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

        Raises `DeliveryError` when that would be too much: nothing is deleted then. Ends early
        once `cancelled` is set: the next run finds the rest.
        """
        if self._seen is None:
            return
        self.report.dry_run = dry_run
        cancelled = cancelled or Cancellation()
        found: dict[str, tuple[int, int]] = {}
        for entity_type in self._seen.entity_types():
            if cancelled.is_set():
                return
            found[entity_type] = self._find(self._seen, store, entity_type, status)
        if dry_run:
            self.report.deleted.update({name: gone for name, (gone, _) in found.items() if gone})
            for entity_type, _, fqn in self._seen.stale():
                logger.info("Would be marked as deleted: %s %s", entity_type, fqn)
        for entity_type, (gone, total) in found.items():
            self._check_share(entity_type, gone, total)
        if not dry_run:
            self._delete(self._seen, store, cancelled)

    def _find(
        self, seen: Seen, store: MetadataStore, entity_type: str, status: SourceStatus
    ) -> tuple[int, int]:
        """Find the stale entities of a kind; how many there are, and of how many in all."""
        kind = kind_of(entity_type)
        total = stale_count = 0
        for scope in seen.scopes(entity_type):
            reason = self._why_kept(scope, status)
            if reason is not None:
                if len(self.report.kept_scopes) < SAMPLE_COUNT:
                    self.report.kept_scopes.append(Note(f"{entity_type} in {scope}", reason))
                continue
            listed = store.list_fqns(kind.entity, scope=scope)
            while chunk := list(islice(listed, _CHUNK_COUNT)):
                spelled = {identity_at(entity_type, fqn)[1]: fqn for fqn in chunk}
                stale = [spelled[fqn] for fqn in seen.unseen(entity_type, list(spelled))]
                seen.add_stale(kind.level, entity_type, scope, stale)
                total += len(chunk)
                stale_count += len(stale)
                for fqn in stale[: SAMPLE_COUNT - len(self.report.samples)]:
                    self.report.samples.append(Note(f"{entity_type} {fqn}", "gone from the source"))
        return stale_count, total

    def _check_share(self, entity_type: str, gone: int, total: int) -> None:
        """Raise `DeliveryError` if the share of stale entities exceeds the limit."""
        if gone * 100 > total * self._percent and not self._allow_mass_delete:
            raise DeliveryError(
                f"{gone} of {total} {entity_type} entities are gone from the source"
                f" ({100 * gone // total} %, more than {self._percent} %):"
                " nothing was marked as deleted",
                "If they are really gone, run with --allow-mass-delete; --dry-run lists them.",
            )

    def _why_kept(self, scope: str, status: SourceStatus) -> str | None:
        """Why nothing below a scope may be deleted; None if it may."""
        if self._unplaced:
            return f"nobody knows where this belongs: {self._unplaced}"
        if status.failure_count > len(status.failures):
            return "the source reported more failures than can be told apart"
        service = scope.split(".", 1)[0]
        for failure in status.failures:
            elsewhere = failure.key == service or failure.key.startswith(f"{service}.")
            inside = failure.key == scope or failure.key.startswith(f"{scope}.")
            if inside or scope.startswith(f"{failure.key}.") or not elsewhere:
                return f"the source could not read {failure.key}: {failure.reason}"
        return None

    def _delete(self, seen: Seen, store: MetadataStore, cancelled: Cancellation) -> None:
        for (entity_type, scope), fqns in _grouped(seen.stale()):
            if cancelled.is_set():
                return
            try:
                count = store.delete_stale(kind_of(entity_type).entity, scope, fqns)
            except RecordError as error:
                raise DeliveryError(
                    f"A stale {entity_type} below {scope} cannot be deleted: {error.what}",
                    error.remedy,
                ) from None
            if count:
                self.report.deleted[entity_type] += count

    def close(self) -> None:
        """Forget everything."""
        if self._seen is not None:
            self._seen.close()


def _grouped(
    stale: Iterator[tuple[str, str, str]],
) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """FQNs of one kind and scope together, at most so many at a time."""
    for place, found in groupby(stale, key=lambda item: item[:2]):
        fqns = (fqn for _, _, fqn in found)
        while chunk := list(islice(fqns, _CHUNK_COUNT)):
            yield place, chunk
