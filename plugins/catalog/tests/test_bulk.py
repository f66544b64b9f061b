"""Bulk writes (REST contract §5.1, and the third column of §6.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from om_ingest.kinds import KINDS
from om_ingest_catalog import Actor, BulkResult, Collection
from om_ingest_catalog.rules.merge import NEWEST, merged

BOT, ANN = Actor(), Actor("ann", is_bot=False)
TABLE = KINDS["table"]
Of = Callable[[str], Collection]


def body(name: str = "t", **fields: Any) -> dict[str, Any]:
    column = {"name": "a", "dataType": "INT"}
    return {"name": name, "databaseSchema": "s.d.x", "columns": [column], **fields}


def test_every_row_is_answered(tables: Collection) -> None:
    """A failed row does not affect others; it is returned with its reason and status 400."""
    orphan, wrong = body(databaseSchema="s.d.y"), {"name": "t", "nonsense": 1}
    result = tables.bulk([body("a"), orphan, wrong, 5, body("b.c")], BOT)
    answer = result.as_dict()
    failed = answer.pop("failedRequest")
    assert answer == {
        "status": "partialSuccess",
        "numberOfRowsProcessed": 5,
        "numberOfRowsPassed": 2,
        "numberOfRowsFailed": 3,
        "successRequest": [
            {"request": "s.d.x.a", "status": 200},
            {"request": 's.d.x."b.c"', "status": 200},
        ],
    }
    assert [row["request"] for row in failed] == [orphan, wrong, 5]
    assert {row["status"] for row in failed} == {400}
    assert failed[0]["message"] == "databaseSchema instance for s.d.y not found"
    assert "nonsense is no field" in failed[1]["message"]
    assert tables.page().total == 2


@pytest.mark.parametrize(
    ("rows", "status"),
    [([body()], "success"), ([], "success"), ([{}], "failure"), ([body(), {}], "partialSuccess")],
)
def test_the_status_sums_up(tables: Collection, rows: list[Any], status: str) -> None:
    """Success if nothing failed, failure if nothing passed, else partialSuccess."""
    result = tables.bulk(rows, BOT)
    assert result.status == status
    assert result.processed == result.passed + result.failed == len(rows)


def test_of_two_rows_the_later_updates(tables: Collection) -> None:
    """A table twice in one request is created first, and updated then."""
    rows = [body(displayName="one"), body("u"), body(displayName="two")]
    assert tables.bulk(rows, BOT).passed == 3
    entity = tables.get("s.d.x.t").entity
    assert (entity["displayName"], entity["version"]) == ("two", 0.2)


def test_what_was_deleted_comes_back(tables: Collection) -> None:
    """A bulk row restores a deleted table, also with the `sourceHash` that it has."""
    row = body(sourceHash="1")
    tables.bulk([row], BOT)
    tables.delete("s.d.x.t", BOT)
    assert tables.bulk([row], BOT).status == "success"
    assert tables.get("s.d.x.t").entity["version"] == 0.3


def test_an_equal_source_hash_is_taken_for_no_change(tables: Collection) -> None:
    """A row with the stored hash changes nothing; another hash, or a PUT, does."""
    tables.bulk([body(sourceHash="1", displayName="one")], BOT)
    other = body(sourceHash="1", displayName="two")
    for actor in (BOT, ANN):
        assert tables.bulk([other], actor).status == "success"
        assert tables.get("s.d.x.t").entity["displayName"] == "one"
    assert tables.put(other, BOT).document.entity["displayName"] == "two"
    tables.bulk([body(sourceHash="2", displayName="three")], BOT)
    assert tables.get("s.d.x.t").entity["displayName"] == "three"
    tables.bulk([body(displayName="four"), body(displayName="five")], BOT)
    assert tables.get("s.d.x.t").entity["displayName"] == "five"


@pytest.mark.parametrize("override", [False, True])
def test_when_the_source_hash_is_not_looked_at(tables: Collection, override: bool) -> None:
    """With `override`, and where a table stands twice, rows are compared in full."""
    tables.bulk([body(sourceHash="1", displayName="one")], BOT)
    row = body(sourceHash="1", displayName="two")
    tables.bulk([row] if override else [row, row], BOT, override=override)
    assert tables.get("s.d.x.t").entity["displayName"] == "two"


def test_override_goes_over_what_people_wrote(tables: Collection) -> None:
    """Without `override` a bot's bulk keeps a person's description, with it it does not."""
    tables.put(body(description="Ann's"), ANN)
    row = body(description="source")
    tables.bulk([row], BOT)
    assert tables.get("s.d.x.t").entity["description"] == "Ann's"
    tables.bulk([row], BOT, override=True)
    assert tables.get("s.d.x.t").entity["description"] == "source"
    tables.bulk([body()], BOT, override=True)
    assert "description" not in tables.get("s.d.x.t").entity
    assert tables.get("s.d.x.t").entity["version"] == 0.3


def test_a_large_request_is_one_transaction(of: Of, tables: Collection) -> None:
    """A thousand rows pass at once, parents and children of one kind among them."""
    assert tables.bulk([body(f"t{i}") for i in range(1000)], BOT).passed == 1000
    assert tables.page(limit=0).total == 1000
    of("storageService").put({"name": "st", "serviceType": "S3"}, BOT)
    parent = {"type": "container", "fullyQualifiedName": "st.a"}
    rows = [{"name": "a", "service": "st"}, {"name": "b", "service": "st", "parent": parent}]
    result = of("container").bulk(rows, BOT)
    assert [row["request"] for row in result.successes] == ["st.a", "st.a.b"]


def test_a_dry_run_says_so() -> None:
    """Only operations with a dry run report whether it was one."""
    assert "dryRun" not in BulkResult([], []).as_dict()
    assert BulkResult([], [], dry_run=True).as_dict()["dryRun"] is True


A, B = ({"tagFQN": name, "source": "Classification"} for name in ("T.a", "T.b"))

# field, stored, sent, after a bot's bulk PUT with overrideMetadata
OVERRIDDEN = [
    ("description", "old", "new", "new"),
    ("description", "old", None, None),
    ("displayName", "old", "new", "new"),
    ("tags", [A], [B], [B]),
    ("tags", [A], [], [A]),
    ("tags", [A], None, [A]),
    ("tags", None, [B, B], [B]),
    ("owners", [{"id": "a"}], [{"id": "b"}], [{"id": "b"}]),
    ("owners", [{"id": "a"}], [], [{"id": "a"}]),
    ("domains", ["a"], ["b"], ["a"]),
    ("dataProducts", ["a"], ["b"], ["a"]),
    ("extension", {"a": 1}, {"a": 2}, {"a": 1}),
    ("style", {"color": "red"}, None, {"color": "red"}),
]


@pytest.mark.parametrize(("field", "stored", "sent", "result"), OVERRIDDEN)
def test_override_replaces_fields(field: str, stored: Any, sent: Any, result: Any) -> None:
    """Each field is replaced or kept as the contract says for `overrideMetadata`."""
    old = {} if stored is None else {field: stored}
    new = {} if sent is None else {field: sent}
    assert merged(TABLE, old, new, NEWEST, is_bot=True, override=True).get(field) == result


# the same of a column
OVERRIDDEN_COLUMNS = [
    ({"description": "old"}, {"description": "new"}, {"description": "new"}),
    ({"description": "old"}, {}, {"description": "old"}),
    ({"displayName": "old"}, {"displayName": "new"}, {"displayName": "old"}),
    ({"tags": [A]}, {"tags": [B]}, {"tags": [B]}),
    ({"tags": [A]}, {}, {"tags": [A]}),
]


@pytest.mark.parametrize(("stored", "sent", "result"), OVERRIDDEN_COLUMNS)
def test_override_replaces_fields_of_columns(stored: Any, sent: Any, result: Any) -> None:
    """A column's texts and tags are replaced or kept as the contract says, nested too."""

    def nested(fields: dict[str, Any]) -> dict[str, Any]:
        inner = {"name": "a", "dataType": "INT", **fields}
        return {"columns": [{"name": "s", "dataType": "STRUCT", "children": [inner]}]}

    assert merged(
        TABLE, nested(stored), nested(sent), NEWEST, is_bot=True, override=True
    ) == nested(result)


def test_override_is_for_bots() -> None:
    """A person's PUT follows the rules for people, whatever the flag says."""
    old, new = {"tags": [A], "domains": ["a"]}, {"tags": [B], "domains": ["b"]}
    assert merged(TABLE, old, new, NEWEST, is_bot=False, override=True) == merged(
        TABLE, old, new, NEWEST, is_bot=False
    )


@pytest.mark.parametrize(("entity_type", "field"), [("query", "query"), ("user", "email")])
def test_what_is_unique_is_so_among_the_rows_of_a_request(
    of: Of, tables: Collection, entity_type: str, field: str
) -> None:
    """Of two rows of a request with one unique value the first is stored; a row may come twice."""
    place = {"service": "s"} if entity_type == "query" else {}
    pairs = (("a", 1), ("b", 2), ("c", 1), ("b", 2), ("d", 3), ("e", 3))
    rows = [{"name": name, field: f"v{value}@example.com", **place} for name, value in pairs]
    result = of(entity_type).bulk(rows, BOT).as_dict()
    assert [row["request"]["name"] for row in result["failedRequest"]] == ["c", "e"]
    assert all(row["message"] == "Entity already exists" for row in result["failedRequest"])
    assert of(entity_type).page().total == 3
