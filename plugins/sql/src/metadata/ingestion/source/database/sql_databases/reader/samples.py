"""What is delivered beside a table on request: sample rows, as JSON and people can take them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from metadata.ingestion.source.database.sql_databases.reader.rows import RelationRow
from metadata.ingestion.source.database.sql_databases.reader.selection import readable
from metadata.ingestion.source.database.sql_databases.reader.session import Session
from om_ingest import CreateTableRequest, EntityReference, Record, SourceError, SourceStatus
from om_ingest.model import (
    AddSampleDataRequest,
    AddTableProfileRequest,
    CreateTableProfileRequest,
    Table,
    TableData,
    TableProfile,
    encode_reserved,
)

_LONGEST = 1000
"""Characters of one value."""

_EXACT = 2**63
"""Whole numbers beyond it are texts: most readers of JSON would round them."""


@dataclass(frozen=True)
class Extras:
    """What is read on request."""

    sample_count: int = 0
    """Rows of sample data per table."""

    row_counts: bool = False
    """Whether the numbers of rows are delivered, as the database estimates them."""


def attached(
    session: Session,
    extras: Extras,
    row: RelationRow,
    request: CreateTableRequest,
    key: str,
    status: SourceStatus,
) -> Iterator[Record]:
    """What belongs to the table of `request`, whose FQN is `key`; of its columns only."""
    if extras.row_counts and row.row_count is not None:
        profile = TableProfile(timestamp=int(time.time() * 1000), rowCount=row.row_count)
        yield AddTableProfileRequest(
            table=key, profile=CreateTableProfileRequest(tableProfile=profile)
        )
    if not extras.sample_count:
        return
    try:
        found = session.sample(row.schema, row.name, extras.sample_count)
    except SourceError as error:
        status.warning(key, f"no sample data: {error.what}")
        return
    if found is None:
        return
    names = [encode_reserved(readable(name)) for name in found[0]]
    delivered = {column.name for column in request.columns}
    kept = [number for number, name in enumerate(names) if name in delivered]
    if kept:
        yield AddSampleDataRequest(
            entity=EntityReference(type=Table.entity_type, fullyQualifiedName=key),
            sampleData=TableData(
                columns=[names[number] for number in kept],
                rows=[[plain(values[number]) for number in kept] for values in found[1]],
            ),
        )


def plain(value: object) -> object:
    r"""A value that a driver gave: truth values, numbers and short texts as they are, else a text.

    Bytes are in hexadecimal digits, as PostgreSQL writes them: `\x00ff`.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_EXACT <= value < _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        head = bytes(value[: _LONGEST // 2])
        return f"\\x{head.hex()}" + ("…" if len(value) > len(head) else "")
    if isinstance(value, Mapping):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    text = str(value).replace("\0", "").encode(errors="replace").decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
