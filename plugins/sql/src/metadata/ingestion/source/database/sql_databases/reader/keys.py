"""Keys of a table: constraints of columns, and of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from metadata.ingestion.source.database.sql_databases.reader.rows import ConstraintRow
from metadata.ingestion.source.database.sql_databases.reader.types import Fields
from om_ingest.model import Constraint, ConstraintType, RelationshipType, encode_reserved


class Keys:
    """The keys of one table, of which all columns are delivered."""

    def __init__(self, rows: Iterable[ConstraintRow], columns: Set[str]) -> None:
        """`columns` are the names of those that are delivered."""
        kept = [row for row in rows if row.columns and columns >= set(row.columns)]
        self.primary: Sequence[str] = next((r.columns for r in kept if r.kind == "primary"), ())
        self.foreign = [row for row in kept if row.kind == "foreign"]
        unique = {tuple(row.columns): row for row in kept if row.kind == "unique"}
        self.unique = [names for names in unique if set(names) != set(self.primary)]

    def mark(self, columns: Mapping[str, Fields]) -> None:
        """Set the one constraint that a column can have: NOT NULL, which is set, is not UNIQUE."""
        for names in self.unique:
            if len(names) == 1:
                columns[names[0]].setdefault("constraint", Constraint.UNIQUE)
        if len(self.primary) == 1:
            columns[self.primary[0]]["constraint"] = Constraint.PRIMARY_KEY

    def of_table(
        self, strict: Set[str], referred: Callable[[ConstraintRow], list[str] | None]
    ) -> list[Fields]:
        """The constraints that no column carries.

        `strict` are the columns that are not nullable; `referred` gives the FQNs of the columns
        that a foreign key refers to, and None where they are not delivered.
        """
        found: list[Fields] = []
        if len(self.primary) > 1:
            found.append(_constraint(ConstraintType.PRIMARY_KEY, self.primary))
        found += [
            _constraint(ConstraintType.UNIQUE, names)
            for names in self.unique
            if len(names) > 1 or names[0] in strict
        ]
        for row in self.foreign:
            targets = referred(row)
            if targets:
                found.append(
                    {
                        **_constraint(ConstraintType.FOREIGN_KEY, row.columns),
                        "referredColumns": targets,
                        "relationshipType": self._cardinality(row.columns),
                    }
                )
        return found

    def _cardinality(self, columns: Sequence[str]) -> RelationshipType:
        """One to one if the columns of the foreign key hold a key of their own table."""
        own = set(columns)
        keys = [set(self.primary), *map(set, self.unique)]
        if any(key and key <= own for key in keys):
            return RelationshipType.ONE_TO_ONE
        return RelationshipType.MANY_TO_ONE


def _constraint(kind: ConstraintType, names: Sequence[str]) -> Fields:
    # Stores encode reserved characters in column names, and constraints use those names.
    return {"constraintType": kind, "columns": [encode_reserved(name) for name in names]}
