"""Writing the same twice changes nothing, whatever the table looks like."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
from om_ingest.model import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    DatabaseServiceType,
    Table,
)
from om_ingest.store import Outcome
from om_ingest_catalog import Catalog

CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
NAMES = st.text(CHARACTERS, min_size=1, max_size=12).filter(
    lambda name: "::" not in name and not set(name) & set("\n\r\u0085\u2028\u2029")
)
TEXTS = st.none() | st.text(CHARACTERS, max_size=20)
GLOSSARY_TAGS: st.SearchStrategy[Any] = st.none() | st.lists(
    st.builds(dict, tagFQN=st.sampled_from(["g.a", "g.b"]), source=st.just("Glossary")), max_size=3
)


def columns(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    plain = st.fixed_dictionaries(
        {"name": NAMES, "dataType": st.sampled_from(["INT", "STRING", "MEASURE HIDDEN"])},
        optional={
            "description": TEXTS,
            "displayName": TEXTS,
            "dataTypeDisplay": TEXTS,
            "arrayDataType": st.just("INT"),
            "dataLength": st.integers(),
            "tags": GLOSSARY_TAGS,
            "constraint": st.sampled_from([None, "UNIQUE", "NOT_NULL"]),
        },
    )
    struct = st.fixed_dictionaries(
        {"name": NAMES, "dataType": st.just("STRUCT"), "children": children}
    )
    return st.lists(plain | struct, min_size=1, max_size=4, unique_by=lambda column: column["name"])


TABLES = st.fixed_dictionaries(
    {
        "name": NAMES,
        "databaseSchema": st.just("s.d.x"),
        "columns": st.recursive(columns(st.nothing()), columns, max_leaves=4),
    },
    optional={
        "description": TEXTS,
        "tags": GLOSSARY_TAGS,
        "domains": st.lists(st.sampled_from(["a", '"b.c"']), max_size=2),
        "extension": st.dictionaries(
            st.text(CHARACTERS, max_size=3), st.integers() | st.text(CHARACTERS), max_size=2
        ),
        "lifeCycle": st.just({"created": {"timestamp": 7}}),
        "sourceHash": st.text("0123456789abcdef", min_size=1, max_size=32),
    },
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(fields=TABLES)
def test_the_same_table_twice_is_unchanged(fields: dict[str, Any]) -> None:
    """A second identical write is unchanged by a bot, and by a person; reading works."""
    request = CreateTableRequest.model_validate(fields)
    with Catalog.temporary() as bot, Catalog.temporary(is_bot=False) as person:
        for catalog in (bot, person):
            catalog.write(
                [
                    CreateDatabaseServiceRequest(name="s", serviceType=DatabaseServiceType.Hive),
                    CreateDatabaseRequest(name="d", service="s"),
                    CreateDatabaseSchemaRequest(name="x", database="s.d"),
                ]
            )
            (first,) = catalog.write([request])
            assert (first.outcome, first.reason) == (Outcome.CREATED, "")
            (second,) = catalog.write([CreateTableRequest.model_validate(fields)])
            assert (second.outcome, second.reason) == (Outcome.UNCHANGED, "")
            found = catalog.get_by_name(Table, catalog.fqn_of(request))
            assert found is not None
            assert (found.name, found.version) == (request.name, 0.1)
            assert [column.name for column in found.columns] == [
                column.name for column in request.columns
            ]
