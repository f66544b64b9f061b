"""View lineage: every edge is one that SQLite sees, and a column is claimed only as a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from om_ingest import WorkflowContext
from om_ingest.model import LineageSource
from om_ingest.store import Outcome

Ingest = Callable[..., Any]
Make = Callable[..., Path]

TABLES = (
    "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT, y INT, z);"
    "CREATE TABLE b (a_id INT REFERENCES a, w REAL); CREATE TABLE c (k);"
    "CREATE VIEW v AS SELECT id AS i, x || '!' AS loud FROM a WHERE y > 1;"
)


def copies_of(result: Any) -> dict[str, dict[str, str]]:
    """What the view `target` is built on, by source: each column, and the column that it copies.

    Lineage that is not known, or not whole, is a warning, and fails the test.
    """
    assert not result.status.warning_count
    return {
        source: {column.removeprefix("target."): origin for column, origin in copies.items()}
        for (source, target), copies in result.lineage.items()
        if target == "target"
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT 1 AS one", {}),
        ("SELECT id, x AS name FROM a", {"a": {"id": "a.id", "name": "a.x"}}),
        ("SELECT x FROM a WHERE y > 1 ORDER BY z", {"a": {"x": "a.x"}}),
        ("SELECT upper(x) AS u, y + 1 AS n, CAST(z AS TEXT) AS s FROM a", {"a": {}}),
        ("SELECT coalesce(x, z) AS m, CASE WHEN y THEN x END AS n FROM a", {"a": {}}),
        ("SELECT 1 AS one FROM a WHERE x = 'q'", {"a": {}}),
        ("SELECT count(*) AS n FROM a", {"a": {}}),
        ("SELECT a.x FROM a, c", {"a": {"x": "a.x"}, "c": {}}),
        ("SELECT a.id, b.a_id AS id FROM a, b", {"a": {"id": "a.id"}, "b": {"id:1": "b.a_id"}}),
        ("SELECT x FROM a WHERE EXISTS (SELECT 1 FROM c)", {"a": {"x": "a.x"}, "c": {}}),
        ("SELECT x FROM a WHERE id IN (SELECT a_id FROM b)", {"a": {"x": "a.x"}, "b": {}}),
        ("SELECT (SELECT w FROM b) AS w, (SELECT max(w) FROM b) AS m", {"b": {"w": "b.w"}}),
        ("SELECT i, loud FROM v", {"v": {"i": "v.i", "loud": "v.loud"}}),
        ("SELECT v.i, a.x FROM v JOIN a ON a.id = v.i", {"v": {"i": "v.i"}, "a": {"x": "a.x"}}),
        ("SELECT count(*) AS n FROM v", {"v": {}}),
        ("WITH q AS (SELECT x, i FROM a, v) SELECT x FROM q", {"a": {"x": "a.x"}, "v": {}}),
        # A common table expression hides the table of the same name.
        ("WITH a AS (SELECT w FROM b) SELECT w FROM a", {"b": {"w": "b.w"}}),
        ("WITH a AS (SELECT w FROM b) SELECT count(*) AS n FROM a", {"b": {}}),
        ("WITH c AS (SELECT w FROM b LIMIT 1) SELECT count(*) AS n FROM c", {"b": {}}),
        ("SELECT s.x FROM (SELECT x, y FROM a) AS s", {"a": {"x": "a.x"}}),
        ("SELECT x, sum(y) OVER (ORDER BY z) AS s FROM a", {"a": {"x": "a.x"}}),
        ("SELECT x, max(y) AS m FROM a GROUP BY x", {"a": {"x": "a.x"}}),
        ("SELECT j.value FROM a, json_each(a.x) AS j", {"a": {}}),
        ("SELECT a.x FROM a LEFT JOIN b ON b.a_id = a.id", {"a": {"x": "a.x"}, "b": {}}),
        ("SELECT name FROM sqlite_master", {}),
        ("SELECT X FROM A", {"a": {"x": "a.x"}}),
        ("SELECT c.*, v.* FROM c, v", {"c": {"k": "c.k"}, "v": {"i": "v.i", "loud": "v.loud"}}),
    ],
)
def test_what_a_view_is_built_on(
    ingest: Ingest, make: Make, query: str, expected: dict[str, dict[str, str]]
) -> None:
    """A view has an edge from each table and view it names, with its plain copies."""
    assert copies_of(ingest(make(f"{TABLES} CREATE VIEW target AS {query}"))) == expected


def test_a_union_claims_only_true_origins(ingest: Ingest, make: Make) -> None:
    """Every table of a union has an edge; a column is claimed from no table it is not in."""
    lineage = ingest(
        make(f"{TABLES} CREATE VIEW u AS SELECT x FROM a UNION ALL SELECT w FROM b")
    ).lineage
    assert {edge for edge in lineage if edge[1] == "u"} == {("a", "u"), ("b", "u")}
    assert lineage["a", "u"] == {"u.x": "a.x"}
    assert lineage["b", "u"] == {"u.x": "b.w"}


MORE_TABLES = (
    "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT, y INT);"
    "CREATE TABLE b (w REAL, a_id INT REFERENCES a); CREATE TABLE node (id PRIMARY KEY, up, x);"
    "CREATE TABLE k (id INTEGER PRIMARY KEY DESC, oid TEXT); CREATE TABLE nr (p INTEGER PRIMARY"
    " KEY, q) WITHOUT ROWID; CREATE VIEW v AS SELECT rowid AS key, x FROM a;"
    "CREATE VIRTUAL TABLE ft USING fts5(title, body); CREATE VIRTUAL TABLE old USING fts4(title);"
    "CREATE VIRTUAL TABLE area USING rtree(id, x0, x1, +what);"
    "CREATE VIRTUAL TABLE words USING fts5vocab(ft, row);"
)
A, B, FT = {"x": "a.x"}, {"x": "b.w"}, {"title": "ft.title", "body": "ft.body"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Branches
        ("SELECT x FROM a UNION SELECT w FROM b", {"a": A, "b": B}),
        ("SELECT x FROM a INTERSECT SELECT w FROM b ORDER BY 1 LIMIT 2", {"a": A, "b": B}),
        ("SELECT x FROM a EXCEPT SELECT w FROM b", {"a": A, "b": {}}),
        (
            "SELECT x FROM a UNION SELECT w FROM b EXCEPT SELECT q FROM nr",
            {"a": A, "b": B, "nr": {}},
        ),
        ("VALUES (1) UNION ALL SELECT x FROM a", {"a": {"column1": "a.x"}}),
        ("SELECT x FROM a UNION SELECT upper(w) FROM b", {"a": A, "b": {}}),
        (
            "SELECT x, y FROM a UNION SELECT w, w FROM b",
            {"a": {**A, "y": "a.y"}, "b": {**B, "y": "b.w"}},
        ),
        ("SELECT s.x FROM (SELECT x FROM a UNION SELECT w FROM b) s", {"a": A, "b": B}),
        (
            "WITH q(n) AS (SELECT x FROM a UNION SELECT w FROM b) SELECT n AS x FROM q",
            {"a": A, "b": B},
        ),
        (
            """WITH q AS (SELECT x FROM a UNION SELECT w FROM b),
            r AS (SELECT title AS x FROM ft UNION SELECT x FROM q) SELECT x FROM r""",
            {"a": A, "b": B, "ft": {"x": "ft.title"}},
        ),
        (
            """WITH RECURSIVE t(i, j) AS NOT MATERIALIZED (SELECT id, x FROM node UNION ALL
            SELECT n.up, t.j FROM node n JOIN t ON n.up = t.i) SELECT i, j FROM t""",
            {"node": {"i": "node.id, node.up", "j": "node.x"}},
        ),
        (
            """WITH t AS (SELECT id, x FROM node UNION SELECT w, 1 FROM b
            UNION SELECT n.up, t.x FROM node n, t) SELECT t.id, x FROM (WITH z AS (SELECT q FROM nr)
            SELECT id, x FROM t UNION SELECT q, q FROM z) AS t""",
            {
                "node": {"id": "node.id, node.up", "x": "node.x"},
                "b": {"id": "b.w"},
                "nr": {"id": "nr.q", "x": "nr.q"},
            },
        ),
        (
            "SELECT x FROM a WHERE x IN (SELECT w FROM b UNION SELECT q FROM nr)",
            {"a": A, "b": {}, "nr": {}},
        ),
        ("SELECT x FROM a WHERE x <> ' UNION ' /* EXCEPT */ -- UNION\n", {"a": A}),
        (
            'SELECT x AS "UNION" FROM a UNION SELECT [w] FROM `b`',
            {"a": {"UNION": "a.x"}, "b": {"UNION": "b.w"}},
        ),
        ("SELECT x FROM v UNION SELECT key FROM v", {"v": {"x": "v.x, v.key"}}),
        # Names that a column has besides its own
        ("SELECT rowid, x FROM a", {"a": {"id": "a.id", **A}}),
        ('SELECT oid AS o, _ROWID_ AS r, "rowid" AS q FROM a', {"a": dict.fromkeys("orq", "a.id")}),
        (
            "SELECT a.rowid AS r, * FROM a",
            {"a": {"r": "a.id", "id": "a.id", "x": "a.x", "y": "a.y"}},
        ),
        ("SELECT *, rowid AS r FROM b", {"b": {"w": "b.w", "a_id": "b.a_id"}}),
        ("SELECT rowid AS r, oid FROM k", {"k": {"oid": "k.oid"}}),
        ("SELECT id, rowid AS r FROM k", {"k": {"id": "k.id"}}),
        ("SELECT P, Q FROM NR", {"nr": {"p": "nr.p", "q": "nr.q"}}),
        ("SELECT KEY FROM V", {"v": {"key": "v.key"}}),
        (
            "SELECT b.*, a.rowid AS r FROM b JOIN a ON a.oid = a_id",
            {"b": {"w": "b.w", "a_id": "b.a_id"}, "a": {"r": "a.id"}},
        ),
        (
            "SELECT s.x FROM (SELECT docid AS x FROM old UNION SELECT w FROM b) AS s",
            {"old": {}, "b": B},
        ),
        # Names that mean something else where `*` does not bring them
        (
            """WITH q(t, u) AS (SELECT * FROM ft) SELECT (SELECT rank FROM ft) AS r, t
            FROM (SELECT x AS rank FROM a), q""",
            {"ft": {}, "a": {}},
        ),
        (
            "WITH q(t, u) AS (SELECT * FROM ft) SELECT t, x FROM q, a",
            {"ft": {"t": "ft.title"}, "a": A},
        ),
        # Virtual tables
        ("SELECT * FROM ft", {"ft": FT}),
        ("SELECT * FROM ft WHERE ft MATCH 'x' ORDER BY rank", {"ft": FT}),
        ("SELECT *, rank FROM ft", {"ft": FT}),
        (
            "SELECT rank, bm25(ft) AS s, highlight(ft, 0, '', '') AS h, title FROM ft",
            {"ft": {"title": "ft.title"}},
        ),
        ("SELECT rowid, title FROM ft", {"ft": {"title": "ft.title"}}),
        ("SELECT title FROM ft('x')", {"ft": {"title": "ft.title"}}),
        ("SELECT t.* FROM a CROSS JOIN ft(a.x) AS t WHERE rank < 0", {"a": {}, "ft": FT}),
        ("SELECT s.* FROM (SELECT * FROM ft WHERE ft = 'x') AS s", {"ft": FT}),
        (
            "SELECT * FROM ft UNION SELECT x, w FROM a, b",
            {"ft": FT, "a": {"title": "a.x"}, "b": {"body": "b.w"}},
        ),
        ("SELECT docid, title FROM old WHERE old MATCH 'x'", {"old": {"title": "old.title"}}),
        (
            "SELECT * FROM area WHERE x0 > 1",
            {"area": {c: f"area.{c}" for c in ("id", "x0", "x1", "what")}},
        ),
        ("SELECT term, cnt FROM words", {"words": {"term": "words.term", "cnt": "words.cnt"}}),
        ("SELECT x, e.value, e.rowid AS r FROM a, json_each(a.x) AS e", {"a": A}),
    ],
)
def test_columns_with_other_names_and_every_branch(
    ingest: Ingest, make: Make, query: str, expected: dict[str, dict[str, str]]
) -> None:
    """A column is linked to each column it copies, whichever way the view names that."""
    assert copies_of(ingest(make(f"{MORE_TABLES} CREATE VIEW target AS {query}"))) == expected


def test_an_explicit_column_list_and_triggers_change_nothing(ingest: Ingest, make: Make) -> None:
    """Columns that the view renames are linked by their place, also of a view that takes writes."""
    result = ingest(
        make(
            f"{MORE_TABLES} CREATE VIEW target(one, two) AS SELECT * FROM ft UNION SELECT x, y FROM"
            " a; CREATE TRIGGER t INSTEAD OF INSERT ON target BEGIN DELETE FROM b; END"
        )
    )
    assert result.lineage["ft", "target"] == {"target.one": "ft.title", "target.two": "ft.body"}
    assert result.lineage["a", "target"] == {"target.one": "a.x", "target.two": "a.y"}
    assert ("b", "target") not in result.lineage


def test_more_branches_than_are_looked_at(ingest: Ingest, make: Make) -> None:
    """A view with more choices of branches than are looked at keeps its tables, and a warning."""
    union = " UNION ".join(["SELECT x FROM a"] * 23)
    result = ingest(
        make(f"{MORE_TABLES} CREATE VIEW target AS SELECT s.x, y FROM ({union}) s, ({union}) t, a")
    )
    assert result.lineage["a", "target"] == {"target.x": "a.x", "target.y": "a.y"}
    assert result.reasons("warnings") == {
        "target": "lineage may be incomplete: it has more than 500 branches"
    }


def test_edges_are_view_lineage_with_the_statement(
    ingest: Ingest, make: Make, context: WorkflowContext
) -> None:
    """An edge is ViewLineage, carries the view's SQL, and a catalog takes it after the tables."""
    result = ingest(make(TABLES))
    edge = next(r.edge for r in result.records if hasattr(r, "edge"))
    assert edge.lineageDetails.source is LineageSource.ViewLineage
    assert edge.lineageDetails.sqlQuery.startswith("CREATE VIEW v AS SELECT id AS i")
    written = context.metadata.write(result.records[:-1])
    assert [result for result in written if result.outcome is not Outcome.CREATED] == []


