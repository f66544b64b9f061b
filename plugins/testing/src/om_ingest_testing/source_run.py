"""A source under test, how a run of it is planned, and what is observed in it."""

from __future__ import annotations

import functools
import importlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from om_ingest import namespace
from om_ingest.errors import OmIngestError
from om_ingest.host import loading
from om_ingest.host.hooks import Hooks
from om_ingest.registry import InstalledSource, installed_sources
from om_ingest.source import Source
from om_ingest.state import JobState
from om_ingest.workflow.tally import Tally

from om_ingest_testing.double import OpenMetadataDouble
from om_ingest_testing.verdict import UnseenError

BOOKMARK_COUNT = 100
"""How many bookmarks of a source are noted."""


class Subject:
    """A source under test, and what it is run with."""

    def __init__(
        self,
        source: type[Source] | str,
        config: Mapping[str, Any],
        service_name: str | None,
        source_config: Mapping[str, Any] | None,
    ) -> None:
        self._source = source
        self.config: dict[str, Any] = json.loads(json.dumps(config, default=str))
        """The config as in a workflow file: plain values."""
        self.title = source if isinstance(source, str) else source.__qualname__
        """Its name in messages."""
        self.service_name = service_name or _service_name(self.title)
        self.source_config: dict[str, Any] = json.loads(json.dumps(source_config or {}))

    @functools.cached_property
    def found(self) -> type[Source] | OmIngestError:
        """The class, or why it cannot be loaded."""
        if not isinstance(self._source, str):
            return self._source
        try:
            return loading.source_class(self.hooks.find_source(self._source), self.hooks)
        except OmIngestError as error:
            return error

    @functools.cached_property
    def hooks(self) -> Hooks:
        """What stands in for a framework that the source needs, and adapts its class."""
        return Hooks()

    @property
    def source_class(self) -> type[Source]:
        """The class; raises `UnseenError` if there is none."""
        if isinstance(self.found, OmIngestError):
            raise UnseenError("the class cannot be loaded: see test_entry_point")
        return self.found

    @functools.cached_property
    def installed(self) -> InstalledSource | None:
        """The entry point that leads to the class; None if there is none."""
        known = (source for source in installed_sources() if source.origin == "entry point")
        return next((source for source in known if self._is_named_by(source)), None)

    def _is_named_by(self, source: InstalledSource) -> bool:
        if isinstance(self._source, str):
            return self._source in (source.name, source.qualified_name)
        if _place(source.module) != _place(self._source.__module__):
            return False  # nobody else's module is imported
        try:
            found: Any = importlib.import_module(source.module)
        except ImportError:
            return False
        for part in source.target.partition(":")[2].split("."):
            found = getattr(found, part, None)
        return found is self._source

    def need_installed(self) -> InstalledSource:
        """The installed source; raises `UnseenError` if it is not installed."""
        if self.installed is None:
            raise UnseenError("the source is not installed: see test_entry_point")
        return self.installed


def _place(module: str) -> tuple[str, ...]:
    """The connector's own package in the namespace; elsewhere the top-level package."""
    parts = tuple(module.split("."))
    return parts[: namespace.DEPTH] if module.startswith(f"{namespace.ROOT}.") else parts[:1]


def _service_name(title: str) -> str:
    """`AcmeCrmSource` → `acme-crm`."""
    name = re.split("[.:]", title)[-1].removesuffix("Source") or "service"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


@dataclass(frozen=True)
class Plan:
    """What to do with a source; by default, run it to its end."""

    prepare: bool = True
    read: bool = True
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

    state: Mapping[str, Any] | None = None
    """What `ctx.state` holds when the run begins; None for nothing."""

    arrange: Callable[[OpenMetadataDouble], None] | None = None
    """Called with the double once the source is prepared."""

    watch: Callable[[int, object], None] | None = None
    """Called with number (from 1) and record for each record; it must not keep the record."""


@dataclass
class ObservedRecord:
    """One record as it was when it was yielded; only with `Plan.one_by_one`."""

    record: object
    line: bytes | None = None
    """The record as JSON; None if it cannot be encoded."""

    sent: bytes | None = None
    """The same as a sink gets it: ids are replaced by FQNs."""

    fqn: str | None = None
    """FQN of the entity; None if it is not known."""

    refusal: str = ""
    """Why a catalog refuses it; empty if it does not."""


@dataclass
class SourceRun:
    """What was observed in one run."""

    errors: dict[str, BaseException] = field(default_factory=dict)
    """The error of each step that failed: `create`, `prepare`, `next_record` …"""

    source: Any = None
    """What `create` returned."""

    limits: Any = ()
    """What `limits` answered: a text, or a list."""

    returned: Any = None
    """What `next_record` returned."""

    status: Any = None
    """What `get_status` returned."""

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
    bookmarks: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """The first changes of `ctx.state`, and the latest: how many records had been yielded, and what
    it held then."""

    state_reads: int = 0
    """How often the source has read `ctx.state`."""

    calls: Counter[str] = field(default_factory=Counter)
    """How often `prepare` and `close` were called."""

    output: str = ""
    """What was printed to standard output."""

    error_output: str = ""
    log: str = ""
    """What was logged, at any level."""

    @property
    def flaw(self) -> str:
        """The check that says why the source was not read to its end; empty if it was."""
        if not self.finished or {"prepare", "next_record"} & self.errors.keys():
            return "test_reads_to_the_end"
        return "" if isinstance(self.returned, Iterable) else "test_returns_iterator"


class ObservedState(JobState):
    """Notes when it is read, and what it holds after each change."""

    def __init__(self, run: SourceRun) -> None:
        super().__init__(is_open=False)
        self._run = run
        self.listen(self._note)

    def __getitem__(self, key: str) -> Any:
        self._run.state_reads += 1
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        self._run.state_reads += 1
        return super().__iter__()

    def __len__(self) -> int:
        self._run.state_reads += 1
        return super().__len__()

    def _note(self, key: str, encoded: str | None) -> None:
        bookmarks, count = self._run.bookmarks, self._run.count
        held = dict(self._values)
        if bookmarks and (bookmarks[-1][0] == count or len(bookmarks) >= BOOKMARK_COUNT):
            bookmarks.pop()
        bookmarks.append((count, held))
