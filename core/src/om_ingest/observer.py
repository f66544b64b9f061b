"""The contract of an observer: it is told how a run goes, and has no say in it.

An observer is a class in the entry-point group `om_ingest.observer`:

    [project.entry-points."om_ingest.observer"]
    audit = "my_audit:Audit"

It is loaded only for a run that asks for it: `OM_INGEST_OBSERVERS="audit:/var/log/audit.jsonl"`.
Its methods are called in a thread of its own, one after the other. What it raises is a warning,
and one that does not keep up is given up: neither changes the run or its exit code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

    from om_ingest.store import WriteResult


@dataclass(frozen=True)
class ObservedRun:
    """What is known of a run when it begins: before a connector is imported."""

    run_id: str
    started_at: datetime
    """In UTC."""

    workflow: str
    """The path of the workflow file, absolute; or the name of the source, where there is none."""

    source: str
    """Type of the source, as the workflow names it."""

    service_name: str
    """Service that the entities are filed under."""

    sink: str
    """Type of the sink."""

    config: Mapping[str, Any] = field(default_factory=dict)
    """The connector's config, its secrets masked."""

    sink_config: Mapping[str, Any] = field(default_factory=dict)
    """The sink's config, its secrets masked."""

    pipeline_fqn: str | None = None
    """`ingestionPipelineFQN` of the workflow."""

    dry_run: bool = False


@dataclass(frozen=True)
class Phase:
    """A part of a run that has ended."""

    name: str
    """`assemble`, `open`, `prepare`, `read`, `stale` or `close`, in this order; a run that ends
    early leaves out some."""

    began_at: datetime
    """In UTC, as all moments here."""

    ended_at: datetime

    error: str = ""
    """What ended it, secrets masked; empty if it came to its end."""


@dataclass(frozen=True)
class SettledBatch:
    """Records whose fate is known since the batch before."""

    results: Sequence[WriteResult]
    """One for each record, some hundred of them. Records are those of the source, which may
    still change them: read them at once, never write."""

    began_at: datetime
    """When the sink got to work."""

    ended_at: datetime


class RunObserver:
    """Is told of one run; each method does nothing, unless overridden."""

    @classmethod
    def create(cls, value: str) -> Self:
        """An observer for one run; `value` is what follows the colon, or the URL of an option.

        Raises `WorkflowError` for a value that it cannot use, and sends nothing yet.
        """
        return cls()

    def started(self, run: ObservedRun) -> None:
        """Learn that a run begins; called first."""

    def phase_began(self, name: str, at: datetime) -> None:
        """Learn that a phase begins, by its name in `Phase`; phases follow each other."""

    def phase_ended(self, phase: Phase) -> None:
        """Learn how a phase went."""

    def settled(self, batch: SettledBatch) -> None:
        """Learn what became of some records; each record of a run comes once."""

    def ended(self, report: Mapping[str, Any]) -> None:
        """Learn how the run ended: its report, with the keys of `om-ingest run --report`.

        Called once, however the run ended, if `started` was: also when nothing was read, and when
        a signal ended it. Some seconds are left, after which the process ends.
        """

    def close(self) -> None:
        """Release everything; called once, last."""
