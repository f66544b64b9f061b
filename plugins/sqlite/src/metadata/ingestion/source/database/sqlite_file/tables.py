"""Turns a table or view of the file into a create request."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from metadata.ingestion.source.database.sqlite_file import schema
from metadata.ingestion.source.database.sqlite_file.datatypes import column_type
from metadata.ingestion.source.database.sqlite_file.file import (
    DamagedError,
    SqliteFile,
    UnparsedError,
    UnresolvedError,
)
from metadata.ingestion.source.database.sqlite_file.place import FileSelection, Place
from metadata.ingestion.source.database.sqlite_file.schema import (
    ColumnInfo,
    ForeignKey,
    Relation,
    folded,
)
from om_ingest import CreateTableRequest, SourceError, SourceStatus
from om_ingest.model import (
    Column,
    Constraint,
    ConstraintType,
    RelationshipType,
    Table,
    TableConstraint,
    encode_reserved,
)
from om_ingest.store import MetadataStore


class TableReader:
    """Reads tables one at a time; warnings, failures and filtered items go to the status."""

    def __init__(
        self,
        file: SqliteFile,
        relations: Sequence[Relation],
        place: Place,
        selection: FileSelection,
        status: SourceStatus,
        store: MetadataStore,
    ) -> None:
        self.file = file
        self.relations = unambiguous(relations)
        self.place = place
        self.selection = selection
        self.status = status
        self.store = store

    def read(self, relation: Relation) -> CreateTableRequest | None:
        """The request for a table or view; None if there is none, and the status says why.

        Raises `SourceError` if the file cannot be read, and `pydantic.ValidationError` for
        a name that OpenMetadata does not allow.
        """
        key = self.place.key(relation.name)
        self.file.is_misread = False
        infos: list[ColumnInfo] = []
        try:
            infos = schema.columns(self.file, relation)
        except DamagedError as error:
            schema.relations(self.file)  # raises it again if the damage is not that of one object
            self.status.failure(key, unreadable(error))
            return None
        except UnresolvedError as error:
            if isinstance(error, UnparsedError) or not self._may_lose_columns(relation):
                self.status.failure(key, unreadable(error))
                return None
            self.status.warning(key, f"delivered without columns: {error.what}")
        kept = self._kept(relation.name, infos)
        if infos and not kept:
            self.status.filter(key, "all its columns are left out")
            return None
        names = {encode_reserved(info.name) for info in kept}
        unique = schema.unique_keys(self.file, relation)
        if self.file.malformed is not None:
            for index in schema.unread_indexes(self.file, relation):
                self.status.warning(
                    key, f"SQLite {sqlite3.sqlite_version} cannot read its index {index}"
                )
        definition = None
        if relation.is_view or self.selection.settings.includeDDL:
            definition = schema.definition(self.file, relation)
        constraints = [
            constraint
            for constraint in self._constraints(key, relation, infos, unique)
            if names.issuperset(constraint.columns or ())
        ]
        if self.file.is_misread or relation.is_misread:
            self.status.warning(key, "its names are not UTF-8: they were read as Windows-1252")
        return CreateTableRequest(
            name=relation.name,
            databaseSchema=self.place.schema,
            tableType=relation.table_type,
            columns=_columns(kept, schema.primary_key(infos), unique),
            tableConstraints=constraints or None,
            schemaDefinition=definition,
        )

    def _may_lose_columns(self, relation: Relation) -> bool:
        """Whether nobody misses the columns of what cannot be read: a view nobody has seen whole.

        A broken view exists and has a definition. But what an earlier run has delivered of it
        must not be lost because this SQLite lacks something.
        """
        if not relation.is_view:
            return False
        found = self.store.get_by_name(Table, self.place.table(relation.name))
        return found is None or not found.columns

    def _kept(self, table: str, infos: Sequence[ColumnInfo]) -> list[ColumnInfo]:
        """The columns that no filter leaves out, without those that cannot be stored."""
        kept: dict[str, ColumnInfo] = {}
        for info in infos:
            left_out = self.selection.why_not_column(info.name)
            if left_out is not None:
                self.status.filter(self.place.key(table, info.name), left_out)
                continue
            reason = self.selection.why_not_stored(table, info.name)
            stored = encode_reserved(info.name).lower()  # as servers compare them
            if reason is None and stored in kept:
                reason = f"OpenMetadata takes it for the column {kept[stored].name}"
            if reason is not None:
                self.status.failure(self.place.key(table, info.name), reason)
            else:
                kept[stored] = info
        return list(kept.values())

    def _constraints(
        self,
        key: str,
        relation: Relation,
        infos: Sequence[ColumnInfo],
        unique: Sequence[list[str]],
    ) -> list[TableConstraint]:
        """The constraints of the table that no column carries."""
        primary = schema.primary_key(infos)
        strict = {info.name for info in infos if info.not_null}
        found = []
        if len(primary) > 1:
            found.append(_constraint(ConstraintType.PRIMARY_KEY, primary))
        # A column has one constraint only: NOT_NULL wins over UNIQUE.
        found += [
            _constraint(ConstraintType.UNIQUE, names)
            for names in unique
            if set(names) != set(primary) and (len(names) > 1 or names[0] in strict)
        ]
        for foreign in schema.foreign_keys(self.file, relation):
            referred = self._referred(key, foreign)
            if referred:
                one = set(foreign.columns) in (set(primary), *map(set, unique))
                found.append(
                    TableConstraint(
                        constraintType=ConstraintType.FOREIGN_KEY,
                        columns=[encode_reserved(name) for name in foreign.columns],
                        referredColumns=referred,
                        relationshipType=(
                            RelationshipType.ONE_TO_ONE if one else RelationshipType.MANY_TO_ONE
                        ),
                    )
                )
        return found

    def _referred(self, key: str, foreign: ForeignKey) -> list[str] | None:
        """FQNs of the columns that a foreign key refers to; None if they are not delivered."""
        target = self.relations.get(folded(foreign.table))
        if target is None:
            self.status.warning(key, f"foreign key to {foreign.table}, which does not exist")
            return None
        if not self.selection.has_relation(target):
            return None
        try:
            infos = schema.columns(self.file, target)
        except UnresolvedError as error:
            self.status.warning(key, f"foreign key to {target.name}: {error.what}")
            return None
        names = {folded(info.name): info.name for info in infos}
        wanted = foreign.targets or schema.primary_key(infos)
        missing = [name for name in wanted if folded(name) not in names]
        if missing or len(wanted) != len(foreign.columns):
            what = ", ".join(missing) or "a primary key of as many columns"
            self.status.warning(key, f"foreign key to {target.name}, which has not {what}")
            return None
        targets = [names[folded(name)] for name in wanted]
        if not all(self.selection.has_column(target.name, name) for name in targets):
            return None
        return [self.place.column(target.name, name) for name in targets]


def unambiguous(relations: Sequence[Relation]) -> dict[str, Relation]:
    """Relations by their names without case; not those whose names only look alike when read."""
    counts = Counter(folded(relation.name) for relation in relations)
    return {
        folded(relation.name): relation
        for relation in relations
        if counts[folded(relation.name)] == 1
    }


def unreadable(error: SourceError) -> str:
    """The reason of a failure that costs one table or view."""
    return (
        f"SQLite {sqlite3.sqlite_version} cannot read it: {error.what}."
        " Read the file with a SQLite that can, repair it, or leave it out with table_filter"
    )


def _constraint(kind: ConstraintType, names: Sequence[str]) -> TableConstraint:
    # Stores encode reserved characters in column names, and constraints use those names.
    return TableConstraint(constraintType=kind, columns=[encode_reserved(name) for name in names])


def _columns(
    infos: Sequence[ColumnInfo], primary: Sequence[str], unique: Sequence[list[str]]
) -> list[Column]:
    alone = {names[0] for names in unique if len(names) == 1}
    columns = []
    for info in infos:
        kind = column_type(info.declared_type)
        constraint = None
        if primary == [info.name]:
            constraint = Constraint.PRIMARY_KEY
        elif info.not_null:
            constraint = Constraint.NOT_NULL
        elif info.name in alone:
            constraint = Constraint.UNIQUE
        columns.append(
            Column(
                name=info.name,
                dataType=kind.data_type,
                dataLength=kind.length,
                precision=kind.precision,
                scale=kind.scale,
                dataTypeDisplay=info.declared_type or None,
                constraint=constraint,
            )
        )
    return columns
