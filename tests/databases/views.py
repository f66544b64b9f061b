"""Real views that other people wrote, with what their server itself says about them.

PostgreSQL's `information_schema` and `pg_catalog`, MariaDB's `sys`. `python -m
tests.databases.views` prints how much of their lineage `om_ingest_lineage` finds.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from om_ingest_lineage.analysis import (
    Analysis,
    Confidence,
    KnownTable,
    NamePart,
    Unresolved,
    analyse,
)

from tests.databases.mariadb import MariaDb
from tests.databases.postgres import Database, running

Cell = tuple[str, str]
"""A table, and one of its columns."""

_COLUMNS = """
SELECT attname::text FROM pg_catalog.pg_attribute
WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""

_RELATIONS = f"""
SELECT c.relname::text, n.nspname::text, ARRAY({_COLUMNS}),
  CASE c.relkind WHEN 'v' THEN pg_catalog.pg_get_viewdef(c.oid) END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v') AND n.nspname IN ('pg_catalog', 'information_schema')
ORDER BY c.oid"""

_USES = """
SELECT v.relname::text, t.relname::text, ARRAY(
  SELECT attname::text FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = t.oid AND a.attnum = ANY (array_agg(d.refobjsubid)))
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid AND t.oid <> v.oid
WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass
  AND d.refclassid = 'pg_catalog.pg_class'::regclass
  AND v.relnamespace = 'shadow'::regnamespace
GROUP BY v.relname, t.relname, t.oid"""

_FORMATS = """
SELECT attname::text, pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute
WHERE attrelid = ('pg_catalog.' || %s)::regclass AND attnum > 0 ORDER BY attnum"""

_ROUTINES = """
SELECT pg_catalog.pg_get_functiondef(oid) FROM pg_catalog.pg_proc
WHERE pronamespace = 'information_schema'::regnamespace AND prokind = 'f'"""

_WHOLE_ROW = re.compile(r"\w\.\*")
"""An argument of a function: `pg_depend` has no columns for it. Other stars are written out."""

_DOMAINS = ("cardinal_number", "character_data", "sql_identifier", "time_stamp", "yes_or_no")


@dataclass
class Use:
    """What a server says that a view reads of one table."""

    columns: set[str]
    whole: bool = False
    """Whether a whole row may be read, with columns that are not listed."""


@dataclass
class RealView:
    """A view with its statement, and what the server knows about it."""

    name: str
    sql: str
    schema: str = ""
    uses: Mapping[str, Use] | None = None
    """By table; None if the server did not say it."""

    copies: Mapping[str, Cell] = field(default_factory=dict)
    """Columns that the server sends as those of a table, by name."""


@dataclass
class RealViews:
    """The views of one server, and the columns of all that they read."""

    dialect: str
    views: Sequence[RealView]
    columns: Mapping[str, Sequence[str]]
    """By table; in MariaDB with the schema in front, and in lower case."""

    def resolve_in(self, schema: str) -> Callable[[Sequence[NamePart]], KnownTable | Unresolved]:
        """What names mean in a view of a schema."""

        def resolve(parts: Sequence[NamePart]) -> KnownTable | Unresolved:
            name = parts[-1].text
            if schema:
                name = ".".join([schema, *(part.text for part in parts)][-2:]).lower()
            known = self.columns.get(name)
            return Unresolved.UNKNOWN if known is None else KnownTable(name, known)

        return resolve


