"""The dialects of SQL as sqlglot has them, and what parsing leaves open in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect, Dialects

from om_ingest_lineage.analysis.dialect_names import DEFAULT_SCHEMAS, sqlglot_name


class ColumnCase(Enum):
    """What a dialect does to the letters of a name that is not quoted."""

    LOWER = "lower"
    UPPER = "upper"
    IGNORED = "ignored"
    KEPT = "kept"


_SHOWN_LOWER = {"athena", "hive", "presto", "redshift", "trino"}
_ALIASES_IN_PROJECTIONS = {
    "clickhouse",
    "databricks",
    "duckdb",
    "redshift",
    "snowflake",
    "spark",
    "teradata",
}
_RECURSIVE_WITHOUT_KEYWORD = {"bigquery", "fabric", "oracle", "snowflake", "teradata", "tsql"}
_LEAVING_OUT_SCHEMAS = {"fabric", "snowflake", "tsql"}
_NAMED_AFTER_FUNCTION = {"postgres", "redshift"}


PSEUDO_COLUMNS = frozenset(
    (
        "level",
        "rownum",
        "rowid",
        "sysdate",
        "systimestamp",
        "user",
        "uid",
        "nextval",
        "currval",
        "current_user",
        "session_user",
        "current_catalog",
        "current_schema",
        "current_role",
        "current_database",
        "localtime",
        "localtimestamp",
        "ctid",
        "xmin",
        "xmax",
        "cmin",
        "cmax",
        "tableoid",
        "connect_by_isleaf",
        "connect_by_iscycle",
        "ora_rowscn",
        "column_value",
        "_partitiontime",
        "_partitiondate",
        "_table_suffix",
        "_file_name",
        "metadata$filename",
        "metadata$file_row_number",
        "metadata$action",
        "metadata$isupdate",
        "metadata$row_id",
        "default",
        "current_date",
        "current_time",
        "current_timestamp",
        "sessiontimezone",
        "dbtimezone",
    )
)
"""Names that databases give a meaning of their own where no column has them."""


@dataclass(frozen=True)
class Letters:
    """The rules of one dialect that parsing leaves open."""

    name: str
    """As sqlglot calls the dialect; empty for its own."""

    case: ColumnCase
    aliases_in_projections: bool
    """Whether a projection may name the alias of an earlier one; a column comes first."""

    recursive_without_keyword: bool
    named_after_function: bool
    """Whether a projection without alias has the name of its outermost function."""

    default_schema: str
    """What `database..table` leaves out; empty if no name can do that."""

    def key(self, text: str, quoted: bool) -> str:
        """What two names have in common that are the same name."""
        if self.case is ColumnCase.IGNORED:
            return text.casefold()
        if quoted or self.case is ColumnCase.KEPT:
            return text
        return text.lower() if self.case is ColumnCase.LOWER else text.upper()

    def stored_key(self, text: str) -> str:
        """The key of a name as a catalog stores it."""
        return self.key(text, quoted=True)

    def stored_keys(self, names: Sequence[str]) -> list[str]:
        """The keys of all columns of a table.

        SQLAlchemy, and catalogs that were filled with it, have names in lower case where the
        database has them in upper case: those that nobody need quote.
        """
        if self.case is ColumnCase.UPPER and not any(name != name.lower() for name in names):
            return [name.upper() for name in names]
        return [self.stored_key(name) for name in names]

    def shown(self, identifier: exp.Identifier) -> str:
        """A new column's name as the database stores it."""
        text = identifier.name
        if self.name in _SHOWN_LOWER:
            return text.lower()
        if self.case is ColumnCase.IGNORED:
            return text
        return self.key(text, bool(identifier.args.get("quoted")))


def dialect_of(name: str) -> tuple[Dialect, Letters] | None:
    """The dialect of a name, and its letters; None if nobody knows the name."""
    word = sqlglot_name(name)
    if word not in {dialect.value for dialect in Dialects}:
        return None
    dialect = Dialect.get_or_raise(word or None)
    strategy = str(dialect.normalization_strategy.value)
    case = {"LOWERCASE": ColumnCase.LOWER, "UPPERCASE": ColumnCase.UPPER}.get(
        strategy, ColumnCase.IGNORED
    )
    return dialect, Letters(
        word,
        ColumnCase.KEPT if word == "clickhouse" else case,
        word in _ALIASES_IN_PROJECTIONS,
        word in _RECURSIVE_WITHOUT_KEYWORD,
        word in _NAMED_AFTER_FUNCTION,
        next(iter(DEFAULT_SCHEMAS.get(word, ())), "") if word in _LEAVING_OUT_SCHEMAS else "",
    )