def test_odd_names_keep_their_lineage(ingest: Ingest, make: Make) -> None:
    """Names with dots, quotes and reserved sequences are told apart in lineage."""
    result = ingest(
        make(
            'CREATE TABLE "t.1" ("a""b" INT, "c::d" INT);'
            'CREATE VIEW "v ""x""" AS SELECT "a""b" AS "é.é", "c::d" FROM "t.1";'
        )
    )
    view = "v __reserved__quote__x__reserved__quote__"
    assert result.lineage == {
        ('"t.1"', view): {
            f'{view}."é.é"': '"t.1".a__reserved__quote__b',
            f"{view}.c__reserved__colon__d": '"t.1".c__reserved__colon__d',
        }
    }


def test_views_on_virtual_tables(ingest: Ingest, make: Make) -> None:
    """A view that searches a full-text table is built on it, not on its shadow tables."""
    result = ingest(
        make(
            "CREATE VIRTUAL TABLE ft USING fts5(title);"
            "CREATE VIEW hits AS SELECT title FROM ft WHERE ft MATCH 'x' ORDER BY rank;"
            "CREATE VIEW every AS SELECT * FROM ft"
        )
    )
    assert result.lineage == {
        ("ft", "hits"): {"hits.title": "ft.title"},
        ("ft", "every"): {"every.title": "ft.title"},
    }


