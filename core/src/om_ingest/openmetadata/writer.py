"""Writes records of mixed kinds to a server, those that others depend on first (§3.1, §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from om_ingest.delivery import Settled
from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, EntityKind, Parcel, Refusals, kind_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import AttachmentRequest, CreateRequest
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.openmetadata.attaching import Attacher
from om_ingest.openmetadata.beside import Beside
from om_ingest.openmetadata.bodies import Row, row_of
from om_ingest.openmetadata.edges import EdgeWriter
from om_ingest.openmetadata.evidence import is_absent
from om_ingest.openmetadata.existing import Existing
from om_ingest.openmetadata.holding import lacking
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.patching import restore
from om_ingest.openmetadata.results import RowResult, failed
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.updating import Updater
from om_ingest.store import Outcome, WriteResult


class Writer:
    """Writes batches of records. Thread-safe."""

    def __init__(
        self, server: Server, existing: Existing, updater: Updater, *, override: bool = False
    ) -> None:
        """With `override`, edges become what the source says also where people have set them."""
        self._server = server
        self._existing = existing
        self._updater = updater
        self._override = override
        self._attacher = Attacher(server, existing)

    def write(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """Create or update; one result per record, in the same order.

        Raises `ServerError` when the server fails altogether or refuses us.
        """
        results: dict[int, WriteResult] = {}
        left = list(range(len(parcels)))
        refusals = Refusals()
        while left:
            some = [parcels[place] for place in left]
            for settled in self.settling(some, refusals):
                results.update((left[place], result) for place, result in settled)
            left = [place for place in left if place not in results]
        return [results[place] for place in range(len(parcels))]

    def settling(
        self, parcels: Sequence[Parcel], refusals: Refusals | None = None
    ) -> Iterator[Settled]:
        """As `write`, with results as soon as they are known, each with its record's place.

        Records that do not come are to be given once more: it has turned out that the server
        takes none of their kind in batches, so that they may as well be divided among workers.
        """
        refusals = Refusals() if refusals is None else refusals
        for places in _waves(parcels):
            left_count = len(places)
            for results in self._write_wave(parcels, places, refusals):
                left_count -= len(results)
                yield [self._settled(parcels[place], place, done) for place, done in results]
            if left_count:
                return

    def _settled(self, parcel: Parcel, place: int, result: RowResult) -> tuple[int, WriteResult]:
        outcome, reason, missing = result
        if missing is not None:
            missing = self._server.ids.forget_missing(missing)
            self._existing.forget(missing)
        return place, WriteResult(parcel.record, outcome, reason, missing)

    def _write_wave(
        self, parcels: Sequence[Parcel], places: list[int], refusals: Refusals
    ) -> Iterator[list[tuple[int, RowResult]]]:
        """Write records of one kind; children of failed records are not sent."""
        rows: dict[Row, int] = {}
        edges = EdgeWriter(self._server, override=self._override)
        attached: list[AttachmentRequest] = []
        if not isinstance(parcels[places[0]].record, CreateRequest):  # they are of one kind
            records = (parcels[place].record for place in places)
            attached = [record for record in records if isinstance(record, AttachmentRequest)]
        beside, dialect = self._attacher.beside(attached), self._server.dialect
        for place in places:
            parcel = parcels[place]
            record = parcel.record
            if dialect.lacking and (reason := lacking(dialect, record)):
                yield [(place, RowResult(Outcome.LEFT_OUT, reason))]
            elif refusals.includes_parent(parcel):
                yield [(place, RowResult(Outcome.FAILED, *refusals.add(parcel)))]
            elif isinstance(record, CreateRequest):
                try:
                    standing = self._standing(parcel)
                    if standing is not None:
                        yield [(place, RowResult(standing))]
                    else:
                        is_new = self._is_asked(kind_of(record))
                        rows[row_of(parcel, record, self._server, is_new=is_new)] = place
                except (RecordError, RequestFailedError) as error:
                    yield [(place, self._judged(parcel, failed(error), refusals))]
            else:
                result = self._attached(parcel.content, edges, beside)
                yield [(place, self._judged(parcel, result, refusals))]
        for some in self._updater.put(list(rows)):
            for row, _ in some:
                if row.kind.entity_type == "pipeline":
                    self._attacher.forget_tasks(row.fqn)
            yield [
                (rows[row], self._judged(parcels[rows[row]], result, refusals))
                for row, result in some
            ]

    def _judged(self, parcel: Parcel, result: RowResult, refusals: Refusals) -> RowResult:
        """The result to report; left out is what the server has turned out to have no kind for."""
        if result.outcome is not Outcome.FAILED:
            refusals.discard(parcel)
            return result
        if reason := lacking(self._server.dialect, parcel.record):
            return RowResult(Outcome.LEFT_OUT, reason)
        return RowResult(Outcome.FAILED, *refusals.add(parcel, result.reason, result.missing))

    def _standing(self, parcel: Parcel) -> Outcome | None:
        """The outcome of an existing service that must not be overwritten (§11.2); None for others.

        One that is marked as deleted comes back as it was.
        """
        kind = kind_of(parcel.record)
        if not self._is_asked(kind):
            return None
        fqn = names.quote(parcel.name)
        answer = self._server.by_name(kind.entity_type, fqn, include="all")
        if answer.is_done and answer.body.get("deleted"):
            restore(self._server, kind, str(answer.body["id"]))
            return Outcome.UPDATED
        if answer.is_done:
            return Outcome.UNCHANGED
        if is_absent(answer, fqn):
            return None
        raise RecordError(
            f"it is not known whether the {kind.entity_type} {fqn} is there: {answer.reason}",
            "Do what the server says, or set forceEntityOverwriting.",
        )

    def _is_asked(self, kind: EntityKind) -> bool:
        """Whether only entities of this kind are written that are not there."""
        return kind.segment is not None and not self._server.config.forceEntityOverwriting

    def _attached(self, record: Record, edges: EdgeWriter, beside: Beside) -> RowResult:
        if isinstance(record, ScopeComplete):
            return RowResult(Outcome.UNCHANGED)
        if isinstance(record, (AddLineageRequest, AttachmentRequest)):
            return self._attacher.attach(record, edges, beside)
        return RowResult(Outcome.FAILED, f"not a record: {type(record).__name__}")


def _waves(parcels: Sequence[Parcel]) -> Iterator[list[int]]:
    """Indexes of records of one kind, independent of each other, in the order of delivery."""

    def key(place: int) -> tuple[int, str, int]:
        parcel = parcels[place]
        return parcel.level, getattr(parcel.record, "entity_type", ""), _nesting(parcel)

    for _, places in groupby(sorted(range(len(parcels)), key=key), key):
        yield list(places)


def _nesting(parcel: Parcel) -> int:
    """Depth of an entity within its own kind, for kinds that contain themselves: containers."""
    kind = KINDS.get(getattr(parcel.record, "entity_type", ""))
    if kind is None or kind.nested_field is None or parcel.identity is None:
        return 0
    try:
        return len(names.split(parcel.identity[1]))
    except RecordError:
        return 0
