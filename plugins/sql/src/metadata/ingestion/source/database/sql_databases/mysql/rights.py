"""What a user may see: information_schema leaves out the rest without a word.

Sources: MySQL Reference Manual, "SHOW GRANTS Statement" and "Privileges Provided by MySQL"; MariaDB
documentation, "SHOW GRANTS" and "GRANT".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from metadata.ingestion.source.database.sql_databases.mysql.statements import Dialect, quoted
from metadata.ingestion.source.database.sql_databases.reader.rows import UnseenRow
from metadata.ingestion.source.database.sql_databases.reader.session import Wanted
from om_ingest.model import DatabaseSchema, StoredProcedure, Table

_NAME = r"(\*|`(?:[^`]|``)*`)"
_GRANT = re.compile(
    rf"(GRANT|REVOKE) (.+?) ON (?:TABLE |(PROCEDURE|FUNCTION|PACKAGE BODY|PACKAGE) )?"
    rf"{_NAME}\.{_NAME} (?:TO|FROM) "
)
_PRIVILEGE = re.compile(r"([A-Z][A-Z _]*[A-Z])\s*(\([^)]*\))?")
_ALL = "ALL PRIVILEGES"
_OF_TABLES = {_ALL, "SELECT", "INSERT", "UPDATE", "REFERENCES"}
"""Each of them shows tables and their columns."""

_OF_ROUTINES = {_ALL, "EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE", "SHOW CREATE ROUTINE"}


class Rights:
    """What the grants of a user say, for what information_schema shows him."""

    def __init__(self, grants: Iterable[str], dialect: Dialect, user: str) -> None:
        """`grants` are lines of SHOW GRANTS, `user` is CURRENT_USER(): `reader@%`."""
        self._dialect = dialect
        name, _, host = user.rpartition("@")
        self._user = f"'{name}'@'{host}'"
        self._everywhere: set[str] = set()
        self._in_schemas: list[tuple[re.Pattern[str], set[str]]] = []
        self._refused: list[tuple[re.Pattern[str], set[str]]] = []
        self._partly: dict[str, set[str]] = {}
        self._reads_routines_table = False
        for line in grants:
            self._take(line)

    def _take(self, line: str) -> None:
        found = _GRANT.match(line)
        if found is None or found[3]:
            return
        verb, privileges, schema, table = found[1], found[2], _plain(found[4]), _plain(found[5])
        given = {name for name, columns in _PRIVILEGE.findall(privileges) if not columns}
        if verb == "REVOKE":  # MySQL's partial revokes
            self._refused.append((re.compile(re.escape(schema)), given))
        elif schema == "*":
            self._everywhere |= given
        elif table == "*":
            self._in_schemas.append((_pattern(schema), given))
        elif not given & _OF_TABLES and "(" in privileges:
            self._partly.setdefault(schema, set()).add(table)
        elif (schema, table) == ("mysql", "proc") and given & {_ALL, "SELECT"}:
            self._reads_routines_table = True

    def _has(self, schema: str, wanted: set[str]) -> bool:
        """Whether one of the privileges covers a whole schema."""
        refused = {
            name for pattern, names in self._refused if pattern.fullmatch(schema) for name in names
        }
        if self._everywhere & wanted - refused:
            return True
        return any(
            bool(given & wanted) and pattern.fullmatch(schema) is not None
            for pattern, given in self._in_schemas
        )

    @property
    def _sees_schemas(self) -> bool:
        return bool(self._everywhere & {*_OF_TABLES, "SHOW DATABASES"}) and not self._refused

    def _sees_routines(self, schema: str) -> bool:
        shown = {"SHOW_ROUTINE", *_OF_ROUTINES}
        if not self._dialect.has_routine_privilege:
            shown.add("SELECT")
        everywhere = bool(self._everywhere & shown) or self._reads_routines_table
        return everywhere or self._has(schema, _OF_ROUTINES)

    def unseen(
        self,
        schemas: Collection[str],
        wanted: Wanted,
        hidden_views: Mapping[str, int],
        hidden_routines: Mapping[str, int],
    ) -> Iterator[UnseenRow]:
        """What may be missing or incomplete; counts of empty definitions are given, by schema."""
        if not self._sees_schemas:
            yield UnseenRow(
                "",
                "schemas that the user has no right on",
                None,
                f"GRANT SHOW DATABASES ON *.* TO {self._user};",
                DatabaseSchema,
            )
        for schema in schemas:
            grant = f"ON {quoted(schema)}.* TO {self._user};"
            if not self._has(schema, _OF_TABLES):
                what = "tables and views that the user has no right on"
                yield UnseenRow(schema, what, None, f"GRANT SELECT, SHOW VIEW {grant}", Table)
                if partly := len(self._partly.get(schema, ())):
                    yield UnseenRow(schema, "columns of tables", partly, f"GRANT SELECT {grant}")
            if count := hidden_views.get(schema, 0):
                yield UnseenRow(schema, "definitions of views", count, f"GRANT SHOW VIEW {grant}")
            if count := hidden_routines.get(schema, 0):
                remedy = self._dialect.grant_of_routines(schema)
                what = "bodies of procedures and functions"
                yield UnseenRow(schema, what, count, f"{remedy} TO {self._user};")
            if wanted.routines and not self._sees_routines(schema):
                remedy = self._dialect.grant_of_routines(schema)
                what = "procedures and functions that the user has no right on"
                yield UnseenRow(schema, what, None, f"{remedy} TO {self._user};", StoredProcedure)


def _plain(name: str) -> str:
    return name if name == "*" else name[1:-1].replace("``", "`")


def _pattern(schema: str) -> re.Pattern[str]:
    r"""The schemas that a grant is for: `%` and `_` stand for others, unless `\` is before them."""
    signs = {"%": ".*", "_": "."}
    parts = re.findall(r"\\[%_]|.", schema, re.DOTALL)
    return re.compile("".join(signs.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)
