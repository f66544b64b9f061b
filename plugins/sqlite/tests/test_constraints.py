"""Keys and constraints: each is stated once, on a column or on the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from om_ingest.model import RelationshipType

Ingest = Callable[..., Any]
Make = Callable[..., Path]


def test_single_column_constraints_stand_on_the_column(ingest: Ingest, make: Make) -> None:
    """A primary key, not-null and unique column says so itself; the table says nothing."""
    result = ingest(
        make("CREATE TABLE t (id INTEGER PRIMARY KEY, a INT NOT NULL, b INT UNIQUE, c INT)")
    )
    found = {name: column.constraint for name, column in result.columns("t").items()}
    assert found == {"id": "PRIMARY_KEY", "a": "NOT_NULL", "b": "UNIQUE", "c": None}
    assert result.tables["t"].tableConstraints is None


def test_not_null_and_unique_are_both_kept(ingest: Ingest, make: Make) -> None:
    """A column that is both says NOT_NULL, and the table says that it is unique."""
    result = ingest(make("CREATE TABLE t (a TEXT NOT NULL UNIQUE, b TEXT NOT NULL PRIMARY KEY)"))
    assert result.columns("t")["a"].constraint == "NOT_NULL"
    assert result.columns("t")["b"].constraint == "PRIMARY_KEY"
    assert result.constraints("t") == [("UNIQUE", ["a"], None)]


def test_composite_keys_stand_on_the_table_in_key_order(ingest: Ingest, make: Make) -> None:
    """A key of several columns is a table constraint, its columns in the key's order."""
    result = ingest(
        make(
            "CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (c, a), UNIQUE (b, a));"
            "CREATE TABLE w (a INT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID"
        )
    )
    assert result.constraints("t") == [
        ("PRIMARY_KEY", ["c", "a"], None),
        ("UNIQUE", ["b", "a"], None),
    ]
    assert result.constraints("w") == [("PRIMARY_KEY", ["b", "a"], None)]
    assert [column.constraint for column in result.tables["w"].columns] == ["NOT_NULL"] * 2


def test_unique_indexes_count_as_constraints_unless_partial_or_computed(
    ingest: Ingest, make: Make
) -> None:
    """Only a unique index over whole columns and all rows constrains them; each once."""
    result = ingest(
        make(
            "CREATE TABLE t (a, b, c, d, e, UNIQUE (a, b));"
            "CREATE UNIQUE INDEX again ON t (b, a);"
            "CREATE UNIQUE INDEX two ON t (b DESC, c COLLATE NOCASE);"
            "CREATE UNIQUE INDEX computed ON t (lower(a), e);"
            "CREATE UNIQUE INDEX partial ON t (d) WHERE e > 0;"
            "CREATE UNIQUE INDEX one ON t (c);"
            "CREATE INDEX ordinary ON t (e)"
        )
    )
    assert result.constraints("t") == [("UNIQUE", ["a", "b"], None), ("UNIQUE", ["b", "c"], None)]
    assert {name for name, c in result.columns("t").items() if c.constraint} == {"c"}


def test_foreign_keys_name_full_columns(ingest: Ingest, make: Make) -> None:
    """A foreign key refers to columns by FQN; without columns it means the primary key."""
    result = ingest(
        make(
            'CREATE TABLE "the.users" (id INTEGER PRIMARY KEY, "e::mail" TEXT UNIQUE);'
            "CREATE TABLE pair (a, b, PRIMARY KEY (b, a));"
            'CREATE TABLE t (u INT REFERENCES "THE.users",'
            ' m TEXT REFERENCES "the.users"("E::Mail"),'
            " x, y, me INT PRIMARY KEY REFERENCES t, FOREIGN KEY (x, y) REFERENCES pair)"
        )
    )
    assert result.constraints("t") == [
        ("FOREIGN_KEY", ["u"], ['svc.data.main."the.users".id']),
        ("FOREIGN_KEY", ["m"], ['svc.data.main."the.users".e__reserved__colon__mail']),
        ("FOREIGN_KEY", ["me"], ["svc.data.main.t.me"]),
        ("FOREIGN_KEY", ["x", "y"], ["svc.data.main.pair.b", "svc.data.main.pair.a"]),
    ]
    kinds = [c.relationshipType for c in result.tables["t"].tableConstraints]
    many, one = RelationshipType.MANY_TO_ONE, RelationshipType.ONE_TO_ONE
    assert kinds == [many, many, one, many]


def test_foreign_keys_to_nothing_are_warnings(ingest: Ingest, make: Make) -> None:
    """A foreign key to a missing table or column is no constraint but a warning."""
    result = ingest(
        make(
            "CREATE TABLE p (a INT); CREATE VIEW broken AS SELECT * FROM absent;"
            "CREATE TABLE t1 (x REFERENCES gone(id)); CREATE TABLE t2 (x REFERENCES p(b));"
            "CREATE TABLE t3 (x REFERENCES p); CREATE TABLE t4 (x REFERENCES broken(a))"
        )
    )
    assert [result.constraints(name) for name in ("t1", "t2", "t3", "t4")] == [[]] * 4
    warnings = result.reasons("warnings")
    assert warnings["t1"] == "foreign key to gone, which does not exist"
    assert warnings["t2"] == "foreign key to p, which has not b"
    assert warnings["t3"] == "foreign key to p, which has not a primary key of as many columns"
    assert "no such table: main.absent" in warnings["t4"]
    assert result.complete


def test_constraints_on_filtered_columns_are_dropped(ingest: Ingest, make: Make) -> None:
    """A constraint goes with any column that it needs, on either side of a foreign key."""
    result = ingest(
        make(
            "CREATE TABLE p (secret INTEGER PRIMARY KEY, open INT UNIQUE);"
            "CREATE TABLE t (secret INT, a INT, b INT REFERENCES p(secret), c REFERENCES p(open),"
            " d REFERENCES hidden, PRIMARY KEY (secret, a), UNIQUE (a, b));"
            "CREATE TABLE hidden (id INTEGER PRIMARY KEY)"
        ),
        column_filter={"excludes": ["secret$"]},
        table_filter={"excludes": ["hidden$"]},
    )
    assert result.constraints("t") == [
        ("UNIQUE", ["a", "b"], None),
        ("FOREIGN_KEY", ["c"], ["svc.data.main.p.open"]),
    ]
    assert not result.status.warning_count


def test_constraints_name_columns_as_they_are_stored(ingest: Ingest, make: Make) -> None:
    """A column whose name is rewritten is named by a constraint in its rewritten form."""
    result = ingest(make('CREATE TABLE t ("a::b" INT, c INT, PRIMARY KEY ("a::b", c))'))
    assert result.constraints("t") == [("PRIMARY_KEY", ["a__reserved__colon__b", "c"], None)]
