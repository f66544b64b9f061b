"""The contract of a sink: where records go, and how a source reads them back.

A sink never raises for one bad record: it reports it as failed. It raises
`DeliveryError` (or `ServerError`) when it can take no more at all.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from om_ingest.delivery import RunEnd, SinkContext
from om_ingest.kinds import Parcel
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.source_status import ProcessorStatus as ProcessorStatus
from om_ingest.store import Closeable, MetadataStore, Outcome, WriteResult

CHANGED = "it was changed after it was yielded: build new objects for each record"
"""Why a sink that takes objects fails a record whose content is no longer there."""


class Sink(Closeable):
    """Delivers records. `create` only checks the config; `prepare` opens the target."""

    shorthand: ClassVar[str | None] = None
    """The key of its config that `--sink TYPE:VALUE` sets; None if there is none."""

    config_class: ClassVar[type[BaseModel] | None] = None
    """The model of its config, for `om-ingest schema`; None if it declares none."""

    keeps_journal: ClassVar[bool] = False
    """Whether the sink uses `SinkContext.journal`, so that a run can be resumed. Its `target` must
    then name the same place whatever the working directory is."""

    keeps_secrets: ClassVar[bool] = False
    """Whether the target is where secrets of connections belong: a server, which connects by itself
    and shows them to nobody. Elsewhere those of the run are masked in services."""

    def __init_subclass__(cls, **config: Any) -> None:
        super().__init_subclass__(**config)
        if "write" in vars(cls) and "write_parcels" not in vars(cls):  # not an inherited one
            cls.write_parcels = Sink.write_parcels  # type: ignore[method-assign]  # per class

    @classmethod
    @abstractmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Sink:
        """Check the config without touching the target; raises `WorkflowError`."""

    def check(self) -> None:
        """Check whether `prepare` would succeed, without changes; raises `OmIngestError`."""

    def prepare(self) -> None:
        """Open the target; called once, before the first record."""

    def rehearsal(self) -> MetadataStore | None:
        """A disposable copy of the target, for a dry run; called without `prepare`.

        None, unless overridden: the dry run writes into an empty store, and reads `existing`
        through it.
        """
        return None

    @classmethod
    def scratch(cls) -> MetadataStore | None:
        """An empty temporary store with the rules of this kind of target.

        The host asks the sink that is its default: a dry run and reading back from plain
        sinks use that store. None, unless overridden.
        """
        return None

    @property
    @abstractmethod
    def store(self) -> MetadataStore:
        """What a source reads back from, after `flush_for` or `flush`. Valid after `prepare`."""

    def existing(self) -> MetadataStore | None:
        """The store with what earlier runs delivered, where stale entities are marked as deleted.

        In a dry run it is only read, and asked for without `prepare`: the source sees what it has,
        under what the dry run would write.
        None, unless overridden: such a target is written anew by each run, and bookmarks of a
        source (`ctx.state`) are neither used nor kept, unless the sink declares `keeps_journal`.
        """
        return None

    def limits(self) -> Sequence[str]:
        """What records of this source can say and the target cannot hold, in a few lines.

        `om-ingest check` prints it. Nothing, unless overridden.
        """
        return ()

    def overrides(self) -> bool | None:
        """Whether this run replaces what people have set: `overrideMetadata`.

        None, unless overridden: the sink has no such thing, and a run that wants it is warned.
        """
        return None

    @property
    @abstractmethod
    def target(self) -> str:
        """Name of the target for people, in one line without secrets, e.g. `catalog demo.db`."""

    @abstractmethod
    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        """Take records, in order; the results that are available by now.

        Every record is settled exactly once, at the latest by the next `flush`; a result
        holds the very object that was handed over. Those of one entity come in the order of
        their records. A result that names something `missing` makes the record come once more
        at the end of the run.
        """

    def write_parcels(self, parcels: Sequence[Parcel]) -> Iterable[WriteResult]:
        """Take records with the content that they had when they came: what the host calls.

        `write`, unless overridden, without the records that were changed since: these fail. A
        sink that works from `Parcel.encoded`, `body` or `content` overrides it, and refuses none.
        """
        same = []
        for parcel in parcels:
            if parcel.content is parcel.record:
                same.append(parcel.record)
            else:
                yield WriteResult(parcel.record, Outcome.FAILED, CHANGED)
        yield from self.write(same)

    def flush(self) -> Iterable[WriteResult]:
        """Deliver everything taken so far; the outstanding results.

        Called at the end, and before each time that the source reads back.
        """
        return ()

    def flush_for(self, entity_type: str, fqn: str) -> Iterable[WriteResult]:
        """Deliver what the source needs to read one entity back; everything, unless overridden."""
        return self.flush()

    def finish(self, end: RunEnd) -> None:
        """Learn how the run ended; nothing to do unless overridden.

        Called once between the last write and `close`, however the run ended, if `prepare`
        succeeded. May raise `DeliveryError`.
        """


class Processor(Closeable):
    """Looks at each record on its way to the sink, and may yield records of its own.

    What it yields passes the processors after it, and is counted, delivered and set aside like
    a record of the source. An error in `process` fails that record; one in `scope_complete` or
    `finish` fails the run, and no record of the source is lost.
    """

    config_class: ClassVar[type[BaseModel] | None] = None
    """The model of its config, for `om-ingest schema`; None if it declares none."""

    @classmethod
    @abstractmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Processor:
        """Check the config; raises `WorkflowError`.

        From the first record on, `ctx.metadata` is a store to look things up in.
        """

    @abstractmethod
    def process(self, record: Record) -> Record | None:
        """The record to deliver, changed or not; None filters it out.

        A `ScopeComplete` comes, too: return it as it is, or None.
        """

    def scope_complete(self, scope: ScopeComplete) -> Iterable[Record]:
        """Learn that everything in a scope was yielded; records to deliver before the marker.

        Called before `process` gets the same marker. Nothing, unless overridden.
        """
        return ()

    def finish(self) -> Iterable[Record]:
        """Learn that the source was read to its end; records to deliver after all others.

        Called at most once, after the last record and before the sink's last flush. Not called
        if the source died, or the run was interrupted or stopped at its limit. Nothing, unless
        overridden.
        """
        return ()

    def get_status(self) -> ProcessorStatus | None:
        """What it reports of its work: its entry in the report of the run.

        Called once, before `close`, however the run ended. None, unless overridden.
        """
        return None
