"""The run that is going on, for code that a connector calls without telling which run it is in."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from om_ingest import SourceStatus, WorkflowContext
from om_ingest.errors import PluginFaultError
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import encode_reserved

if TYPE_CHECKING:
    from om_ingest.model import ScopeComplete


PEOPLE = ("user", "team")
"""Entity types of those who own something."""


@dataclass
class Running:
    """What the adapted connector of a run works with."""

    context: WorkflowContext
    """The run as a native source sees it; `context.metadata` reads and writes entities."""

    status: SourceStatus
    """The report of the source: warnings, failures, filtered items."""

    block: Mapping[str, Any]
    """The `source` block of the workflow: type, serviceName, serviceConnection, sourceConfig."""

    server: Mapping[str, Any]
    """`workflowConfig.openMetadataServerConfig`, secrets in clear; empty where there is none."""

    module: str = ""
    """The module that the connector's class was found in; empty if it is not known."""

    complete: list[ScopeComplete] = field(default_factory=list)
    """Scopes that a call, and no record, has told to be complete; they are yielded at the end."""

    def keep(self, entity_type: str, fqns: Iterable[str]) -> None:
        """Note that entities are in the source still that are not yielded: they are not gone."""
        with LOCK:
            for fqn in fqns:
                self.status.present(entity_type, fqn)

    places: set[str] = field(default_factory=set)
    """FQNs of failures of which it is known that they are the place."""

    def note_place(self, fqn: str) -> None:
        """Note the place of a failure; of as many as the report names."""
        if len(self.places) < self.status.sample_count:
            self.places.add(fqn)

    asked: set[str] = field(default_factory=set)
    """The last names that filters were asked about."""

    left_out_count: int = 0
    """How many of them were to be left out."""

    def ask(self, name: str, *, is_left_out: bool) -> None:
        """Note that a filter was asked about a name."""
        self.left_out_count += is_left_out
        if len(self.asked) >= _ASKED_COUNT:
            self.asked.clear()
        for each in (name, name.rpartition(".")[2]):  # it may be an FQN
            self.asked.update((each, encode_reserved(each)))

    yielded_count: int = 0
    """Records that the connector has yielded."""

    scanned_count: int = 0
    """What the connector has counted as scanned by hand: the same things, mostly."""

    def count_yielded(self) -> None:
        """Count a record that the connector yields."""
        self.yielded_count += 1
        if self.yielded_count > self.status.scanned_count:
            self.status.scanned_count = self.yielded_count

    def count_scanned(self) -> None:
        """Count what the connector has counted."""
        self.scanned_count += 1
        self.status.scanned_count = max(self.yielded_count, self.scanned_count)

    change_count: int = 0
    """Changes that the connector has made itself instead of yielding them."""

    people_count: int = 0
    """Users and teams that the run has written or changed so far."""

    people: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=1000))
    """Entity types and FQNs of the last ones of these."""

    def count_change(self, change: str, entity_type: str, fqn: str) -> None:
        """Have the report tell what the connector has changed itself: it is no record."""
        self.change_count += 1
        self.status.changed(change, entity_type)
        if entity_type in PEOPLE:
            self.note_person(entity_type, fqn)

    def count_deleted(self, kind: EntityKind, fqn: str, *, recursive: bool, hard: bool) -> None:
        """As `count_change` for an entity that the connector has deleted."""
        has_children = any(other.parent is kind for other in KINDS.values())
        below = " with what lies below" if recursive and has_children else ""
        change = "deleted for good" if hard else "marked as deleted"
        self.count_change(f"{change}{below}", kind.entity_type, fqn)

    def note_person(self, entity_type: str, fqn: str) -> None:
        """Note a user or a team that is new or changed."""
        self.people_count += 1
        self.people.append((entity_type, fqn))


_ASKED_COUNT = 10_000
"""So many names that filters were asked about are remembered."""

LOCK = threading.RLock()
"""Held while the host works, and while the client does: a connector may have threads of its own,
and the store of a run is for one at a time."""

_running: list[Running] = []
"""At most one: not a context variable, since connectors start threads of their own."""


def current() -> Running:
    """The run that is going on; raises `PluginFaultError` outside of one."""
    if not _running:
        raise PluginFaultError(
            "The client of OpenMetadata was used outside of a run",
            "Use it in the methods of the source, not while its module is imported.",
        )
    return _running[-1]


def is_running() -> bool:
    """Whether a run is going on."""
    return bool(_running)


@contextlib.contextmanager
def running(run: Running) -> Iterator[None]:
    """Make this the current run."""
    _running.append(run)
    try:
        yield
    finally:
        _running.remove(run)
