"""Turns a table or view of the file into a create request."""

from __future__ import annotations

from collections.abc import Sequence

from metadata.ingestion.source.database.sqlite_file import schema
from metadata.ingestion.source.database.sqlite_file.datatypes import column_type
from metadata.ingestion.source.database.sqlite_file.file import SqliteFile, UnresolvedError
from metadata.ingestion.source.database.sqlite_file.place import FileSelection, Place
from metadata.ingestion.source.database.sqlite_file.schema import (
    ColumnInfo,
    ForeignKey,
    Relation,
    folded,
)
from om_ingest import CreateTableRequest, SourceStatus
from om_ingest.model import (
    Column,
    Constraint,
    ConstraintType,
    RelationshipType,
    TableConstraint,
    encode_reserved,
)


class TableReader:
    """Reads tables one at a time; warnings and filtered items go to the status."""

    def __init__(
        self,
        file: SqliteFile,
        relations: Sequence[Relation],
        place: Place,
        selection: FileSelection,
        status: SourceStatus,
    ) -> None:
        self.file = file
        self.relations = {folded(relation.name): relation for relation in relations}
        self.place = place
        self.selection = selection
        self.status = status

    def read(self, relation: Relation) -> CreateTableRequest | None:
        """The request for a table or view; None if its columns are all filtered out.

        Raises `SourceError` if the file cannot be read, and `pydantic.ValidationError` for
        a name that OpenMetadata does not allow.
        """
        key = f"{self.place.schema}.{relation.name}"
        try:
            infos = schema.columns(self.file, relation.name)
        except UnresolvedError as error:
            infos = []
            self.status.warning(key, f"delivered without columns: {error.what}")
        kept = [info for info in infos if self._keeps(key, info.name)]
        if infos and not kept:
            self.status.filter(key, "all its columns are left out")
            return None
        names = {encode_reserved(info.name) for info in kept}
        unique = schema.unique_keys(self.file, relation.name)
        definition = None
        if relation.is_view or self.selection.settings.includeDDL:
            definition = schema.definition(self.file, relation.name)
        return CreateTableRequest(
            name=relation.name,
            databaseSchema=self.place.schema,
            tableType=relation.table_type,
            columns=_columns(kept, schema.primary_key(infos), unique),
            tableConstraints=[
                constraint
                for constraint in self._constraints(key, relation, infos, unique)
                if names.issuperset(constraint.columns or ())
            ]
            or None,
            schemaDefinition=definition,
        )

    def _keeps(self, table_key: str, column: str) -> bool:
        return self.selection.decide(f"{table_key}.{column}", self.selection.why_not_column(column))

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
        for foreign in schema.foreign_keys(self.file, relation.name):
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
        if self.selection.why_not_relation(target) is not None:
            return None
        try:
            infos = schema.columns(self.file, target.name)
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
        if any(self.selection.why_not_column(name) is not None for name in targets):
            return None
        return [self.place.column(target.name, name) for name in targets]


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