def test_lineage_that_sqlite_cannot_tell_is_a_warning(ingest: Ingest, make: Make) -> None:
    """Where a view's origins cannot be found, the view is delivered and the report says so."""
    result = ingest(
        make(
            "CREATE VIRTUAL TABLE ft USING fts5(title);"
            "CREATE VIEW named AS WITH q(t) AS (SELECT * FROM ft WHERE rank < 0) SELECT t FROM q"
        )
    )
    assert list(result.columns("named")) == ["t"]
    assert result.reasons("warnings") == {"named": "lineage is not known: no such column: rank"}
    assert result.lineage == {}


@pytest.mark.parametrize(
    "head",
    [
        "CREATE VIEW IF NOT EXISTS target AS",
        'create view main."target"(one) as',
        "CREATE /* a */ VIEW -- b\n [target] AS",
    ],
)
def test_every_way_to_write_a_view(ingest: Ingest, make: Make, head: str) -> None:
    """However the statement was written, the view's origins are found."""
    result = ingest(make(f"{TABLES} {head} SELECT x AS one FROM main.a"))
    assert result.lineage["a", "target"] == {"target.one": "a.x"}


def test_lineage_can_be_switched_off(ingest: Ingest, make: Make) -> None:
    """Without include_view_lineage no edge is yielded."""
    assert ingest(make(TABLES), include_view_lineage=False).lineage == {}


def test_lineage_comes_after_both_of_its_ends(ingest: Ingest, make: Make) -> None:
    """A view on a later view is no problem: all tables and views come before any edge."""
    result = ingest(
        make(
            "CREATE TABLE t (a); CREATE VIEW a_v AS SELECT * FROM z_v;"
            "CREATE VIEW z_v AS SELECT * FROM t"
        )
    )
    assert result.lineage == {
        ("z_v", "a_v"): {"a_v.a": "z_v.a"},
        ("t", "z_v"): {"z_v.a": "t.a"},
    }
    kinds = [type(record).__name__ for record in result.records]
    assert kinds.index("AddLineageRequest") > max(
        i for i, kind in enumerate(kinds) if kind == "CreateTableRequest"
    )
    assert kinds[-1] == "ScopeComplete"
