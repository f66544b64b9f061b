"""What a user may see: information_schema leaves out the rest without a word.

Sources: MySQL Reference Manual, "SHOW GRANTS Statement", "Privileges Provided by MySQL", "GRANT
Statement", "Privilege Restriction Using Partial Revokes" and "Stored Routines and MySQL
Privileges"; MariaDB documentation, "SHOW GRANTS" and "GRANT".
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
_WITHOUT_SCHEMA = re.compile(r"GRANT |SET DEFAULT ROLE ")
"""Lines that give roles and proxies."""

_ALL = "ALL PRIVILEGES"
_OF_TABLES = {_ALL, "SELECT", "INSERT", "UPDATE", "REFERENCES"}
"""Each of them shows tables and their columns."""

_OF_ROUTINES = {_ALL, "EXECUTE", "CREATE ROUTINE", "ALTER ROUTINE", "SHOW CREATE ROUTINE"}
_BODIES = {_ALL, "SHOW CREATE ROUTINE"}


class Rights:
    """What the grants of a user say, for what information_schema shows him.

    A server lets one of the grants on a schema decide, by rules that differ: the most specific
    one, the first one, all of those of roles together. So a schema counts as shown only if it is
    under each of these rules. What is not understood shows nothing.
    """

    def __init__(
        self,
        grants: Iterable[str],
        dialect: Dialect,
        user: str,
        *,
        has_wildcards: bool = True,
        has_case: bool = True,
    ) -> None:
        """`grants` are lines of SHOW GRANTS, `user` is CURRENT_USER(): `reader@%`.

        With MySQL's `partial_revokes`, no name in a grant `has_wildcards`.
        """
        self._dialect = dialect
        self._has_wildcards = has_wildcards
        self._has_case = has_case
        name, _, host = user.rpartition("@")
        self._user = f"'{name}'@'{host}'"
        self._everywhere: set[str] = set()
        self._in_schemas: dict[str, set[str]] = {}
        self._refused: dict[str, set[str]] = {}
        self._partly: set[tuple[str, str]] = set()
        self._whole: set[tuple[str, str]] = set()
        self._reads_routines_table = False
        self._is_understood = True
        for line in grants:
            self._take(line)

    def _take(self, line: str) -> None:
        found = _GRANT.match(line)
        if found is None:  # REVOKE of roles, DENY of a later server, …
            self._is_understood &= _WITHOUT_SCHEMA.match(line) is not None
            return
        if found[3]:
            return
        verb, privileges, schema, table = found[1], found[2], _plain(found[4]), _plain(found[5])
        given = {name for name, columns in _PRIVILEGE.findall(privileges) if not columns}
        if table == "*" and "`" in privileges:  # a role whose name looks like a grant
            return
        if verb == "REVOKE":  # MySQL's partial revokes
            self._refused.setdefault(self._cased(schema), set()).update(given)
        elif schema == "*":
            self._everywhere |= given
        elif table == "*":
            self._in_schemas.setdefault(self._cased(schema), set()).update(given)
        elif given & _OF_TABLES or "(" in privileges:
            tables = self._whole if given & _OF_TABLES else self._partly
            tables.add((self._cased(schema), table))
            if (schema, table) == ("mysql", "proc") and given & {_ALL, "SELECT"}:
                self._reads_routines_table = self._dialect.has_routines_table

    def _cased(self, name: str) -> str:
        return name if self._has_case else name.lower()

    def _deciding(self, schema: str) -> dict[str, set[str]]:
        """The grants of which one decides, by the name in them: those for this schema alone, or
        else those with wildcards.
        """
        schema = self._cased(schema)
        own = self._own(schema)
        if own in self._in_schemas or not self._has_wildcards:
            return {
                name: self._in_schemas[name] for name in (own, schema) if name in self._in_schemas
            }
        return {
            name: given
            for name, given in self._in_schemas.items()
            if _pattern(name).fullmatch(schema)
        }

    def _own(self, schema: str) -> str:
        """A schema as a grant for it alone names it."""
        return re.sub(r"[\\%_]", r"\\\g<0>", schema) if self._has_wildcards else schema

    def _has(self, schema: str, wanted: set[str]) -> bool:
        """Whether one of the privileges covers a whole schema."""
        if not self._is_understood:
            return False
        if self._everywhere & wanted - self._refused.get(self._cased(schema), set()):
            return True
        deciding = self._deciding(schema).values()
        return bool(deciding) and all(given & wanted for given in deciding)

    def _place(self, schema: str, wanted: set[str]) -> str:
        """A schema as a grant of one of the privileges names it, so that it is the deciding one."""
        own = self._own(self._cased(schema))
        deciding = self._deciding(schema)
        if own in deciding:
            own = next((name for name, given in deciding.items() if not given & wanted), own)
        return quoted(own)

    @property
    def _sees_schemas(self) -> bool:
        shown = self._everywhere & {*_OF_TABLES, "SHOW DATABASES"}
        return bool(shown) and not self._refused and self._is_understood

    def _sees_routines(self, schema: str) -> bool:
        shown = {"SHOW_ROUTINE"}
        if not any("SELECT" in refused for refused in self._refused.values()):
            shown |= {_ALL, "SELECT"}
        everywhere = bool(self._everywhere & shown) or self._reads_routines_table
        return self._has(schema, _OF_ROUTINES) or (everywhere and self._is_understood)

    def shows_columns(self, schema: str, table: str) -> bool:
        """Whether every column of a table is shown, if the table is."""
        found = (self._cased(schema), table)
        return found in self._whole or found not in self._partly or self._has(schema, _OF_TABLES)

    def unseen(
        self,
        schemas: Collection[str],
        wanted: Wanted,
        hidden_views: Mapping[str, int],
        hidden_routines: Mapping[str, int],
        *,
        lists_schemas: bool = True,
    ) -> Iterator[UnseenRow]:
        """What may be missing or incomplete; counts of empty definitions are given, by schema.

        With `lists_schemas`, schemas may be missing, too.
        """
        if lists_schemas and not self._sees_schemas:
            yield UnseenRow(
                "",
                "schemas that the user has no right on",
                None,
                f"GRANT SHOW DATABASES ON *.* TO {self._user};",
                DatabaseSchema,
            )
        for schema in schemas:
            to = f".* TO {self._user};"
            if not self._has(schema, _OF_TABLES):
                grant = f"GRANT SELECT, SHOW VIEW ON {self._place(schema, _OF_TABLES)}{to}"
                what = "tables and views that the user has no right on"
                yield UnseenRow(schema, what, None, grant, Table)
                if partly := sum(
                    place == self._cased(schema) for place, _ in self._partly - self._whole
                ):
                    yield UnseenRow(schema, "columns of tables", partly, grant)
            if count := hidden_views.get(schema, 0):
                place = self._place(schema, {_ALL, "SHOW VIEW"})
                grant = f"GRANT SHOW VIEW ON {place}{to}"
                yield UnseenRow(schema, "definitions of views", count, grant)
            if count := hidden_routines.get(schema, 0):
                remedy = self._dialect.grant_of_routines(self._place(schema, _BODIES))
                what = "bodies of procedures and functions"
                yield UnseenRow(schema, what, count, f"{remedy} TO {self._user};")
            if wanted.routines and not self._sees_routines(schema):
                remedy = self._dialect.grant_of_routines(self._place(schema, _BODIES))
                what = "procedures and functions that the user has no right on"
                yield UnseenRow(schema, what, None, f"{remedy} TO {self._user};", StoredProcedure)


def _plain(name: str) -> str:
    return name if name == "*" else name[1:-1].replace("``", "`")


def _pattern(schema: str) -> re.Pattern[str]:
    r"""The schemas that a grant is for: `%` and `_` stand for others, unless `\` is before them."""
    signs = {"%": ".*", "_": "."}
    parts = re.findall(r"\\.|.", schema, re.DOTALL)
    return re.compile("".join(signs.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)
