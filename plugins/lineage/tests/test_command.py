"""`om-ingest lineage`: trees and JSON for people, and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from om_ingest import OmIngestError
from om_ingest.cli import build
from typer.testing import CliRunner

from described_source import Ran, flow_of

SQL = """\
create table orders (id int, customer text, amount numeric);
create temp table t as select customer, sum(amount) as total from orders group by 1;

insert into log (customer, total)
select c.name, t.total * 2 from t join customers c on c.id = t.customer;
"""


def lineage(*words: str, stdin: str = "") -> tuple[int, str]:
    """Exit code and output of the command in this process."""
    ran = CliRunner().invoke(build(["lineage"]), ["lineage", *words], input=stdin)
    if isinstance(ran.exception, OmIngestError):
        return ran.exception.exit_code, str(ran.exception)
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.exit_code, ran.output


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file of SQL."""
    (tmp_path / "q.sql").write_text(SQL, "utf-8")
    return str(tmp_path / "q.sql")


def test_tree(file: str) -> None:
    """Each statement that makes something is a tree: targets, sources, columns."""
    assert lineage(file, "--dialect", "postgres") == (
        0,
        """\
line 2  create temp table t as select customer, sum(amount) as tota…
└─ t
   └─ ← orders  exact
      ├─ customer → customer
      └─ amount → total  SUM(amount)
line 4  insert into log (customer, total) select c.name, t.total * …
└─ log
   ├─ ← t  exact
   │  └─ total → total  t.total * 2
   └─ ← customers  exact
      └─ name → customer
""",
    )


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("tsql", "SELECT id INTO #t FROM a\nINSERT b (id) SELECT id FROM #t", ["#t id", "b id"]),
        ("tsql", "DECLARE @t TABLE (x int)\nINSERT @t SELECT id FROM a", ["@t x"]),
        (
            "postgres",
            (
                "create table a (x int); alter table a add y int, alter x set not null;"
                "alter table a rename x to z;"
                "create table s.b (u int, w int); alter table s.b rename to c;"
                "alter table s.c drop column u; create view v as select * from a, s.c;"
            ),
            ["v z", "v y", "v w"],
        ),
        (
            "mysql",
            (
                "CREATE TABLE a (x int); ALTER TABLE a ADD (y int, z int), ADD w int AFTER x,"
                " ADD v int FIRST, CHANGE y u int, ADD INDEX i (x);"
                "INSERT INTO b (one, two, three, four, five) SELECT * FROM a"
            ),
            ["b one", "b two", "b three", "b four", "b five"],
        ),
    ],
)
def test_tables_that_a_text_makes(dialect: str, sql: str, expected: list[str]) -> None:
    """Later statements know their columns, however they were made and changed."""
    code, output = lineage("-", "--dialect", dialect, "--json", stdin=sql)
    edges = [edge for statement in json.loads(output) for edge in statement["edges"]]
    assert code == 0
    assert [f"{each['to']} {c['to']}" for each in edges for c in each["columns"]] == expected


def test_doubts_have_their_line() -> None:
    """What is not read of a text stands at its line."""
    sql = "select 1;\n\ndo $$ begin\n execute x || y; end $$"
    code, output = lineage("-", "--dialect", "postgres", "--json", stdin=sql)
    assert (code, [each["line"] for each in json.loads(output) if each["doubts"]]) == (1, [4])


def test_a_schema_that_is_named_counts() -> None:
    """A table without a schema is in the search path: it is not one of another schema."""
    sql = "create table o (z int); create view v as select * from {}.o;"
    for schema, known in (("public", ["z"]), ("s2", [])):
        code, output = lineage("-", "--dialect", "postgres", "--json", stdin=sql.format(schema))
        (edge,) = json.loads(output)[-1]["edges"]
        assert [column["to"] for column in edge["columns"]] == known, (code, output)


def test_each_target_has_its_own_edges() -> None:
    """The tree of a statement with several targets shows below each what it is made of."""
    sql = "insert all into t1 (a) values (id) into t2 (b) values (name) select id, name from emp"
    code, output = lineage("-", "--dialect", "oracle", stdin=sql)
    _, first, second = output.split("← EMP")
    assert (code, "ID → A" in first, "NAME → B" in second) == (0, True, True), output
    assert "NAME" not in first


def test_with_a_catalog(tmp_path: Path) -> None:
    """A catalog tells dialect, tables and columns; what it does not have is a doubt with a line."""
    steps = [{"table": ["public.orders", ["id", "customer"]]}, {"table": ["public.log", ["who"]]}]
    catalog = str(tmp_path / "c.db")
    Ran(tmp_path, flow_of(tmp_path, steps, sink=catalog))
    sql = "insert into log select customer from orders;\nselect * from nowhere"
    code, output = lineage("-", "--catalog", catalog, "--json", stdin=sql)
    first, second = json.loads(output)
    assert (code, first["line"], second["line"]) == (1, 1, 2)
    (edge,) = first["edges"]
    assert (edge["from"], edge["to"]) == ("svc.db.public.orders", "svc.db.public.log")
    assert edge["columns"] == [{"from": ["customer"], "to": "who", "function": None}]
    assert second["doubts"][0]["what"] == "unknown name"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "The dialect of the SQL is not known"),
        (["--dialect", "klingon"], "There is no dialect 'klingon'; known: athena,"),
        (["--service", "svc"], "--service and --database name something of a catalog"),
        (["--catalog", "none.db"], "There is no catalog at none.db"),
    ],
)
def test_wrong_words(file: str, words: list[str], said: str) -> None:
    """What is wrong with the command line is told with a way out, and exit code 2."""
    code, output = lineage(file, *words)
    assert (code, output.partition("\n")[0][: len(said)]) == (2, said)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is missing, is no text, or is too large, is named; UTF-16 is read."""
    (tmp_path / "latin.sql").write_bytes(b"select 'caf\xe9'")
    (tmp_path / "huge.sql").write_bytes(b" " * 1_000_001)
    (tmp_path / "wide.sql").write_text("insert into b (x) select 'caf\xe9' from a", "utf-16")
    code, output = lineage(str(tmp_path / "wide.sql"), "--dialect", "mysql")
    assert (code, "← a" in output) == (0, True)
    for name, said in (
        ("no.sql", "Cannot read "),
        ("latin.sql", "is neither UTF-8 nor UTF-16"),
        ("huge.sql", "1000001 characters, more than the limit"),
    ):
        code, output = lineage(str(tmp_path / name), "--dialect", "mysql")
        assert (code, said in output) == (2, True)