@dataclass
class Examined:
    """What the analysis says about a view."""

    view: RealView
    analysis: Analysis
    seconds: float

    @property
    def is_parsed(self) -> bool:
        """Whether the statement was understood at all."""
        return not any(doubt.what.startswith("not ") for doubt in self.analysis.doubts)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is in doubt: all columns of all sources are told."""
        exact = all(edge.confidence is Confidence.EXACT for edge in self.analysis.edges)
        return exact and not self.analysis.doubts

    def cells(self) -> dict[str, set[Cell]]:
        """The columns of tables that each column of the view is made of."""
        found: dict[str, set[Cell]] = {}
        for edge in self.analysis.edges:
            for column in edge.columns:
                made = found.setdefault(column.target, set())
                made.update((edge.source, name) for name in column.sources)
        return found

    def contradictions(self) -> list[str]:
        """What the server says otherwise, for people."""
        found = []
        read: dict[str, set[str]] = {edge.source: set() for edge in self.analysis.edges}
        for cells in self.cells().values():
            for table, column in cells:
                read[table].add(column)
        if self.view.uses is not None:
            if read.keys() != self.view.uses.keys():
                found.append(f"tables: {sorted(read.keys() ^ self.view.uses.keys())}")
            for table, use in self.view.uses.items():
                more = read.get(table, set()) - use.columns
                if more and not use.whole:
                    found.append(f"columns of {table}: {sorted(more)}")
        made = self.cells()
        for column, cell in self.view.copies.items():
            if cell[0] in read and made.get(column) != {cell}:
                found.append(f"{column} is {cell}, not {sorted(made.get(column, set()))}")
        return found


class _Resolving:
    def __init__(self, resolve: Callable[[Sequence[NamePart]], KnownTable | Unresolved]) -> None:
        self.resolve = resolve


def examined(server: RealViews) -> list[Examined]:
    """Analyse all views of a server."""
    found = []
    for view in server.views:
        names = _Resolving(server.resolve_in(view.schema))
        target = KnownTable(view.name, server.columns[view.name])
        start = time.process_time()
        analysis = analyse(view.sql, server.dialect, names, target)
        found.append(Examined(view, analysis, time.process_time() - start))
    return found


def postgres_views(database: Database) -> RealViews:
    """PostgreSQL's own views.

    `pg_depend` does not list what they read, because they belong to the server. So the views are
    made again in an own schema over tables of the same columns, and those are listed.
    """
    with database.connect() as session:
        session.execute("SET search_path = pg_catalog, information_schema")
        relations = session.execute(_RELATIONS.encode()).fetchall()
        columns = {name: names for name, _, names, _ in relations}
        texts = {name: text for name, _, _, text in relations if text}
        copies = {name: _sent(session, text, columns) for name, text in texts.items()}
        made = _shadow(session, relations)
        uses: dict[str, dict[str, Use]] = {name: {} for name in made}
        for view, table, used in session.execute(_USES.encode()).fetchall():
            if not used and f"'{table}'::regclass" in texts[view]:
                continue  # the name of a table as a value, which reads nothing
            uses[view][table] = Use(set(used), whole=bool(_WHOLE_ROW.search(texts[view])))
    views = [
        RealView(name, f"CREATE VIEW {name} AS {text}", "", uses.get(name), copies[name])
        for name, text in texts.items()
    ]
    return RealViews("postgres", views, columns)


def _sent(session: Any, text: str, columns: Mapping[str, Sequence[str]]) -> dict[str, Cell]:
    """The columns of a query that the server sends as those of a table."""
    cursor = session.execute(f"SELECT * FROM ({text.rstrip(';')}) q LIMIT 0".encode())
    result, found = cursor.pgresult, {}
    for at, column in enumerate(cursor.description):
        if table := result.ftable(at):
            named = session.execute("SELECT %s::oid::regclass::text", [table]).fetchone()[0]
            found[column.name] = (named, columns[named][result.ftablecol(at) - 1])
    return found


def _shadow(session: Any, relations: Sequence[Sequence[Any]]) -> list[str]:
    """Make the views again in a schema of their own; the names of those that could be made."""
    routines = [text for (text,) in session.execute(_ROUTINES.encode()).fetchall()]
    session.execute("CREATE SCHEMA shadow")
    for name, schema, _, text in relations:
        if text is None and schema == "information_schema":
            session.execute(f"CREATE TABLE shadow.{name} (LIKE information_schema.{name})".encode())
        elif text is None:
            formats = session.execute(_FORMATS.encode(), [name]).fetchall()
            parts = [f'"{a}" {b}' for a, b in formats]
            listed = re.sub(r"\banyarray\b|\bpg_statistic\[\]", "text[]", ", ".join(parts))
            session.execute(f"CREATE TABLE shadow.{name} ({listed})".encode())
    for text in routines:
        own = text.replace("information_schema.", "shadow.")
        session.execute(re.sub(r"\b(pg_attribute|pg_type)\b", r"shadow.\1", own).encode())
    session.execute("SET search_path = shadow, pg_catalog, information_schema")
    pending = {name: text for name, _, _, text in relations if text}
    made: list[str] = []
    while pending:
        before = len(made)
        for name, text in list(pending.items()):
            own = text.replace("information_schema.", "").replace("::anyarray", "::text[]")
            for domain in _DOMAINS:
                own = own.replace(f"::{domain}", f"::information_schema.{domain}")
            try:
                session.execute(f"CREATE VIEW shadow.{name} AS {own}".encode())
            except Exception:  # noqa: BLE001 - it may read a view that is not there yet
                continue
            made.append(name)
            del pending[name]
        if len(made) == before:
            break
    return made


def mariadb_views(server: MariaDb) -> RealViews:
    """The views of MariaDB's schema `sys`."""
    with server.connect("sys") as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " ORDER BY table_schema, table_name, ordinal_position"
        )
        columns: dict[str, list[str]] = {}
        for schema, table, column in cursor.fetchall():
            columns.setdefault(f"{schema}.{table}".lower(), []).append(column)
        cursor.execute(
            "SELECT table_name, view_definition FROM information_schema.views"
            " WHERE table_schema = 'sys' ORDER BY 1"
        )
        views = []
        for name, query in cursor.fetchall():
            cursor.execute(f"SHOW CREATE VIEW `{name}`")
            text = cursor.fetchone()[1]
            uses = {f"{a}.{b}".lower() for a, b in re.findall(r"`(\w+)`\.`([\w$]+)`(?!\()", text)}
            uses &= columns.keys() - {f"sys.{name}".lower()}
            cursor.execute(f"{query} LIMIT 0" if not query.endswith(" 1") else query)
            copies = {
                part.name: (f"{part.db.decode()}.{part.org_table}".lower(), part.org_name)
                for part in cursor._result.fields  # noqa: SLF001 - PyMySQL has no public name for it
                if part.org_table and part.db
            }
            used = {table: Use(set(), whole=True) for table in uses}
            views.append(RealView(f"sys.{name}".lower(), text, "sys", used, copies))
    return RealViews("mysql", views, columns)


