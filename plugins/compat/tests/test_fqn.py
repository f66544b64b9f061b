"""Fully qualified names as connectors build them (OpenMetadata REST contract §8)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, strategies as some
from om_ingest import SourceStatus, WorkflowContext, fqn as core, model as native
from om_ingest.kinds import KINDS
from om_ingest_catalog import Catalog
from om_ingest_compat.client import OpenMetadata
from om_ingest_compat.client.reading import readings
from om_ingest_compat.models import model
from om_ingest_compat.running import Running, running
from om_ingest_compat.shims import fqn

PLACE = {"service_name": "svc", "database_name": "db", "schema_name": "s.x"}
ARGS: list[tuple[str, dict[str, Any], str]] = [
    ("Table", {**PLACE, "table_name": "t"}, 'svc.db."s.x".t'),
    ("Table", {**PLACE, "table_name": "t", "skip_es_search": True}, 'svc.db."s.x".t'),
    ("Column", {**PLACE, "table_name": "a::b", "column_name": "c"}, "{}.a__reserved__colon__b.c"),
    ("DatabaseSchema", PLACE, 'svc.db."s.x"'),
    ("Database", {"service_name": "svc", "database_name": '"d.b"'}, 'svc."d.b"'),
    ("StoredProcedure", {**PLACE, "procedure_name": "p"}, 'svc.db."s.x".p'),
    ("DataModel", {**PLACE, "model_name": "m"}, 'svc.db."s.x".m'),
    ("Dashboard", {"service_name": "svc", "dashboard_name": "d"}, "svc.d"),
    ("Chart", {"service_name": "svc", "chart_name": "c"}, "svc.c"),
    ("DashboardDataModel", {"service_name": "svc", "data_model_name": "m"}, "svc.model.m"),
    ("Topic", {"service_name": "svc", "topic_name": "t.1"}, 'svc."t.1"'),
    ("Pipeline", {"service_name": "svc", "pipeline_name": "p"}, "svc.p"),
    ("MlModel", {"service_name": "svc", "mlmodel_name": "m"}, "svc.m"),
    ("SearchIndex", {"service_name": "svc", "search_index_name": "i"}, "svc.i"),
    ("Query", {"service_name": "svc", "query_checksum": "0f"}, "svc.0f"),
    ("Tag", {"classification_name": "PII", "tag_name": "a.b"}, 'PII."a.b"'),
    (
        "Container",
        {"service_name": "svc", "container_name": "c", "parent_container": None},
        "svc.c",
    ),
    (
        "Container",
        {"service_name": "svc", "container_name": "c", "parent_container": "a"},
        "svc.a.c",
    ),
    (
        "Container",
        {"service_name": "svc", "container_name": "c.d", "parent_container": 'svc."a.b"'},
        'svc."a.b"."c.d"',
    ),
    ("TestSuite", {"table_fqn": 'svc.db."s.x".t'}, 'svc.db."s.x".t.testSuite'),
    (
        "TestCase",
        {**PLACE, "table_name": "t", "column_name": None, "test_case_name": "n"},
        'svc.db."s.x".t.n',
    ),
]


@pytest.mark.parametrize(("name", "parts", "expected"), ARGS)
def test_the_table_of_keywords(name: str, parts: dict[str, Any], expected: str) -> None:
    """Each entity has its keywords; its class may be ours, one of core, or another of its name."""
    expected = expected.format('svc.db."s.x"')
    other = type(name, (), {})
    for entity in {other, *([model(name), getattr(native, name)] if hasattr(native, name) else [])}:
        assert fqn.build(None, entity_type=entity, **parts) == expected


def test_what_cannot_be_built() -> None:
    """Missing parts, and entities without a rule, are told by name."""
    for entity, parts in (("Topic", {"service_name": "svc", "topic_name": ""}), ("Nothing", {})):
        with pytest.raises(fqn.FQNBuildingException, match=f"(?i){entity}"):
            fqn.build(None, type(entity, (), {}), **parts)
    assert fqn.build(None, model("DatabaseSchema"), **{**PLACE, "database_name": None}) is None
    with pytest.raises(ValueError, match="Not a fully qualified name"):
        fqn.split("a..b")


def test_parts_that_are_not_known_are_looked_up(tmp_path: Path) -> None:
    """A table without its schema, and a user, are found in the store; so are all that fit."""
    with Catalog(tmp_path / "c.db") as store:
        for name in ("one", "two"):
            store.create_or_update(
                native.CreateDatabaseServiceRequest(name=name, serviceType="CustomDatabase")
            )
            store.create_or_update(native.CreateDatabaseRequest(name="db", service=name))
            schema = native.CreateDatabaseSchemaRequest(name="s.x", database=f"{name}.db")
            store.create_or_update(schema)
            table = native.CreateTableRequest(
                name="T", databaseSchema=f'{name}.db."s.x"', columns=[]
            )
            store.create_or_update(table)
        store.create_or_update(native.CreateUserRequest(name="joe", email="joe@ex.am"))
        run = Running(WorkflowContext(store, "one"), SourceStatus(), {}, {})
        nothing = dict.fromkeys(PLACE)
        with running(run):
            client = OpenMetadata()
            wanted = {**nothing, "service_name": "two", "table_name": "t"}
            assert fqn.build(client, model("Table"), **wanted) == 'two.db."s.x".T'
            assert fqn.build(client, model("Table"), **{**wanted, "table_name": "u"}) is None
            everywhere = {**nothing, "table_name": "t", "fetch_multiple_entities": True}
            assert fqn.build(client, model("Table"), **everywhere) == [
                'one.db."s.x".T',
                'two.db."s.x".T',
            ]
            assert fqn.build(client, model("User"), user_name="joe") == "joe"
            assert fqn.build(client, model("User"), user_name="ann") is None
            found = fqn.search_table_from_es(client, None, "s.x", "one", "T")
            assert found.fullyQualifiedName.root == 'one.db."s.x".T'


NAMES = some.lists(some.text('ab."é\n', min_size=1, max_size=8), min_size=1, max_size=5)


@given(NAMES)
def test_names_survive(names: list[str]) -> None:
    """What is built of names splits into them again; parts that are quoted stay as they are."""
    plain = [name for name in names if not (name[0] == name[-1] == '"')]
    if plain:
        built = fqn.joined(*plain)
        parts = fqn.split(built)
        assert list(map(fqn.unquote_name, parts)) == plain
        assert fqn.joined(*parts, quote=False) == built == core.join(*plain)


@given(some.lists(some.text("ab.", min_size=1, max_size=5), min_size=4, max_size=4))
def test_joined_names_are_among_the_readings(names: list[str]) -> None:
    """Of names that were joined with bare dots, the FQN that they mean is one of the readings."""
    bare = ".".join(names)
    if core.normalised(bare) is not None and bare.count(".") <= 7:
        found = list(readings(KINDS["table"], bare, names[0]))
        assert core.join(*names) in found
        assert len(found) <= 65


def test_splitting() -> None:
    """Names of SQL, and of test cases, split into their parts."""
    assert fqn.split('a."b.c".d."e"."f""."') == ["a", '"b.c"', "d", '"e"', '"f""."']
    assert fqn.split(SimpleNamespace(root="a.b")) == ["a", "b"]
    assert fqn.split_table_name('"db"."t"') == {
        "database": None,
        "database_schema": "db",
        "table": "t",
    }
    case = fqn.split_test_case_fqn("a.b.c.d.e.f")
    assert (case.column, case.test_case, case.schema_) == ("e", "f", "c")
    assert fqn.split_test_case_fqn("a.b.c.d.e").column is None
    assert fqn.prefix_entity_for_wildcard_search(model("Table"), "s.t") == "*.*.s.t"
