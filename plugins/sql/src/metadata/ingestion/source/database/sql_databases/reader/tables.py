"""Requests for tables, from the rows of one relation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from metadata.ingestion.source.database.sql_databases.reader.keys import Keys
from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ColumnRow,
    ConstraintRow,
    PartitionRow,
    RelationRow,
)
from metadata.ingestion.source.database.sql_databases.reader.selection import readable
from metadata.ingestion.source.database.sql_databases.reader.session import Session
from metadata.ingestion.source.database.sql_databases.reader.types import (
    Fields,
    fields_of,
    parsed,
)
from om_ingest import CreateTableRequest, SourceStatus
from om_ingest.config import summary
from om_ingest.model import Constraint, DataType, PartitionIntervalTypes, TableType, encode_reserved
from pydantic import ValidationError

_KEPT_TYPES = 10_000
_TIMES = {DataType.DATE, DataType.DATETIME, DataType.TIMESTAMP, DataType.TIMESTAMPZ, DataType.TIME}
_NUMBERS = {DataType.TINYINT, DataType.SMALLINT, DataType.INT, DataType.BIGINT, DataType.NUMERIC}
_COLUMN_VALUE = ("list", "hash", "key", "linear hash", "linear key")


class TableMaker:
    """Makes the request for one table after the other."""

    def __init__(self, session: Session, status: SourceStatus) -> None:
        """Types are those of the session; what OpenMetadata does not take goes to the status."""
        CreateTableRequest.model_rebuild()  # takes a while, in which the server works
        self._types = session.types
        self._status = status
        self._known: dict[tuple[str, str | None, Sequence[str] | None], Fields] = {}

    def request(
        self,
        row: RelationRow,
        schema: str,
        key: str,
        columns: Sequence[ColumnRow],
        constraints: Sequence[ConstraintRow],
        partitions: Sequence[PartitionRow],
        referred: Callable[[ConstraintRow], list[str] | None],
        owners: list[Any] | None,
    ) -> CreateTableRequest | None:
        """The request; None if OpenMetadata does not take it, and the status says why.

        `schema` and `key` are the FQNs of schema and table.
        """
        name = readable(row.name)
        if not (name + "".join([column.name for column in columns])).isascii():
            columns, constraints = self._readable(columns, constraints, key, name != row.name)
        kept = self._stored(columns, key)
        fields = self._columns(kept)
        values: Fields = {
            "name": name,
            "databaseSchema": schema,
            "tableType": TableType(row.kind),
            "columns": fields,
        }
        if constraints:
            by_name = {column.name: of for column, of in zip(kept, fields, strict=True)}
            strict = {name for name, of in by_name.items() if "constraint" in of}
            keys = Keys(constraints, by_name.keys())
            keys.mark(by_name)
            if found := keys.of_table(strict, referred):
                values["tableConstraints"] = found
        if partitions and (partitioned := _partition(partitions, kept, fields)):
            values["tablePartition"] = {"columns": partitioned}
        if row.comment:
            values["description"] = readable(row.comment)
        if row.definition:
            values["schemaDefinition"] = readable(row.definition)
        if row.location:
            values["locationPath"] = readable(row.location)
        if owners:
            values["owners"] = owners
        try:
            return CreateTableRequest.model_validate(values)
        except ValidationError as error:
            self._status.warning(key, f"OpenMetadata does not allow it: {summary(error)}")
            return None

    def _readable(
        self,
        columns: Sequence[ColumnRow],
        constraints: Sequence[ConstraintRow],
        key: str,
        is_misread: bool,
    ) -> tuple[Sequence[ColumnRow], Sequence[ConstraintRow]]:
        """The rows with names that are text, whatever the encoding of the database."""
        found = [row._replace(name=readable(row.name)) for row in columns]
        if not is_misread and all(a.name == b.name for a, b in zip(found, columns, strict=True)):
            return columns, constraints
        self._status.warning(key, "its names are not UTF-8: they were read as Windows-1252")
        return found, [
            row._replace(columns=[readable(name) for name in row.columns]) for row in constraints
        ]

    def _stored(self, columns: Sequence[ColumnRow], key: str) -> Sequence[ColumnRow]:
        """The columns without those that OpenMetadata would take for another one."""
        names = {column.name.lower() for column in columns}
        if len(names) == len(columns) and "" not in names:
            return columns
        kept: dict[str, ColumnRow] = {}
        for column in columns:
            stored = encode_reserved(column.name).lower()  # as servers compare them
            if stored in kept:
                reason = f"it is left out: OpenMetadata takes it for {kept[stored].name}"
                self._status.warning(f"{key}.{column.name}", reason)
            elif not stored:
                reason = "a column is left out: OpenMetadata stores none without a name"
                self._status.warning(key, reason)
            else:
                kept[stored] = column
        return list(kept.values())

    def _columns(self, rows: Sequence[ColumnRow]) -> list[Fields]:
        """The fields of each column; the only constraint that they have is NOT NULL."""
        known, columns = self._known, []
        for _, _, name, text, is_nullable, _, _, comment, of, labels in rows:  # the fastest way
            found = known.get((text, of, labels))
            if found is None:
                if len(known) >= _KEPT_TYPES:
                    known.clear()
                found = known[(text, of, labels)] = self._read(text, of, labels)
            fields = {"name": name, **found}
            if not is_nullable:
                fields["constraint"] = Constraint.NOT_NULL
            if comment:
                fields["description"] = readable(comment)
            columns.append(fields)
        return columns

    def _read(self, text: str, of: str | None, labels: Sequence[str] | None) -> Fields:
        text = readable(text)
        try:
            fields = fields_of(parsed(readable(of) if of else text), self._types)
        except RecursionError:  # hundreds of levels: servers take no such columns
            fields = {"dataType": DataType.UNKNOWN}
        if labels and fields["dataType"] is DataType.UNKNOWN:
            fields = {"dataType": DataType.ENUM}
        display = text
        if labels and not any(f"'{label}'" in text for label in labels):
            quoted = ", ".join("'" + readable(one).replace("'", "''") + "'" for one in labels)
            display = f"{text} as enum ({quoted})"
        elif of and "children" not in fields:
            display = f"{text} as {readable(of)}"
        return {**fields, "dataTypeDisplay": display}


def _partition(
    rows: Sequence[PartitionRow], columns: Sequence[ColumnRow], fields: Sequence[Fields]
) -> list[Fields]:
    """The columns of a partition key; an expression stands with each column in it."""
    types = {column.name: of["dataType"] for column, of in zip(columns, fields, strict=True)}
    found: list[Fields] = []
    for row in rows:
        expression = row.expression
        names = [readable(row.column)] if row.column is not None else _names_in(expression, types)
        for name in names:
            if name not in types:  # a server takes no other than columns of the table
                continue
            kind = PartitionIntervalTypes.OTHER if expression else _interval(row, types[name])
            details: Fields = {"columnName": encode_reserved(name), "intervalType": kind}
            if interval := row.interval or expression:
                details["interval"] = interval
            found.append(details)
    return found


def _names_in(expression: str, types: Fields) -> list[str]:
    """The columns that an expression names, each once."""
    texts = re.sub(r"'(?:[^']|'')*'", " ", expression)
    words = re.findall(r'"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^\W\d][\w$]*', texts)
    plain = (
        word[1:-1].replace(word[0] * 2, word[0]) if word[0] in '"`' else word for word in words
    )
    return list(dict.fromkeys(name for name in plain if name in types))


def _interval(row: PartitionRow, kind: DataType) -> PartitionIntervalTypes:
    strategy = row.strategy.lower()
    if strategy in _COLUMN_VALUE or "list" in strategy:
        return PartitionIntervalTypes.COLUMN_VALUE
    if "range" in strategy and kind in _TIMES:
        return PartitionIntervalTypes.TIME_UNIT
    if "range" in strategy and kind in _NUMBERS:
        return PartitionIntervalTypes.INTEGER_RANGE
    if "range" in strategy:
        return PartitionIntervalTypes.COLUMN_VALUE
    return PartitionIntervalTypes.OTHER