def _report(title: str, found: Sequence[Examined]) -> None:
    count = len(found)
    times = sorted(each.seconds * 1000 for each in found)
    print(
        f"{title}: {count} views, {sum(each.is_parsed for each in found)} parsed,"
        f" {sum(each.is_whole for each in found)} with all columns,"
        f" {sum(bool(each.contradictions()) for each in found)} contradicted by the server;"
        f" {sum(times) / count:.1f} ms of a core each, half below {times[count // 2]:.1f} ms"
    )
    print(
        f"  {sum(each.view.uses is not None for each in found)} compared table by table,"
        f" {sum(len(each.view.copies) for each in found)} columns that the server names itself"
    )
    for each in found:
        told = [f"{doubt.what}: {doubt.reason}" for doubt in each.analysis.doubts]
        for line in [*told, *each.contradictions()]:
            print(f"  {each.view.name}: {line}")


def main() -> int:
    """Print figures of both servers."""
    with tempfile.TemporaryDirectory() as folder:
        for version in ("16", "18"):
            with running(Path(folder), version) as cluster:
                _report(f"PostgreSQL {version}", examined(postgres_views(cluster.database())))
    with MariaDb(options=("--performance-schema=ON",), sys_schema=True) as server:
        _report("MariaDB sys", examined(mariadb_views(server)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
