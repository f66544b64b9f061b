"""Requests that OpenMetadata would refuse (REST contract §3.0)."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.model import (
    CreateClassificationRequest,
    CreateDatabaseServiceRequest,
    CreateTagRequest,
    CreateTeamRequest,
    CreateUserRequest,
    DatabaseServiceType,
    TeamType,
)
from om_ingest.store import Outcome
from om_ingest_catalog import Actor, Catalog, Collection
from om_ingest_catalog.rules.validity import problem_of

A = {"name": "a", "dataType": "INT"}
KEY = {**A, "constraint": "PRIMARY_KEY"}


def decimal(**fields: int) -> dict[str, Any]:
    return {"name": "a", "dataType": "DECIMAL", **fields}


WRONG = [
    ({"columns": [A, A]}, "the column a occurs twice"),
    (
        {"columns": [{"name": "s", "dataType": "STRUCT", "children": [A, A]}]},
        "the column s.a occurs twice",
    ),
    ({"columns": [{"name": "a", "dataType": "ARRAY"}]}, "ARRAY without arrayDataType"),
    ({"columns": [{"name": "a", "dataType": "STRUCT"}]}, "STRUCT without children"),
    ({"columns": [decimal(scale=2)]}, "scale but no precision"),
    ({"columns": [decimal(scale=3, precision=2)]}, "scale 3 above its precision 2"),
    ({"columns": [KEY, {**KEY, "name": "b"}]}, "a and b are both a PRIMARY_KEY"),
    (
        {
            "columns": [KEY],
            "tableConstraints": [{"constraintType": "PRIMARY_KEY", "columns": ["a"]}],
        },
        "both the column a and a table constraint",
    ),
    (
        {"columns": [A], "tableConstraints": [{"constraintType": "UNIQUE", "columns": ["z"]}]},
        "the UNIQUE constraint names the unknown column z",
    ),
    (
        {"columns": [A], "tablePartition": {"columns": [{"columnName": "z"}]}},
        "the partition names the unknown column z",
    ),
    (
        {"columns": [A], "tableConstraints": [{"constraintType": "UNIQUE", "columns": ["A"]}]},
        "the UNIQUE constraint names the column A, which is called a",
    ),
    (
        {"columns": [A], "tablePartition": {"columns": [{"columnName": "A"}]}},
        "the partition names the column A, which is called a",
    ),
    ({"columns": [A], "domains": ["a..b"]}, "not a fully qualified name"),
]

RIGHT: list[dict[str, Any]] = [
    {"columns": []},
    {"columns": [A, {"name": "A", "dataType": "INT"}]},
    {"columns": [{"name": "a", "dataType": "CHAR"}]},  # today's server wants no dataLength
    {"columns": [{"name": "a", "dataType": "ARRAY", "arrayDataType": "INT"}]},
    {"columns": [decimal(scale=2, precision=2)]},
    {"columns": [A], "tableConstraints": [{"constraintType": "UNIQUE", "columns": ["a"]}]},
    {
        "columns": [{"name": "x::y", "dataType": "INT"}],
        "tableConstraints": [{"constraintType": "PRIMARY_KEY", "columns": ["x::y"]}],
    },
    {"columns": [A], "tablePartition": {"columns": [{"interval": "day"}]}},
    {"columns": [A], "tags": [{"tagFQN": "no.where", "source": "Glossary"}]},
]


@pytest.mark.parametrize(("fields", "reason"), WRONG)
def test_a_wrong_table_is_refused(catalog: Catalog, table: Any, fields: Any, reason: str) -> None:
    """A table that violates a rule fails with a reason that names the field, and is not stored."""
    (result,) = catalog.write([table(**fields)])
    assert result.outcome is Outcome.FAILED
    assert reason in result.reason
    assert "table" not in catalog.counts()


@pytest.mark.parametrize("fields", RIGHT)
def test_a_right_table_is_stored(catalog: Catalog, table: Any, fields: Any) -> None:
    """A valid table is stored, also at the limits of the rules."""
    (result,) = catalog.write([table(**fields)])
    assert (result.outcome, result.reason) == (Outcome.CREATED, "")


def test_a_constraint_that_is_stored_in_another_case_stays(tables: Collection, table: Any) -> None:
    """A column keeps its stored case; a patch takes the table as it then is."""
    for name in ("a", "A"):
        constraint = {"constraintType": "UNIQUE", "columns": [name]}
        request = table(columns=[{**A, "name": name}], tableConstraints=[constraint])
        tables.put(request.model_dump(mode="json", exclude_none=True), Actor())
    patch = [{"op": "add", "path": "/displayName", "value": "T"}]
    shown = tables.patch("s.d.x.t", patch, Actor("ann", is_bot=False)).document.entity
    assert (shown["displayName"], shown["columns"][0]["name"]) == ("T", "a")
    assert shown["tableConstraints"][0]["columns"] == ["A"]


@pytest.mark.parametrize(("length", "refused"), [(3072, False), (3073, True)])
def test_an_fqn_has_a_limit(length: int, refused: bool) -> None:
    """An FQN has at most 3072 characters."""
    assert (problem_of("f" * length, {"name": "f"}) is not None) is refused


@pytest.fixture
def governed(catalog: Catalog) -> Catalog:
    """With tags PII.High and PII.Low that exclude each other, Free.a, Free.b, and people."""
    catalog.write(
        [
            CreateClassificationRequest(name="PII", description="p", mutuallyExclusive=True),
            CreateTagRequest(name="High", classification="PII", description="h"),
            CreateTagRequest(name="Low", classification="PII", description="l"),
            CreateClassificationRequest(name="Free", description="f"),
            CreateTagRequest(name="a", classification="Free", description="a"),
            CreateTagRequest(name="b", classification="Free", description="b"),
            CreateTeamRequest(name="group", teamType=TeamType.Group),
            CreateTeamRequest(name="division", teamType=TeamType.Division),
            *(CreateUserRequest(name=f"u{i}", email=f"u{i}@example.org") for i in range(6)),
        ]
    )
    return catalog


def tags(*names: str) -> list[dict[str, str]]:
    return [{"tagFQN": name} for name in names]


def people(*names: str) -> list[dict[str, str]]:
    return [
        {"type": "user" if name.startswith("u") else "team", "fullyQualifiedName": name}
        for name in names
    ]


POINTING = [
    ({"tags": tags("Free.a", "Free.b", "PII.High")}, ""),
    ({"tags": tags("Free.nothing")}, "the tag Free.nothing does not exist; yield it first"),
    ({"tags": tags("Free..x")}, "does not exist"),
    ({"columns": [{**A, "tags": tags("Free.nothing")}]}, "does not exist"),
    ({"tags": tags("PII.High", "PII.Low")}, "PII.High and PII.Low exclude each other"),
    ({"columns": [{**A, "tags": tags("PII.Low", "PII.High")}]}, "exclude each other"),
    ({"tags": tags("PII.Low"), "columns": [{**A, "tags": tags("PII.High")}]}, ""),
    ({"owners": people("u0", "u1")}, ""),
    ({"owners": people("group")}, ""),
    ({"owners": people("nobody")}, "owners: the team nobody does not exist; yield it first"),
    ({"owners": people("division")}, "only a Group can own data"),
    ({"owners": people("group", "u0")}, "up to 5 users, or one team"),
    ({"owners": people(*(f"u{i}" for i in range(6)))}, "up to 5 users, or one team"),
    ({"owners": [{"type": "user", "id": "00000000-0000-0000-0000-000000000000"}]}, "not exist"),
]


@pytest.mark.parametrize(("fields", "reason"), POINTING)
def test_what_a_table_points_at_must_exist(
    governed: Catalog, table: Any, fields: Any, reason: str
) -> None:
    """Tags and owners must exist, and be compatible."""
    (result,) = governed.write([table(**fields)])
    assert result.outcome is (Outcome.FAILED if reason else Outcome.CREATED)
    assert reason in result.reason


def test_a_name_that_went_round_the_model_is_refused(catalog: Catalog) -> None:
    """The catalog validates names again, because `model_construct` does not."""
    record = CreateDatabaseServiceRequest.model_construct(
        name="a::b", serviceType=DatabaseServiceType.CustomDatabase
    )

    (result,) = catalog.write([record])

    assert result.outcome is Outcome.FAILED
    assert "no '::'" in result.reason
