"""What sources and processors report: counts, notes, and what a source yields no records of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from om_ingest.kinds.lines import label
from om_ingest.reasons import Reasons


@dataclass(frozen=True)
class Note:
    """One warning, failure or filtered item that a source reported."""

    key: str
    """What it is about, e.g. the FQN of a table."""

    reason: str
    """What is the matter, in one line."""


@dataclass
class SourceStatus:
    """What a source reports: counts, and the first notes of each sort.

    Its size does not grow with the data: from `sample_count` notes on only the count grows.
    """

    sample_count: int = 20
    """How many notes of each sort are kept."""
    scanned_count: int = 0
    """Things looked at, as the source counts them."""
    warning_count: int = 0
    """Things that are odd, but were delivered."""
    failure_count: int = 0
    """Things that could not be read; any makes the run fail."""
    filtered_count: int = 0
    """Things left out by a filter."""
    warnings: list[Note] = field(default_factory=list)
    """The first warnings."""
    failures: list[Note] = field(default_factory=list)
    """The first failures."""
    filtered: list[Note] = field(default_factory=list)
    """The first filtered items."""
    reasons: dict[str, Reasons] = field(
        default_factory=lambda: defaultdict(Reasons), repr=False, compare=False
    )
    """`warnings`, `failures` and `filtered` items, counted by reason."""
    changes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """What the source has changed itself instead of yielding it: change -> entity type -> count."""
    current_scope: str = ""
    """What is being read just now, for the progress line."""
    on_filtered: Callable[[str], None] | None = field(default=None, repr=False, compare=False)
    """For the host: called with the key of everything that is left out."""
    on_present: Callable[[str, str], None] | None = field(default=None, repr=False, compare=False)
    """For the host: called with entity type and FQN of what is there, and is not yielded."""
    on_unlisted: Callable[[str, str, str], None] | None = field(
        default=None, repr=False, compare=False
    )
    """For the host: called with entity type, FQN and reason of what was not listed in full."""
    on_failure: Callable[[], None] | None = field(default=None, repr=False, compare=False)
    """For the host: called when something could not be read."""

    def scanned(self, record: object) -> None:
        """Count something that was looked at."""
        self.scanned_count += 1
        self.current_scope = record if isinstance(record, str) else label(record)

    def warning(self, key: str, reason: str) -> None:
        """Note something odd."""
        self.warning_count += 1
        self._keep("warnings", key, reason)

    def failure(self, key: str, reason: str) -> None:
        """Note something that could not be read; the run goes on and will be failed.

        What is assigned to `ctx.state` afterwards is not kept: the next run tries it again.
        """
        self.failure_count += 1
        if self.on_failure is not None:
            self.on_failure()
        self._keep("failures", key, reason)

    def filter(self, key: str, reason: str) -> None:
        """Note something that a filter left out before it became a record.

        `key` is the FQN: an entity that is left out is not taken for gone from the source, nor
        is what lies in it.
        """
        self.filtered_count += 1
        if self.on_filtered is not None:
            self.on_filtered(str(key))
        self._keep("filtered", key, reason)

    def changed(self, change: str, entity_type: str) -> None:
        """Count something that was changed without being yielded; `change` is such as `deleted`."""
        self.changes[change][entity_type] += 1

    def present(self, entity_type: str, fqn: str) -> None:
        """Note an entity that has not changed and is not yielded: it is not gone."""
        if self.on_present is not None:
            self.on_present(entity_type, fqn)

    def unlisted(self, entity_type: str, fqn: str, reason: str) -> None:
        """Note that not all entities of a type at or below an FQN were listed.

        None of them, nor of what lies in them, is taken for gone, whatever `ScopeComplete` says.
        Nothing has failed by that. An empty type means all types, an empty FQN all places.
        """
        if self.on_unlisted is not None:
            self.on_unlisted(entity_type, str(fqn), reason)

    def _keep(self, sort: str, key: str, reason: str) -> None:
        self.reasons[sort].add(str(reason), lambda: str(key))
        notes: list[Note] = getattr(self, sort)
        if len(notes) < self.sample_count:
            notes.append(Note(str(key), str(reason)))


@dataclass
class ProcessorStatus:
    """What a processor reports of its work: numbers by name, and the first warnings.

    Its size does not grow with the data: from `sample_count` warnings on only the count grows.
    """

    sample_count: int = 20
    """How many warnings are kept."""
    counts: Counter[str] = field(default_factory=Counter)
    """Numbers by name; names in camelCase, e.g. `edgesDrawn`."""
    warning_count: int = 0
    """Things that are odd."""
    warnings: list[Note] = field(default_factory=list)
    """The first warnings."""
    reasons: Reasons = field(default_factory=Reasons, repr=False, compare=False)
    """Warnings, counted by reason."""

    def count(self, name: str, number: int = 1) -> None:
        """Add to one of the numbers."""
        self.counts[name] += number

    def warning(self, key: str, reason: str) -> None:
        """Note something odd; `key` is what it is about, such as an FQN. No run fails by it."""
        self.warning_count += 1
        self.reasons.add(str(reason), lambda: str(key))
        if len(self.warnings) < self.sample_count:
            self.warnings.append(Note(str(key), str(reason)))

    def masked(self, mask: Callable[[str], str]) -> ProcessorStatus:
        """A copy with masked keys and reasons."""
        notes = [Note(mask(note.key), mask(note.reason)) for note in self.warnings]
        reasons = self.reasons.masked(mask)
        counts = Counter({mask(name): int(number) for name, number in self.counts.items()})
        return replace(self, counts=counts, warnings=notes, reasons=reasons)
