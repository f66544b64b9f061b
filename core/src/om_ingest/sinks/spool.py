"""Read-your-writes for sinks that write lines: a catalog made from the lines when asked.

A source that never reads back pays nothing. One that does has the lines written since
its last read loaded into a temporary catalog, so memory stays flat.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedRandom
from itertools import islice
from typing import Any
from zlib import crc32

from om_ingest.catalog import Catalog
from om_ingest.errors import DeliveryError
from om_ingest.model.entity import Entity
from om_ingest.model.lineage import EntityLineage
from om_ingest.model.records import Record, decode, encode
from om_ingest.sink import EntityT, MetadataStore, Outcome, WriteResult

_CHUNK = 500


class Spool(MetadataStore):
    """An append-only file of records that can be asked like a store.

    `file` is open for reading and writing in binary mode; `start` is where its records
    begin. Raises `DeliveryError` when the file cannot be written.
    """

    def __init__(self, file: BufferedRandom, name: str, start: int = 0) -> None:
        self._file = file
        self._name = name
        self._loaded_to = start
        self._catalog: Catalog | None = None
        self.line_count = 0
        """Lines that were appended."""

        self.checksum = 0
        """CRC-32 of everything that was appended."""

    def append(self, lines: bytes) -> None:
        """Write finished lines: all, or none."""
        end = self._file.seek(0, 2)  # a read that failed half-way has left it elsewhere
        try:
            self._file.write(lines)
            self._file.flush()
        except OSError as error:
            with contextlib.suppress(OSError):  # /dev/full, for instance, cannot be cut
                self._file.raw.truncate(end)
            self._file.raw.close()  # or closing the file would try to write once more
            raise DeliveryError(
                f"Cannot write to {self._name}: {error.strerror}",
                "Make room or name another file; the records that failed are set aside.",
            ) from None
        self.line_count += lines.count(b"\n")
        self.checksum = crc32(lines, self.checksum)

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Write what the catalog's rules accept, so that it can be read back at once."""
        results = self._synced().write(records)
        accepted = [result.record for result in results if result.outcome is not Outcome.FAILED]
        self.append(lines_of(accepted))
        self._loaded_to = self._file.seek(0, 2)
        return results

    def get_by_name(
        self, entity: type[EntityT], fqn: str, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this FQN, or None."""
        return self._synced().get_by_name(entity, fqn, include_deleted=include_deleted)

    def get_by_id(
        self, entity: type[EntityT], entity_id: object, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this id, or None."""
        return self._synced().get_by_id(entity, entity_id, include_deleted=include_deleted)

    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of one kind ordered by FQN, lazily."""
        return self._synced().list_entities(entity, scope=scope, include_deleted=include_deleted)

    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The lineage graph around an entity."""
        return self._synced().get_lineage(
            entity, fqn, upstream_depth=upstream_depth, downstream_depth=downstream_depth
        )

    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Delete in what is read back; lines that are written stay written."""
        return self._synced().delete(entity, fqn, recursive=recursive, hard=hard)

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Restore in what is read back."""
        return self._synced().restore(entity, fqn)

    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Patch what is read back; lines that are written stay as they are."""
        return self._synced().patch(entity, fqn, operations)

    def close(self) -> None:
        """Drop the temporary catalog; the file belongs to the caller."""
        if self._catalog is not None:
            self._catalog.close()

    def _synced(self) -> Catalog:
        """The catalog with every line in it that has been written so far."""
        if self._catalog is None:
            self._catalog = Catalog.temporary()
        self._file.seek(self._loaded_to)
        while chunk := list(islice(self._file, _CHUNK)):
            self._catalog.write([decode(line) for line in chunk])
        self._loaded_to = self._file.tell()
        return self._catalog


def lines_of(records: Sequence[Record]) -> bytes:
    """The records as lines, each ending in a line break."""
    lines = [encode(record) for record in records]
    lines.append(b"")
    return b"\n".join(lines)


def created(records: Sequence[Record]) -> list[WriteResult]:
    """What a sink answers that keeps no state: every line is new."""
    return [WriteResult(record, Outcome.CREATED) for record in records]
