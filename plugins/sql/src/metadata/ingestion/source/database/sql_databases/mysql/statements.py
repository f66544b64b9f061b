"""The SELECTs over information_schema, a stream each, for MySQL and MariaDB.

Names compare as bytes of UTF-8, and so by code points: `CAST(… AS BINARY)` does it in every
version, whatever the collation. MySQL before 8.0, and MariaDB, open a table to say more of it than
its name: columns that need that are asked for only where they are wanted, and no statement names a
single table. Sources: MySQL Reference Manual, chapter "INFORMATION_SCHEMA Tables"; MariaDB
documentation, "Information Schema".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from metadata.ingestion.source.database.sql_databases.reader.session import Wanted

SYSTEM_SCHEMAS = ("information_schema", "mysql", "ndbinfo", "performance_schema", "sys")
_NAMED_SCHEMAS = 300
"""With more than so many, the statement names those of the system instead."""


def literal(text: str) -> str:
    """A text in SQL; sessions have an empty sql_mode, in which a backslash escapes."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0")
    return f"'{escaped}'"


def quoted(name: str) -> str:
    """A name in SQL."""
    return "`" + name.replace("`", "``") + "`"


@dataclass(frozen=True)
class Dialect:
    """What a server has, by its version."""

    is_mariadb: bool
    version: tuple[int, int, int]

    @classmethod
    def of(cls, version: str) -> Dialect:
        """The dialect of a server, from what it says about its version."""
        found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
        numbers = [int(number or 0) for number in found.groups()] if found else [0, 0, 0]
        return cls("mariadb" in version.lower(), (numbers[0], numbers[1], numbers[2]))

    def _has(self, mariadb: tuple[int, ...] | None, mysql: tuple[int, ...] | None) -> bool:
        since = mariadb if self.is_mariadb else mysql
        return since is not None and self.version >= since

    @property
    def has_json_checks(self) -> bool:
        """Whether `json` is `longtext` with a check, which names its table."""
        return self._has((10, 3, 10), None)

    @property
    def has_routine_privilege(self) -> bool:
        """Whether a privilege of its own shows the bodies of routines."""
        return self._has((11, 3, 0), (8, 0, 20))

    @property
    def has_routines_table(self) -> bool:
        """Whether who may read `mysql.proc` sees all routines."""
        return not self._has(None, (8, 0, 0))

    def grant_of_routines(self, place: str) -> str:
        """The grant that shows bodies of routines, without the user; `place` is a schema in it."""
        if not self.has_routine_privilege:
            return f"GRANT SELECT ON {'mysql.proc' if self.has_routines_table else '*.*'}"
        if self.is_mariadb:
            return f"GRANT SHOW CREATE ROUTINE ON {place}.*"
        return "GRANT SHOW_ROUTINE ON *.*"

    def login(self) -> str:
        """User, roles that SHOW GRANTS has to be asked for, and how it names schemas: whether
        without case, and without wildcards.
        """
        roles = "CURRENT_ROLE()" if self._has(None, (8, 0, 0)) else "'NONE'"
        is_literal = "@@partial_revokes" if self._has(None, (8, 0, 16)) else "0"
        return f"SELECT CURRENT_USER(), {roles}, @@lower_case_table_names, {is_literal}"

    def schemas(self) -> str:
        """Name, comment."""
        comment = "SCHEMA_COMMENT" if self._has((10, 5, 0), None) else "NULL"
        return (
            f"SELECT SCHEMA_NAME, {comment} FROM information_schema.SCHEMATA"
            f" WHERE SCHEMA_NAME NOT IN {_list(SYSTEM_SCHEMAS)} ORDER BY {_ordered('SCHEMA_NAME')}"
        )

    def relations(self, wanted: Wanted) -> str:
        """Schema, name, type, engine, options, comment, rows, text of a view, check of a view."""
        rows = "TABLE_ROWS" if wanted.row_counts else "NULL"
        halves = []
        if wanted.tables:
            halves.append(
                "SELECT TABLE_SCHEMA AS s, TABLE_NAME AS n, TABLE_TYPE, ENGINE, CREATE_OPTIONS,"
                f" TABLE_COMMENT, {rows}, NULL, NULL FROM information_schema.TABLES"
                f" WHERE {_among('TABLE_SCHEMA', wanted)} AND TABLE_TYPE <> 'VIEW'"
            )
        if wanted.views:
            halves.append(
                "SELECT TABLE_SCHEMA AS s, TABLE_NAME AS n, 'VIEW', NULL, NULL, NULL, NULL,"
                " VIEW_DEFINITION, CHECK_OPTION FROM information_schema.VIEWS"
                f" WHERE {_among('TABLE_SCHEMA', wanted)}"
            )
        return f"{_united(halves)} ORDER BY {_ordered('s', 'n')}"

    def columns(self, wanted: Wanted) -> str:
        """Grouped by table: name, position, type, nullability, comment.

        OpenMetadata has no place for defaults and generated columns: they are not asked for.
        At position 0, before the columns of a table, stand its checks that tell JSON from text:
        with the text of the check in place of the type.
        """
        columns = (
            "SELECT TABLE_SCHEMA AS s, TABLE_NAME AS n, COLUMN_NAME AS c, ORDINAL_POSITION AS p,"
            f" COLUMN_TYPE AS t, IS_NULLABLE AS i, {_text('COLUMN_COMMENT')} AS d"
            " FROM information_schema.COLUMNS"
            f" WHERE {_among('TABLE_SCHEMA', wanted)}"
        )
        halves = [columns]
        if self.has_json_checks:
            halves.append(
                "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, 0, CHECK_CLAUSE, '', ''"
                " FROM information_schema.CHECK_CONSTRAINTS"
                f" WHERE {_among('CONSTRAINT_SCHEMA', wanted)}"
                " AND CHECK_CLAUSE LIKE 'json\\_valid(%)'"
            )
        return _grouped("c, p, t, i, d", f"({_united(halves)}) AS u", "s", "n", "p")

    def keys(self, wanted: Wanted) -> str:
        """Grouped by table: name, column, and schema, table and column that are referred to.

        An expression in a key is a column without a name: KEY_COLUMN_USAGE passes over it.
        """
        referred = ("REFERENCED_TABLE_SCHEMA", "REFERENCED_TABLE_NAME", "REFERENCED_COLUMN_NAME")
        columns = ", ".join(map(_text, referred))
        keys = (
            "SELECT TABLE_SCHEMA AS s, TABLE_NAME AS n, CONSTRAINT_NAME AS k, COLUMN_NAME AS c,"
            f" ORDINAL_POSITION AS p, {', '.join(referred)}"
            f" FROM information_schema.KEY_COLUMN_USAGE WHERE {_among('TABLE_SCHEMA', wanted)}"
        )
        halves = [keys]
        if self._has(None, (8, 0, 13)):
            halves.append(
                "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, '', SEQ_IN_INDEX, NULL, NULL, NULL"
                f" FROM information_schema.STATISTICS WHERE {_among('TABLE_SCHEMA', wanted)}"
                " AND NON_UNIQUE = 0 AND EXPRESSION IS NOT NULL"
            )
        return _grouped(
            f"k, c, {columns}",
            f"({_united(halves)}) AS u",
            "s",
            "n",
            f"REFERENCED_TABLE_NAME IS NOT NULL, {_ordered('k')}, p",
        )

    def partitions(self, wanted: Wanted) -> str:
        """Schema, table, method and expression, and those of subpartitions."""
        return (
            "SELECT TABLE_SCHEMA, TABLE_NAME, PARTITION_METHOD, PARTITION_EXPRESSION,"
            " SUBPARTITION_METHOD, SUBPARTITION_EXPRESSION FROM information_schema.PARTITIONS"
            f" WHERE {_among('TABLE_SCHEMA', wanted)} AND PARTITION_ORDINAL_POSITION = 1"
            " AND COALESCE(SUBPARTITION_ORDINAL_POSITION, 1) = 1"
            f" ORDER BY {_ordered('TABLE_SCHEMA', 'TABLE_NAME')}"
        )

    def routines(self, wanted: Wanted) -> str:
        """Schema, name, type, position, mode, parameter, type of it, then what the routine has.

        A routine stands before its parameters: at position -1, with the type that it returns.
        """
        return (
            "SELECT ROUTINE_SCHEMA AS s, ROUTINE_NAME AS n, ROUTINE_TYPE AS t, -1 AS p, NULL,"
            " NULL, DTD_IDENTIFIER, ROUTINE_BODY, EXTERNAL_LANGUAGE, ROUTINE_DEFINITION,"
            " IS_DETERMINISTIC, SQL_DATA_ACCESS, ROUTINE_COMMENT FROM information_schema.ROUTINES"
            f" WHERE {_among('ROUTINE_SCHEMA', wanted)}"
            " UNION ALL SELECT SPECIFIC_SCHEMA, SPECIFIC_NAME, ROUTINE_TYPE, ORDINAL_POSITION,"
            " PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER, NULL, NULL, NULL, NULL, NULL, NULL"
            " FROM information_schema.PARAMETERS"
            f" WHERE {_among('SPECIFIC_SCHEMA', wanted)} AND ORDINAL_POSITION > 0"
            f" ORDER BY {_ordered('s', 'n')}, t, p"
        )


