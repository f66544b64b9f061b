"""Requests for tables, from the rows of one relation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from metadata.ingestion.source.database.sql_databases.reader.keys import Keys
from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ColumnRow,
    ConstraintRow,
    PartitionRow,
    RelationRow,
)
from metadata.ingestion.source.database.sql_databases.reader.types import (
    Fields,
    fields_of,
    parsed,
)
from om_ingest import CreateTableRequest, SourceStatus
from om_ingest.config import summary
from om_ingest.model import DataType, PartitionIntervalTypes, TableType, encode_reserved
from pydantic import ValidationError

_KEPT_TYPES = 10_000
_INTERVALS = {
    "range": PartitionIntervalTypes.COLUMN_VALUE,
    "list": PartitionIntervalTypes.COLUMN_VALUE,
    "hash": PartitionIntervalTypes.COLUMN_VALUE,
    "key": PartitionIntervalTypes.COLUMN_VALUE,
}


class TableMaker:
    """Makes the request for one table after the other."""

    def __init__(self, types: Mapping[str, DataType], status: SourceStatus) -> None:
        self._types = types
        self._status = status
        self._known: dict[tuple[str, str | None, Sequence[str]], Fields] = {}

    def request(
        self,
        row: RelationRow,
        schema: str,
        key: str,
        columns: Sequence[ColumnRow],
        constraints: Iterable[ConstraintRow],
        partitions: Sequence[PartitionRow],
        referred: Callable[[ConstraintRow], list[str] | None],
        owners: list[Any] | None,
    ) -> CreateTableRequest | None:
        """The request; None if OpenMetadata does not take it, and the status says why.

        `schema` and `key` are the FQNs of schema and table.
        """
        kept = self._stored(columns, key)
        keys = Keys(constraints, {column.name for column in kept})
        strict = {column.name for column in kept if not column.is_nullable}
        values: Fields = {
            "name": row.name,
            "databaseSchema": schema,
            "tableType": TableType(row.kind),
            "columns": [self._column(column, keys) for column in kept],
        }
        found = keys.of_table(strict, referred)
        if found:
            values["tableConstraints"] = found
        if partitions:
            values["tablePartition"] = {"columns": [_partition(row) for row in partitions]}
        if row.comment:
            values["description"] = row.comment
        if row.definition:
            values["schemaDefinition"] = row.definition
        if row.location:
            values["locationPath"] = row.location
        if owners:
            values["owners"] = owners
        try:
            return CreateTableRequest.model_validate(values)
        except ValidationError as error:
            self._status.failure(key, f"OpenMetadata does not allow it: {summary(error)}")
            return None

    def _stored(self, columns: Sequence[ColumnRow], key: str) -> Sequence[ColumnRow]:
        """The columns without those that OpenMetadata would take for another one."""
        taken: dict[str, str] = {}
        for column in columns:
            stored = column.name.lower()
            if stored in taken or not stored:
                break
            taken[stored] = column.name
        else:
            return columns
        kept: dict[str, ColumnRow] = {}
        for column in columns:
            stored = encode_reserved(column.name).lower()  # as servers compare them
            if stored in kept:
                reason = f"OpenMetadata takes it for the column {kept[stored].name}"
                self._status.failure(f"{key}.{column.name}", reason)
            elif not stored:
                self._status.failure(key, "OpenMetadata stores no column without a name")
            else:
                kept[stored] = column
        return list(kept.values())

    def _column(self, row: ColumnRow, keys: Keys) -> Fields:
        fields = {"name": row.name, **self._fields(row)}
        constraint = keys.of_column(row.name, row.is_nullable)
        if constraint is not None:
            fields["constraint"] = constraint
        if row.comment:
            fields["description"] = row.comment
        return fields

    def _fields(self, row: ColumnRow) -> Fields:
        labels = tuple(row.labels)
        found = self._known.get((row.type, row.of, labels))
        if found is None:
            found = self._read(row.type, row.of, labels)
            if len(self._known) >= _KEPT_TYPES:
                self._known.clear()
            self._known[(row.type, row.of, labels)] = found
        return found

    def _read(self, text: str, of: str | None, labels: Sequence[str]) -> Fields:
        fields = fields_of(parsed(of or text), self._types)
        if labels and fields["dataType"] is DataType.UNKNOWN:
            fields = {"dataType": DataType.ENUM}
        display = text
        if labels and not any(f"'{label}'" in text for label in labels):
            quoted = ", ".join("'" + label.replace("'", "''") + "'" for label in labels)
            display = f"{text} as enum ({quoted})"
        elif of and "children" not in fields:
            display = f"{text} as {of}"
        return {**fields, "dataTypeDisplay": display}


def _partition(row: PartitionRow) -> Fields:
    fields: Fields = {
        "columnName": row.column,
        "intervalType": _INTERVALS.get(row.strategy.lower(), PartitionIntervalTypes.OTHER),
    }
    if row.interval:
        fields["interval"] = row.interval
    return fields
