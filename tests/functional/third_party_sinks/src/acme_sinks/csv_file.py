"""A file sink: one row of CSV per record, with its type, its name and its content."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from om_ingest import DeliveryError, MetadataStore, Record, Sink, SinkContext, WriteResult
from om_ingest.config import validated
from om_ingest.kinds import Parcel
from om_ingest.sinks import (
    FileConfig,
    Spool,
    check_file,
    check_replaceable,
    created,
    lines_of,
)

HEADER = "type,name,content\r\n"


class CsvSink(Sink):
    """Replaces the file of an earlier run; a copy of the records is kept for reading back."""

    shorthand = "path"
    config_class = FileConfig

    def __init__(self, path: Path, ctx: SinkContext) -> None:
        self.path = path
        self.ctx = ctx

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> CsvSink:
        return cls(validated(FileConfig, config_dict, ("sink", "config")).path, ctx)

    def check(self) -> None:
        check_file(self.path)
        check_replaceable(self.path, HEADER.encode())

    def prepare(self) -> None:
        self.check()
        self.path.write_text(HEADER, "utf-8", newline="")
        self.copy = Spool.temporary(self.ctx.scratch)

    @property
    def store(self) -> MetadataStore:
        return self.copy

    @property
    def target(self) -> str:
        return f"csv {self.path}"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        rows = io.StringIO(newline="")
        for parcel in map(Parcel.of, records):
            entity_type, name = parcel.identity or ("", "")
            csv.writer(rows).writerow((entity_type, name, parcel.encoded.decode()))
        try:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                file.write(rows.getvalue())
        except OSError as error:
            raise DeliveryError(f"Cannot write {self.path}: {error}", "Make room.") from None
        self.copy.append(lines_of(records))
        return created(records)

    def close(self) -> None:
        if hasattr(self, "copy"):
            self.copy.close()
