"""Fully qualified names: what is joined can be split, whatever the names are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, strategies as st
from om_ingest import CreateTableRequest, fqn
from om_ingest.model import Column, Database, Table
from om_ingest.model.entity import Model
from om_ingest.model.naming import EntityName
from pydantic import ValidationError


class Named(Model):
    name: EntityName


def is_legal(name: str) -> bool:
    """Whether the model accepts the name."""
    try:
        return Named(name=name).name == name
    except ValidationError:
        return False


LEGAL = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('".: \t'), min_size=1, max_size=12
).filter(is_legal)


@given(st.lists(LEGAL, min_size=1, max_size=5))
@example(['"'])
@example(['""'])
@example(['"."'])
@example(["a.b", 'say "hi"', "ünïcødé", "..", ":"])
def test_split_reverses_join(names: list[str]) -> None:
    """`split(join(names)) == names` for any legal names, quotes, dots and unicode included."""
    assert fqn.split(fqn.join(*names)) == names


@given(LEGAL)
def test_unquote_reverses_quote(name: str) -> None:
    """`unquote(quote(name)) == name` for any legal name."""
    assert fqn.unquote(fqn.quote(name)) == name


@given(st.lists(LEGAL, min_size=2, max_size=4))
def test_child_and_parent(names: list[str]) -> None:
    """An FQN is the child of its parent."""
    whole = fqn.join(*names)
    parent = fqn.parent(whole)
    assert parent == fqn.join(*names[:-1])
    assert fqn.child(parent, names[-1]) == whole
    assert fqn.parent(fqn.quote(names[0])) is None


@given(st.lists(LEGAL, min_size=4, max_size=4))
def test_split_reverses_build(names: list[str]) -> None:
    """`split(build(…))` gives the parts, with reserved sequences of the table rewritten."""
    service, database, schema, table = names
    built = fqn.build(
        None,
        Table,
        service_name=service,
        database_name=database,
        schema_name=schema,
        table_name=table,
    )
    request = CreateTableRequest(name=table, databaseSchema="a.b.c", columns=[])
    assert fqn.split(built) == [service, database, schema, request.name]


@given(st.text(max_size=12))
def test_split_accepts_nothing_else(text: str) -> None:
    """What `split` accepts is an FQN: joined again, it means the same."""
    try:
        names = fqn.split(text)
    except fqn.FqnError:
        return
    assert all(names)
    assert fqn.split(fqn.join(*names)) == names


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], "a.b"),
        (["a.b", "c"], '"a.b".c'),
        (['a"b'], '"a""b"'),
        (["a b", "c-d"], "a b.c-d"),
    ],
)
def test_quoting(names: list[str], expected: str) -> None:
    """Only names that hold a dot or a quote are quoted; quotes inside are doubled (§8)."""
    assert fqn.join(*names) == expected


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", '"a', 'a"b', '"a"b', '""', '"a".'])
def test_split_refuses(text: str) -> None:
    """Empty parts and unbalanced quotes are errors that name the text."""
    with pytest.raises(fqn.FqnError, match="Not a fully qualified name"):
        fqn.split(text)


def test_build_says_what_is_missing() -> None:
    """`build` names the parts that are missing, empty or not known."""
    with pytest.raises(fqn.FqnError, match=r"missing or empty: database_name"):
        fqn.build(None, Database, service_name="s", database_name="")
    with pytest.raises(fqn.FqnError, match=r"not known: table_name"):
        fqn.build(None, Database, service_name="s", database_name="d", table_name="t")
    with pytest.raises(fqn.FqnError, match="Cannot build"):
        fqn.build(None, int, service_name="s")


def test_build_takes_what_the_official_client_passes() -> None:
    """`skip_es_search` is accepted: nothing is ever searched."""
    keywords: dict[str, Any] = {"service_name": "s", "database_name": "d", "skip_es_search": True}
    assert fqn.build(None, Database, **keywords) == "s.d"


def test_build_knows_columns() -> None:
    """The FQN of a column lies below its table."""
    names = {"service_name": "s", "database_name": "d", "schema_name": "c", "table_name": "t"}
    assert fqn.build(None, Column, **names, column_name='x"') == "s.d.c.t.x__reserved__quote__"
