"""The rows that every dialect gives: one shape per stream, whatever the database calls things.

Streams of relations and below are ordered by schema and relation, compared by code points: the
reader merges them. Names are as the database keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from om_ingest.model import DatabaseSchema, Entity, StoredProcedure, Table


class DatabaseRow(NamedTuple):
    """A database of the server."""

    name: str
    comment: str | None = None
    owner: str | None = None
    refusal: str = ""
    """Why the user cannot read it, and what would help; empty if it can be read."""

    skipped: str = ""
    """Why nobody wants to read it: it is a template …"""


class SchemaRow(NamedTuple):
    """A schema of a database."""

    name: str
    comment: str | None = None
    owner: str | None = None


class RelationRow(NamedTuple):
    """A table or view."""

    schema: str
    name: str
    kind: str
    """Name of a `TableType` of OpenMetadata: `Regular`, `View`, `MaterializedView` …"""

    comment: str | None = None
    owner: str | None = None
    definition: str | None = None
    """The statement that creates it: of a view always, of a table if `includeDDL` is set."""

    row_count: int | None = None
    """Rows as the database estimates them; None if it does not know."""

    location: str | None = None
    """File or folder behind a foreign table, if the database says so."""


class ColumnRow(NamedTuple):
    """A column, in the order of its table."""

    schema: str
    relation: str
    name: str
    type: str
    """As the database prints it, arguments included: `numeric(10,2)[]`, `int unsigned`."""

    is_nullable: bool
    default: str | None = None
    """The expression of its default, or of a generated column."""

    generation: str = ""
    """`identity`, `identity always`, `stored` or `virtual`; empty if it is not generated."""

    comment: str | None = None
    of: str | None = None
    """What a type that has a name of its own stands for: the base type of a domain, or the
    members of a composite type as `struct(name type, …)`; None for the types of the database."""

    labels: Sequence[str] | None = None
    """The values of an enum or set, in their order."""


class ConstraintRow(NamedTuple):
    """A key of a table, with its columns in the order of the key."""

    schema: str
    relation: str
    name: str
    kind: str
    """`primary`, `unique` or `foreign`."""

    columns: Sequence[str]
    referred_schema: str | None = None
    referred_relation: str | None = None
    referred_columns: Sequence[str] = ()


class PartitionRow(NamedTuple):
    """One column or expression that a table is partitioned by."""

    schema: str
    relation: str
    column: str | None
    """Name of the column; None for an expression."""

    strategy: str
    """As the database calls it: `range`, `list`, `hash` …"""

    interval: str | None = None
    expression: str = ""
    """The expression, as the database prints it."""


class RoutineRow(NamedTuple):
    """A procedure or function; ordered by schema and name, those of one name oldest first.

    The first of a name is called by it alone: what is added later renames nothing.
    """

    schema: str
    name: str
    kind: str
    """`StoredProcedure` or `Function`, as OpenMetadata calls them."""

    language: str
    """As the database calls it: `sql`, `plpgsql`, `c` …"""

    code: str
    arguments: str = ""
    """As the database prints them; tells overloaded routines apart."""

    comment: str | None = None
    owner: str | None = None


class UnseenRow(NamedTuple):
    """Things of a schema that the user may not read, and so are missing or incomplete."""

    schema: str
    """Its name; empty for what belongs to the database."""

    what: str
    """In plural: `tables`, `views` or `routines` are missing from the streams, and so nothing of
    the kind is taken for gone; `definitions of views`, `samples of tables` … are not."""

    thing_count: int | None
    """How many; None if the database does not even tell whether there are any."""

    remedy: str
    """Which grant helps, as a statement where that is possible."""

    hides: type[Entity] | None = None
    """The kind of entity of which some are missing; None if some are only incomplete. The schema
    is then not called complete for it, nor the database for its schemas."""


def unproved(remedy: str) -> Iterator[UnseenRow]:
    """What a whole database may hide, where nothing tells whether it does."""
    kinds: dict[str, type[Entity]] = {
        "schemas": DatabaseSchema,
        "tables and views": Table,
        "procedures and functions": StoredProcedure,
    }
    for name, kind in kinds.items():
        yield UnseenRow("", f"{name} that the user may not see", None, remedy, kind)
