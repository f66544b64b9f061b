"""What the analysis says beside edges: expressions, doubts, confidence, limits."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Sequence

import pytest
from om_ingest_lineage.analysis import (
    Analysis,
    Confidence,
    KnownTable,
    Limits,
    NamePart,
    Unresolved,
    analyse,
)

TABLES = {"t": ["id", "a", "b"], "u": ["id", "c"], "made": ["x", "y"], "open": []}


class Catalog:
    """Names of one part or more; it notes the thread that asks."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[int] = set()

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """A table by its last name."""
        name = parts[-1].text
        self.asked.append(name)
        self.threads.add(threading.get_ident())
        if name == "twice":
            return Unresolved.AMBIGUOUS
        return KnownTable(name, TABLES[name]) if name in TABLES else Unresolved.UNKNOWN


def found(sql: str, dialect: str = "postgres", limits: Limits | None = None) -> Analysis:
    """What is found in a statement over the tables above."""
    return analyse(sql, dialect, Catalog(), limits=limits or Limits())


def functions(sql: str) -> dict[str, str | None]:
    """The expression of each column of the target."""
    edges = found(sql).edges
    return {column.target: column.function for edge in edges for column in edge.columns}


def kinds(analysis: Analysis) -> list[str]:
    """What the doubts are about."""
    return [doubt.what for doubt in analysis.doubts]


def test_an_expression_is_told_and_a_copy_has_none() -> None:
    """The expression of a column is kept through the queries that only pass it on."""
    sql = "INSERT INTO made SELECT q.s, id FROM (SELECT sum(a) AS s, id FROM t GROUP BY id) q"
    assert functions(sql) == {"x": "SUM(a)", "y": None}
    sql = "INSERT INTO made WITH q AS (SELECT a + 1 AS s FROM t) SELECT s * 2, (s) FROM q"
    assert functions(sql) == {"x": "s * 2", "y": "a + 1"}


def test_each_branch_of_a_union_has_its_expression() -> None:
    """An edge has the expression of its own table's branch."""
    edges = found("INSERT INTO made SELECT max(a), 1 FROM t UNION SELECT c, 2 FROM u").edges
    assert [(edge.source, edge.columns[0].function) for edge in edges] == [
        ("t", "MAX(a)"),
        ("u", None),
    ]


def test_confidence_is_of_an_edge() -> None:
    """A source whose columns are not known makes no other source less sure."""
    edges = found("INSERT INTO made (x, y) SELECT o.*, t.a FROM open o, t").edges
    assert [(edge.source, edge.confidence) for edge in edges] == [
        ("open", Confidence.TABLE),
        ("t", Confidence.EXACT),
    ]
    edges = found("INSERT INTO open SELECT t.a FROM t WHERE id IN (SELECT id FROM u)").edges
    assert [(edge.source, edge.confidence) for edge in edges] == [
        ("t", Confidence.TABLE),
        ("u", Confidence.EXACT),
    ]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("INSERT INTO made SELECT id, 1 FROM t, u", "ambiguous column"),
        ("INSERT INTO made SELECT t.gone, 1 FROM t", "unknown column"),
        ("INSERT INTO made SELECT nobody.id, 1 FROM t", "unknown name"),
        ("INSERT INTO made SELECT id, 1 FROM elsewhere", "unknown name"),
        ("INSERT INTO elsewhere SELECT id FROM t", "unknown name"),
        ("INSERT INTO made SELECT id, 1 FROM twice", "ambiguous name"),
        ("INSERT INTO made SELECT what, 1 FROM t, open o1, open o2", "ambiguous column"),
        ("SELECT FROM WHERE )", "not parsed"),
        ("CREATE VIEW made AS SELECT ( FROM t", "not parsed"),
        ("SELECT 'open", "not parsed"),
    ],
)
def test_what_cannot_be_told_is_a_doubt(sql: str, kind: str) -> None:
    """A doubt has its kind, and one line for people."""
    analysis = found(sql)
    assert kinds(analysis) == [kind]
    assert "\n" not in analysis.doubts[0].reason
    assert not any(edge.columns for edge in analysis.edges)


def test_what_is_read_and_written_is_listed() -> None:
    """Also by statements that make no edge; common tables are no tables."""
    analysis = found("WITH q AS (SELECT * FROM t) DELETE FROM made USING q WHERE x = q.id")
    assert (analysis.reads, analysis.writes, analysis.edges) == (("made", "t"), ("made",), ())
    assert [name[-1].text for name in analysis.names] == ["made", "t"]


def test_the_columns_of_a_query_are_listed() -> None:
    """In order, constants too; none where a table in it has columns that are not known."""
    assert found("CREATE TEMP TABLE z AS SELECT id, 1 AS one FROM t").columns == ("id", "one")
    assert found("CREATE TABLE z (k int, w text)").columns == ("k", "w")
    assert found("SELECT * FROM open").columns == ()


def test_a_temporary_table_is_none_of_the_catalog() -> None:
    """Even if a table of the catalog has its name."""
    analysis = found("CREATE TEMPORARY TABLE made AS SELECT id, a FROM t")
    assert (analysis.edges, analysis.writes, analysis.reads) == ((), (), ("t",))