def _list(names: Collection[str]) -> str:
    return f"({', '.join(map(literal, names))})"


def _ordered(*names: str) -> str:
    return ", ".join(f"CAST({name} AS BINARY)" for name in names)


def _among(column: str, wanted: Wanted) -> str:
    """The condition that leaves out other schemas; one alone is looked up, and not searched for."""
    schemas = wanted.schemas
    if schemas is None or len(schemas) > _NAMED_SCHEMAS:
        return f"{column} NOT IN {_list(SYSTEM_SCHEMAS)}"
    if len(schemas) == 1:
        return f"{column} = {literal(next(iter(schemas)))}"
    return f"{column} IN {_list(schemas)}"


def _text(column: str) -> str:
    """A column as a text without NUL, which no name has."""
    return f"REPLACE(COALESCE({column}, ''), '\\0', '')"


def _grouped(fields: str, place: str, schema: str, table: str, order: str) -> str:
    """One row per table: schema, table, how many things, and their fields, joined by NUL.

    A driver in Python takes longer for a row than the server takes to find it.
    """
    names = _ordered(schema, table)
    return (
        f"SELECT {schema}, {table}, COUNT(*), GROUP_CONCAT(CONCAT_WS('\\0', {fields})"
        f" ORDER BY {order} SEPARATOR '\\0') FROM {place} GROUP BY {names} ORDER BY {names}"
    )


def _united(halves: Collection[str]) -> str:
    return " UNION ALL ".join(halves)
