"""Counts of one run: every record settled is in exactly one of them."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass, field

from om_ingest.kinds.lines import INVALID, label
from om_ingest.masking import Redactor
from om_ingest.model.records import RECORD_TYPES
from om_ingest.reasons import Reasons
from om_ingest.source import Note
from om_ingest.store import Outcome, WriteResult

SAMPLE_COUNT = 20
"""How many failures a report names; the total is always exact."""


@dataclass
class Tally:
    """Counts of one run. Its size does not depend on how many records there are."""

    yielded: int = 0
    """Records that the source and the processors yielded, without `ScopeComplete` markers."""

    derived: int = 0
    """Records, among those yielded, that processors yielded of their own."""

    filtered: int = 0
    """Records that a processor filtered out."""

    unexpected: int = 0
    """Results for an unknown record, or a second result for one: a fault of the sink."""

    by_type: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    """Settled records by entity type and outcome."""

    redact: Redactor = field(default_factory=Redactor, repr=False)
    """Masks the secrets in the names of failed records."""

    failures: list[Note] = field(default_factory=list)
    """The first failed records, each with its reason."""

    reasons: Reasons = field(default_factory=Reasons, repr=False)
    """All failed records, counted by reason."""

    def settle(self, result: WriteResult) -> None:
        """Count one result."""
        record, outcome, reason, _ = result
        self.by_type[entity_type_of(record), outcome] += 1
        if outcome is Outcome.FAILED:
            self.reasons.add(reason, lambda: self.redact.label(label(record)))
            if len(self.failures) < SAMPLE_COUNT:
                self.failures.append(Note(self.redact.label(label(record)), reason))

    def total(self, *outcomes: Outcome) -> int:
        """How many records ended in one of these outcomes."""
        return sum(count for (_, outcome), count in self.by_type.items() if outcome in outcomes)

    @property
    def unaccounted(self) -> int:
        """Records whose fate is unknown; anything but 0 is a fault of the sink."""
        return self.yielded - self.filtered - sum(self.by_type.values())


def entity_type_of(record: object) -> str:
    """What a record is counted as; `invalid` for something that is no record."""
    return _entity_type_of(type(record))  # type: ignore[arg-type]  # classes are hashable


@functools.cache
def _entity_type_of(record: type) -> str:
    if issubclass(record, RECORD_TYPES):
        return str(getattr(record, "entity_type", "scopeComplete"))
    return INVALID
