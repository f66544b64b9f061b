"""Merging of a PUT with the stored state (REST contract §6.3)."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.kinds import KINDS
from om_ingest.model import Table
from om_ingest_catalog import Catalog
from om_ingest_catalog.rules.merge import NEWEST, merged

TABLE = KINDS["table"]


def person(name: str) -> dict[str, str]:
    return {"id": name, "type": "user"}


def at(timestamp: int) -> dict[str, int]:
    return {"timestamp": timestamp}


# field, stored, sent, after a bot's PUT, after a person's PUT
FIELDS = [
    ("description", "old", "new", "old", "new"),
    ("description", "old", None, "old", None),
    ("description", "", "new", "new", "new"),
    ("description", None, "new", "new", "new"),
    ("displayName", "old", "new", "new", "new"),
    ("displayName", "old", None, None, None),
    ("owners", [person("a")], [], [person("a")], [person("a")]),
    ("owners", [person("a")], None, [person("a")], [person("a")]),
    ("owners", [person("a")], [person("b")], [person("b")], [person("b")]),
    ("reviewers", [person("a")], None, None, None),
    ("domains", ["a"], ["b"], ["a"], ["b"]),
    ("domains", ["a"], [], ["a"], ["a"]),
    ("domains", None, ["b"], ["b"], ["b"]),
    ("dataProducts", ["a"], ["b"], ["a"], ["b"]),
    ("dataProducts", ["a"], None, ["a"], None),
    ("extension", {"a": 1, "b": 1}, {"a": 2}, {"a": 1, "b": 1}, {"a": 2, "b": 1}),
    ("extension", {"a": 1}, None, {"a": 1}, {"a": 1}),
    ("extension", None, {"a": 1}, None, {"a": 1}),
    ("style", {"color": "red"}, None, {"color": "red"}, {"color": "red"}),
    ("style", {"color": "red"}, {"color": "blue"}, {"color": "blue"}, {"color": "blue"}),
    ("lifeCycle", {"created": at(5)}, None, {"created": at(5)}, {"created": at(5)}),
    (
        "lifeCycle",
        {"created": at(5), "accessed": at(1)},
        {"created": at(4), "accessed": at(2), "updated": at(3)},
        {"created": at(5), "accessed": at(2), "updated": at(3)},
        {"created": at(5), "accessed": at(2), "updated": at(3)},
    ),
    ("dataModel", {"sql": "old"}, None, {"sql": "old"}, {"sql": "old"}),
    ("tableType", "View", None, None, None),
    ("schemaDefinition", "old", "new", "new", "new"),
]


@pytest.mark.parametrize(("field", "stored", "sent", "by_bot", "by_person"), FIELDS)
def test_a_field_is_kept_or_replaced(
    field: str, stored: Any, sent: Any, by_bot: Any, by_person: Any
) -> None:
    """Each field of an entity survives a bot's and a person's PUT as the contract says."""
    old = {} if stored is None else {field: stored}
    new = {} if sent is None else {field: sent}
    assert merged(TABLE, old, new, NEWEST, is_bot=True).get(field) == by_bot
    assert merged(TABLE, old, new, NEWEST, is_bot=False).get(field) == by_person


def column(**fields: Any) -> dict[str, Any]:
    return {"name": "a", "dataType": "INT", **fields}


LABEL = {"tagFQN": "A.a", "source": "Classification"}
OTHER = {"tagFQN": "A.b", "source": "Classification"}

# stored, sent, after a bot's PUT, after a person's PUT
COLUMNS = [
    (
        column(description="old", displayName="old"),
        column(description="new", displayName="new"),
        column(description="old", displayName="old"),
        column(description="new", displayName="new"),
    ),
    (column(description="old"), column(), column(description="old"), column()),
    (column(tags=[LABEL]), column(), column(tags=[LABEL]), column(tags=[LABEL])),
    (
        column(tags=[LABEL]),
        column(tags=[OTHER]),
        column(tags=[LABEL, OTHER]),
        column(tags=[LABEL, OTHER]),
    ),
    (column(constraint="UNIQUE"), column(), column(), column()),
    (
        column(description="old", displayName="old", tags=[LABEL]),
        column(dataType="BIGINT"),
        column(dataType="BIGINT", description="old"),
        column(dataType="BIGINT", description="old"),
    ),
    (
        column(description="old", tags=[LABEL]),
        column(dataType="BIGINT", description="new", tags=[OTHER]),
        column(dataType="BIGINT", description="new", tags=[OTHER]),
        column(dataType="BIGINT", description="new", tags=[OTHER]),
    ),
]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(("stored", "sent", "by_bot", "by_person"), COLUMNS)
def test_a_column_is_kept_or_replaced(
    stored: Any, sent: Any, by_bot: Any, by_person: Any, nested: bool
) -> None:
    """Columns follow the same rules at the top and inside a struct."""

    def body(inner: dict[str, Any]) -> dict[str, Any]:
        outer = {"name": "s", "dataType": "STRUCT", "children": [inner]}
        return {"columns": [outer if nested else inner]}

    assert merged(TABLE, body(stored), body(sent), NEWEST, is_bot=True) == body(by_bot)
    assert merged(TABLE, body(stored), body(sent), NEWEST, is_bot=False) == body(by_person)


def test_columns_that_differ_in_case_are_kept_apart() -> None:
    """Columns `a` and `A` of one table each keep their own description."""
    old = [column(description="small"), {**column(description="large"), "name": "A"}]
    new = [{**column(), "name": "A"}, column()]
    assert (
        merged(TABLE, {"columns": old}, {"columns": new}, NEWEST, is_bot=True)["columns"]
        == old[::-1]
    )


def test_an_edited_description_survives_the_next_load(
    catalog: Catalog, person: Catalog, table: Any
) -> None:
    """What a person wrote on a table and its column stays, however often the bot loads."""
    loaded = table(description="from source", columns=[column(description="from source")])
    catalog.write([loaded])
    person.write([table(description="by Ann", columns=[column(description="by Ann")])])
    for _ in range(2):
        (result,) = catalog.write([loaded])
        assert result.outcome.value == "unchanged"
    found = catalog.get_by_name(Table, "s.d.x.t")
    assert found is not None
    assert (found.description, found.columns[0].description) == ("by Ann", "by Ann")
    assert (found.version, found.updatedBy) == (0.2, "ann")


def test_data_products_need_a_domain(person: Catalog, table: Any) -> None:
    """A person who gives data products without a domain is refused."""
    person.write([table()])
    (result,) = person.write([table(dataProducts=["p"])])
    assert "give the domain too" in result.reason
    (result,) = person.write([table(dataProducts=["p"], domains=["d"])])
    assert result.outcome.value == "updated"
