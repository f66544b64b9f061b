"""A run of a source under test: how it is planned, and what is observed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from om_ingest.testing.double import OpenMetadataDouble
from om_ingest.workflow.report import Tally


@dataclass(frozen=True)
class Plan:
    """What to do with a source; by default, run it to its end."""

    prepare: bool = True
    read: bool = True
    """Whether to call `next_record`."""

    limit: int | None = None
    """Close the generator after this many records."""

    one_by_one: bool = False
    """Keep each record, write it at once, and keep the result."""

    cancel: bool = False
    """Set `ctx.cancelled` after the first record."""

    interrupt: int = 0
    """Raise an interrupt at the `yield` of this record; 0 for none."""

    pipeline: bool = False
    """Deliver through the host's own pipeline, into the double."""

    pause_s: float = 0.0
    """How long the pipeline pauses after its second record."""

    arrange: Callable[[OpenMetadataDouble], None] | None = None
    """Called with the double once the source is prepared."""

    watch: Callable[[int, object], None] | None = None
    """Called with number (from 1) and record for each record; it must not keep the record."""


@dataclass
class ObservedRecord:
    """One record as it was when it was yielded; only with `Plan.one_by_one`."""

    record: object
    line: bytes | None
    """The record as JSON; None if it cannot be encoded."""

    sent: bytes | None
    """The same as a sink gets it: ids are replaced by FQNs."""

    fqn: str | None
    """FQN of the entity; None if it is not known."""

    refusal: str
    """Why a catalog refuses it; empty if it does not."""


@dataclass
class SourceRun:
    """What was observed in one run."""

    errors: dict[str, BaseException] = field(default_factory=dict)
    """The error of each step that failed: `create`, `prepare`, `next_record` …"""

    source: Any = None
    """What `create` returned."""

    returned: Any = None
    """What `next_record` returned."""

    records: list[ObservedRecord] = field(default_factory=list)
    count: int = 0
    """Number of things that were yielded."""

    ended: bool = False
    """Whether the iterator is exhausted."""

    interrupted: bool = False
    """Whether an interrupt was raised in the generator."""

    swallowed: bool = False
    """Whether the generator caught the interrupt and went on or ended."""

    finished: bool = False
    """Whether the run ended in time."""

    tally: Tally | None = None
    """What the pipeline counted."""

    config_after: Any = None
    status: Any = None
    """What `get_status` returned."""

    prepare_count: int = 0
    close_count: int = 0
    output: str = ""
    """What was printed to standard output."""

    error_output: str = ""
    """What was printed to standard error."""

    log: str = ""
    """What was logged, at any level."""
