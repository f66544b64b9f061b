"""Records of mixed kinds into a server: what others need goes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS
from om_ingest.kinds.identity import Identity, identity_of, level_of, parent_identity_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import AttachmentRequest, CreateRequest
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.writing.attaching import attach
from om_ingest.openmetadata.writing.bodies import Row, row_of
from om_ingest.openmetadata.writing.bulk import BulkWriter
from om_ingest.openmetadata.writing.single import Settled
from om_ingest.store import Outcome, WriteResult


class Writer:
    """Writes batches of records; any thread may use it."""

    def __init__(self, server: Server, bulk: BulkWriter) -> None:
        self._server = server
        self._bulk = bulk

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Create or update; one result per record, in the same order.

        Raises `ServerError` when the server fails altogether or refuses us.
        """
        settled: dict[int, Settled] = {}
        causes: dict[Identity, str] = {}
        for places in _waves(records):
            self._write_wave(records, places, settled, causes)
        return [WriteResult(record, *settled[place]) for place, record in enumerate(records)]

    def _write_wave(
        self,
        records: Sequence[Record],
        places: list[int],
        settled: dict[int, Settled],
        causes: dict[Identity, str],
    ) -> None:
        """Write records of one kind; `causes` says of what has failed why."""
        rows: dict[int, Row] = {}
        for place in places:
            record = records[place]
            parent = parent_identity_of(record)
            if parent is not None and parent in causes:
                reason = f"its {parent[0]} {parent[1]} failed: {causes[parent]}"
                settled[place] = Settled(Outcome.FAILED, reason)
                _note(causes, record, causes[parent])
            elif isinstance(record, CreateRequest):
                try:
                    if self._stays(record):
                        settled[place] = Settled(Outcome.UNCHANGED)
                    else:
                        rows[place] = row_of(record, self._server)
                except (RecordError, RequestFailedError) as error:
                    settled[place] = Settled(Outcome.FAILED, error.what)
                    _note(causes, record, error.what)
            else:
                settled[place] = self._besides(record)
        for place, result in zip(rows, self._bulk.put(list(rows.values())), strict=True):
            settled[place] = result
            if result.outcome is Outcome.FAILED:
                _note(causes, records[place], result.reason)

    def _stays(self, request: CreateRequest) -> bool:
        """Whether it is a service that is there, and is not to be overwritten (§11.2)."""
        kind, config = KINDS[request.entity_type], self._server.config
        if kind.segment is None or config.forceEntityOverwriting:
            return False
        return self._server.by_name(kind.entity_type, names.quote(request.name)).is_done

    def _besides(self, record: Record) -> Settled:
        if isinstance(record, ScopeComplete):
            return Settled(Outcome.UNCHANGED)
        if isinstance(record, (AddLineageRequest, AttachmentRequest)):
            return attach(self._server, record)
        return Settled(Outcome.FAILED, f"not a record: {type(record).__name__}")


def _waves(records: Sequence[Record]) -> Iterator[list[int]]:
    """The places of records of one kind that need nothing of each other, in the right order."""

    def key(place: int) -> tuple[int, str, int]:
        record = records[place]
        return level_of(record), getattr(record, "entity_type", ""), _nesting(record)

    for _, places in groupby(sorted(range(len(records)), key=key), key):
        yield list(places)


def _nesting(record: Record) -> int:
    """How deep an entity lies among those of its own kind, which are its parents: containers."""
    kind = KINDS.get(getattr(record, "entity_type", ""))
    identity = identity_of(record) if kind is not None and kind.nested_field else None
    try:
        return len(names.split(identity[1])) if identity is not None else 0
    except RecordError:
        return 0


def _note(causes: dict[Identity, str], record: Record, cause: str) -> None:
    identity = identity_of(record)
    if identity is not None:
        causes[identity] = cause