@pytest.mark.parametrize("dialect", ["", "klingon", "Postgres ", "MSSQL", "Azure SQL", "maria-db"])
def test_dialects_have_many_names(dialect: str) -> None:
    """Letters and signs do not count; a name that nobody knows is a doubt."""
    analysis = found("INSERT INTO made SELECT id, a FROM t", dialect)
    assert kinds(analysis) == (["unknown dialect"] if dialect == "klingon" else [])
    assert bool(analysis.edges) == (dialect != "klingon")


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT '" + "x" * 2_000_000 + "' FROM t", "too large"),
        ("SELECT id FROM t WHERE id IN (" + "1," * 1_500 + "1)", "too large"),
        ("SELECT " + "(" * 500 + "id" + ")" * 500 + " FROM t", "too deep"),
        ("SELECT " + "NOT " * 2_000 + "true FROM t", "too deep"),
        (
            "WITH q0 AS (SELECT * FROM t)"
            + "".join(f", q{n} AS (SELECT * FROM q{n - 1} a, q{n - 1} b)" for n in range(1, 25))
            + " SELECT * FROM q24",
            "too large",
        ),
    ],
    ids=["characters", "words", "parentheses", "signs", "columns"],
)
def test_a_statement_has_limits(sql: str, kind: str) -> None:
    """What is too much costs itself, and no edge is half done."""
    analysis = found(sql, limits=Limits(tokens=3_000))
    assert (kinds(analysis), analysis.edges) == ([kind], ())


def test_a_statement_has_a_time() -> None:
    """Parsing and reading stop at the end of it."""
    long = "INSERT INTO made SELECT " + " || ".join(["a"] * 5_000) + ", id FROM t"
    assert kinds(found(long, limits=Limits(seconds=0.002))) == ["too long"]
    assert kinds(found(long)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO made SELECT " + "(" * 150 + "id" + ")" * 150 + ", a FROM t",
        "INSERT INTO made SELECT " + "(" * 120 + "id" + " || 'x')" * 120 + ", a FROM t",
        "INSERT INTO made SELECT id, a FROM " + "(" * 90 + "t" + " JOIN u ON true)" * 90,
        "WITH q0 AS (SELECT id, a FROM t)"
        + "".join(f", q{n} AS (SELECT * FROM q{n - 1})" for n in range(1, 300))
        + " INSERT INTO made SELECT * FROM q299",
        "INSERT INTO made " + " UNION ALL ".join(["SELECT id, a FROM t"] * 300),
    ],
    ids=["parentheses", "concatenation", "joins", "common-tables", "union"],
)
def test_deep_statements_are_read(sql: str) -> None:
    """On a larger stack; names are asked in the thread of the caller, and limits stay."""
    limit, catalog = sys.getrecursionlimit(), Catalog()
    analysis = analyse(sql.replace("JOIN u ON true", "JOIN open ON true"), "postgres", catalog)
    columns = {column.target: column.sources for edge in analysis.edges for column in edge.columns}
    assert columns == {"x": ("id",), "y": ("a",)}
    assert analysis.doubts == ()
    assert catalog.threads == {threading.get_ident()}
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize(
    ("dialect", "sql", "asked"),
    [
        ("tsql", "SELECT * FROM shop..t", "shop.dbo.t"),
        ("snowflake", "SELECT * FROM shop..t", "shop.PUBLIC.t"),
        ("bigquery", "SELECT * FROM `my-shop.raw.t`", "my-shop.raw.t"),
        ("mysql", "SELECT * FROM `a.b`.`c``d`", "a.b.c`d"),
        ("tsql", "SELECT * FROM #t", "#t"),
        ("tsql", "SELECT * FROM [a]]b].[c d]", "a]b.c d"),
        ("postgres", 'SELECT * FROM "T""x".t$1', 'T"x.t$1'),
        ("duckdb", "SELECT * FROM '🦆.parquet'", "🦆.parquet"),
    ],
)
def test_names_are_asked_part_by_part(dialect: str, sql: str, asked: str) -> None:
    """Without quotes, the most significant part first; a default schema is filled in."""
    names = found(sql, dialect).names
    assert [".".join(part.text for part in name) for name in names] == [asked]


class StoreError(Exception):
    """A fault of the store behind the names."""


class Broken:
    """Names whose store is away."""

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """Fail."""
        raise StoreError(parts[-1].text)


@pytest.mark.parametrize("deep", ["", "(" * 150], ids=["flat", "deep"])
def test_faults_of_the_store_are_no_doubts(deep: str) -> None:
    """What `names` raises reaches the caller, from both stacks."""
    with pytest.raises(StoreError, match="t"):
        analyse(f"SELECT {deep}id{')' * len(deep)} FROM t", "postgres", Broken())


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A statement that the parser does not know is a doubt, not a warning in the log."""
    with caplog.at_level(logging.DEBUG):
        assert kinds(found("FROBNICATE t INTO made")) == ["not parsed"]
        assert kinds(found("VACUUM t")) == []
        assert kinds(found("CREATE TABLE made AS FROBNICATE FROM t")) == ["not parsed"]
        assert kinds(found("SELECT x[1] FROM made")) == []
    assert caplog.records == []


def test_unknown_tables_are_no_sources() -> None:
    """Functions, files, values and rows of other kinds are nothing that a catalog has."""
    sql = (
        "INSERT INTO made SELECT g, v.k FROM generate_series(1, 3) g, (VALUES (1)) v(k),"
        " LATERAL (SELECT 1) l, json_to_recordset('[]') AS r(z int)"
    )
    analysis = found(sql)
    assert (analysis.edges, analysis.doubts, analysis.reads) == ((), (), ())
