"""Statements out of blocks; what scripts make of what is in `statements/scripts.yaml`."""

from __future__ import annotations

import random

import pytest
from om_ingest_lineage.analysis import Limits
from om_ingest_lineage.scripts.script import analyse_script
from om_ingest_lineage.scripts.statements import statements_of

from test_statements import Schema, statements

SHOP = Schema({"a": ["x"], "b": ["x"], "c": ["x"]})


def found(text: str, dialect: str, language: str | None = None) -> list[tuple[int, str]]:
    """Line and text of each statement."""
    return [(s.line, s.sql) for s in statements_of(text, dialect, language=language).found]


def kinds(text: str, dialect: str, language: str | None = None) -> list[str]:
    """What could not be told."""
    return [doubt.what for doubt in statements_of(text, dialect, language=language).doubts]


def test_a_statement_keeps_its_line_in_nested_texts() -> None:
    """The line is that of the file, also in the body of a routine, and behind a delimiter."""
    body = (
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n  DELETE FROM a;\nEND $$;"
    )
    assert found(f"SELECT 1 FROM b;\n\n{body}", "postgres") == [
        (1, "SELECT 1 FROM b"),
        (5, "DELETE FROM a"),
    ]
    routine = "DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  DELETE FROM a;\nEND//\nDELIMITER ;\n"
    assert found(f"{routine}DELETE FROM b;", "mysql") == [
        (4, "DELETE FROM a"),
        (7, "DELETE FROM b"),
    ]


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("mysql", "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW DELETE FROM b", "DELETE FROM b"),
        ("mysql", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM b", "DELETE FROM b"),
        ("tsql", "SET NOCOUNT ON DELETE FROM b\nGO 3", "DELETE FROM b"),
        (
            "tsql",
            "DECLARE @s NVARCHAR(9) = N'DELETE FROM b' EXEC sp_executesql @s",
            "DELETE FROM b",
        ),
        ("oracle", "BEGIN v := 'DELETE FROM ' || 'b'; EXECUTE IMMEDIATE v; END;", "DELETE FROM b"),
        ("mysql", "SET @q = 'DELETE FROM b'; PREPARE s FROM @q; EXECUTE s", "DELETE FROM b"),
        ("postgres", "DO $$ BEGIN EXECUTE format('DELETE FROM %s', 'b'); END $$", "DELETE FROM b"),
        ("postgres", "BEGIN; DELETE FROM b; COMMIT;", "DELETE FROM b"),
        ("snowflake", "BEGIN LET s := 1; DELETE FROM b; RETURN s; END;", "DELETE FROM b"),
    ],
)
def test_a_statement_is_found_in_its_surroundings(dialect: str, text: str, expected: str) -> None:
    """What stands around a statement is no part of it, and hides nothing."""
    assert [sql for _, sql in found(text, dialect)] == [expected]
    assert not kinds(text, dialect)


@pytest.mark.parametrize(
    ("dialect", "text", "language", "kind"),
    [
        ("postgres", "SELECT 'open", None, "not parsed"),
        ("postgres", "import os", "plpython3u", "other language"),
        ("postgres", "BEGIN EXECUTE 'DELETE FROM ' || t; END", "plpgsql", "dynamic SQL"),
        (
            "postgres",
            "BEGIN IF y THEN v := 'TABLE a'; ELSE v := 'TABLE b'; END IF; EXECUTE v; END",
            "plpgsql",
            "dynamic SQL",
        ),
        ("tsql", "INSERT INTO a EXEC other", None, "dynamic SQL"),
        ("mysql", "INSERT INTO a SELECT * FROM {{ b }}", None, "template"),
        ("postgres", "IF (SELECT 1 FROM a) THEN " * 1500, None, "too long"),
    ],
)
def test_what_is_not_read_is_told(dialect: str, text: str, language: str | None, kind: str) -> None:
    """Other languages, templates, open quotes and dynamic SQL are doubts, never statements."""
    assert kinds(text, dialect, language) == [kind]


def test_one_bad_statement_costs_itself() -> None:
    """The statements around one that cannot be parsed are analysed."""
    text = "INSERT INTO a SELECT x FROM b;\nINSERT INTO INTO;\nINSERT INTO c SELECT x FROM b;"
    analysis = analyse_script(text, "postgres", SHOP)
    assert {(edge.source, edge.target) for edge in analysis.edges} == {("b", "a"), ("b", "c")}
    (doubt,) = analysis.doubts
    assert (doubt.what, doubt.reason[:7]) == ("not parsed", "line 2:")


def test_a_script_has_limits() -> None:
    """A text that is too large is left alone, and one that takes too long is stopped."""
    text = "INSERT INTO a SELECT x FROM b;\n" * 50
    (doubt,) = analyse_script(text, "postgres", SHOP, limits=Limits(characters=100)).doubts
    assert doubt.what == "too large"
    stopped = analyse_script(text, "postgres", SHOP, limits=Limits(seconds=0))
    assert "too long" in {doubt.what for doubt in stopped.doubts}


def test_parameters_with_numbers_are_values() -> None:
    """Statements as pg_stat_statements shows them are read: `($1,$2)` is no quote."""
    analysis = analyse_script("INSERT INTO a SELECT x FROM b WHERE x IN ($1,$2)", "postgres", SHOP)
    assert [(edge.source, edge.target) for edge in analysis.edges] == [("b", "a")]
    assert not analysis.doubts


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("tsql", "CREATE PROC p WITH EXECUTE"),
        ("tsql", "DECLARE @ TABLE (a INT)"),
        ("postgres", "CREATE TABLE n AS SELECT x FROM b; ALTER TABLE n RENAME TO"),
    ],
)
def test_a_text_that_ends_early_is_read_to_its_end(dialect: str, text: str) -> None:
    """A script that breaks off within a name or a head is analysed without an error."""
    assert not analyse_script(text, dialect, SHOP).edges


def test_damaged_scripts_are_read_without_an_error() -> None:
    """A script that is cut anywhere, or lacks a piece, gives statements or doubts: nothing else."""
    chance = random.Random(17)
    for _, given in statements():
        text = given.get("script")
        for _ in range(5 if text else 0):
            at = chance.randrange(len(text))
            statements_of(text[:at], given["dialect"])
            statements_of(text[:at] + text[at + chance.randrange(20) :], given["dialect"])
