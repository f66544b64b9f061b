"""How the life of a source is planned, and what is seen of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from om_ingest.testing.double import OpenMetadataDouble
from om_ingest.workflow.report import Tally


@dataclass(frozen=True)
class Plan:
    """How the life of a source goes; by default to the natural end."""

    prepare: bool = True
    read: bool = True
    """Whether any record is asked for."""

    limit: int | None = None
    """Close the generator after this many records."""

    one_by_one: bool = False
    """Keep each record and write it as it comes, to see what becomes of it."""

    cancel: bool = False
    """Set `ctx.cancelled` after the first record."""

    interrupt: int = 0
    """Raise an interrupt where the source waits after this record; 0 for none."""

    pipeline: bool = False
    """Deliver through the host's own pipeline, into the double."""

    pause_s: float = 0.0
    """How long the pipeline pauses after its second record."""

    arrange: Callable[[OpenMetadataDouble], None] | None = None
    """Called with the double once the source is prepared."""

    watch: Callable[[int, object], None] | None = None
    """Called with number (from 1) and record for each that comes; it must not keep it."""


@dataclass
class Seen:
    """One record as it was when it came; only of a life that goes one by one."""

    record: object
    line: bytes | None
    """The record as JSON; None for what cannot be written so."""

    sent: bytes | None
    """The same as a sink gets it, with FQNs instead of ids."""

    fqn: str | None
    """What it addresses; None if that is not known."""

    refusal: str
    """Why a catalog does not take it; empty if it does."""


@dataclass
class Life:
    """What was seen."""

    errors: dict[str, BaseException] = field(default_factory=dict)
    """What came out of each step that failed: `create`, `prepare`, `next_record` …"""

    source: Any = None
    """What `create` returned."""

    returned: Any = None
    """What `next_record` returned."""

    records: list[Seen] = field(default_factory=list)
    count: int = 0
    """How many things were yielded."""

    ended: bool = False
    """Whether there are no more records."""

    interrupted: bool = False
    """Whether an interrupt was raised in it."""

    swallowed: bool = False
    """Whether the interrupt did not come out again."""

    finished: bool = False
    """Whether the life came to its end, in time."""

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
