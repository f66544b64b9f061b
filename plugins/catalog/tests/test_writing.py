"""Results of the records of a batch, and reading them back."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from om_ingest.errors import RecordError
from om_ingest.model import (
    CreateClassificationRequest,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateStoredProcedureRequest,
    CreateTableRequest,
    CreateTagRequest,
    CreateTeamRequest,
    CreateUserRequest,
    Database,
    DatabaseSchema,
    EntityReference,
    Record,
    ScopeComplete,
    StoredProcedure,
    StoredProcedureCode,
    Table,
    Tag,
    TeamType,
    User,
)
from om_ingest.store import Outcome
from om_ingest_catalog import Catalog
from om_ingest_catalog.rows.links import ID_NAMESPACE, entity_id

CREATED, UPDATED, UNCHANGED, FAILED = (
    Outcome.CREATED,
    Outcome.UPDATED,
    Outcome.UNCHANGED,
    Outcome.FAILED,
)


def outcomes(catalog: Catalog, *records: Any) -> list[Outcome]:
    return [result.outcome for result in catalog.write(records)]


def reason(catalog: Catalog, record: Record) -> str:
    (result,) = catalog.write([record])
    assert result.outcome is FAILED
    return result.reason


def test_a_batch_may_hold_parents_and_children(parents: list[Record], table: Any) -> None:
    """A parent earlier in the same batch counts; so does a repeated record."""
    with Catalog.temporary() as catalog:
        records = [*parents, table(), table(), table(description="new"), table(name="u")]
        assert outcomes(catalog, *records) == [
            *[CREATED] * 4,
            UNCHANGED,
            UPDATED,
            CREATED,
        ]
        assert catalog.counts() == {
            "database": 1,
            "databaseSchema": 1,
            "databaseService": 1,
            "table": 2,
        }


def test_a_child_before_its_parent_fails_alone(table: Any, catalog: Catalog) -> None:
    """A record with a missing parent fails with a reason; other records are stored."""
    results = catalog.write(
        [
            table(databaseSchema="s.d.y"),
            CreateDatabaseSchemaRequest(name="y", database="s.d"),
            table(),
        ]
    )
    assert [result.outcome for result in results] == [FAILED, CREATED, CREATED]
    assert results[0].reason == (
        "the databaseSchema s.d.y does not exist; yield it before its tables"
    )


def test_markers_are_ignored_and_strangers_refused(catalog: Catalog) -> None:
    """A ScopeComplete changes nothing; an object that is no record fails."""
    assert outcomes(catalog, ScopeComplete("s.d.x", Table), "text", None) == [
        UNCHANGED,
        FAILED,
        FAILED,
    ]


def test_a_value_that_is_no_json_fails_alone(catalog: Catalog, table: Any) -> None:
    """A record that cannot be written as JSON is refused, the next one is stored."""
    assert outcomes(catalog, table(extension={"a": object()}), table()) == [FAILED, CREATED]


def test_columns_nested_beyond_reading_fail_alone(catalog: Catalog, table: Any) -> None:
    """A struct nested hundreds of levels deep is refused, the next record is stored."""
    deep = CreateTableRequest.model_construct(**dict(table(name="deep")))
    column = deep.columns[0]
    for _ in range(220):
        column = column.model_copy(update={"name": "n", "children": [column]})
    deep.columns = [column]
    assert outcomes(catalog, deep, table()) == [FAILED, CREATED]


@pytest.mark.parametrize("spelling", ["s.d.x", '"s".d."x"'])
def test_parents_are_found_in_any_spelling(catalog: Catalog, table: Any, spelling: str) -> None:
    """Redundant quotes in FQNs are accepted in writing and in reading."""
    assert outcomes(catalog, table(databaseSchema=spelling)) == [CREATED]
    found = catalog.get_by_name(Table, f"{spelling}.t")
    assert found is not None
    assert found.fullyQualifiedName == "s.d.x.t"


def test_a_parent_may_be_given_by_id(catalog: Catalog) -> None:
    """A reference with an id is resolved, of a database just written and in the same batch."""
    service = EntityReference(
        id=uuid.UUID(entity_id("databaseService", "s")), type="databaseService"
    )
    database = EntityReference(id=uuid.UUID(entity_id("database", "s.e")), type="database")
    schema = CreateDatabaseSchemaRequest(name="y", database=database)
    records = [CreateDatabaseRequest(name="e", service=service), schema]
    assert outcomes(catalog, *records) == [CREATED, CREATED]
    assert outcomes(catalog, *records) == [UNCHANGED, UNCHANGED]
    assert catalog.create_or_update(schema).fullyQualifiedName == "s.e.y"


def test_a_parent_of_the_wrong_kind_is_refused(catalog: Catalog, table: Any) -> None:
    """A table cannot have a database or an unknown id as parent."""
    database = EntityReference(id=uuid.UUID(entity_id("database", "s.d")), type="database")
    nobody = EntityReference(id=uuid.uuid4(), type="databaseSchema")
    for parent in (database, nobody):
        assert "does not exist" in reason(catalog, table(databaseSchema=parent))


def test_a_missing_parent_field_is_refused(catalog: Catalog) -> None:
    """A procedure without a schema fails with the name of the field."""
    record = CreateStoredProcedureRequest(name="p", storedProcedureCode=StoredProcedureCode())
    assert reason(catalog, record).startswith("databaseSchema is missing")


def test_ids_are_the_same_in_every_catalog() -> None:
    """The id of an entity is a UUID of version 5 made from its type and FQN."""
    for name in ("s.d.x.t", 's."a.b"', "é"):
        assert entity_id("table", name) == str(uuid.uuid5(ID_NAMESPACE, f"table:{name}"))


def test_a_table_is_read_back_complete(catalog: Catalog, table: Any) -> None:
    """References, FQNs of columns at any depth, and defaults are filled in on reading."""
    leaf = {"name": "c.d", "dataType": "VARCHAR", "dataTypeDisplay": "VarChar(5)"}
    struct = {"name": "b", "dataType": "STRUCT", "children": [leaf], "arrayDataType": "INT"}
    catalog.write([table(columns=[struct], domains=["Sales.EU"])])
    found = catalog.get_by_name(Table, "s.d.x.t")
    assert found is not None
    for reference, kind, name in (
        (found.service, "databaseService", "s"),
        (found.database, "database", "s.d"),
        (found.databaseSchema, "databaseSchema", "s.d.x"),
    ):
        assert reference is not None
        assert (reference.type, reference.fullyQualifiedName) == (kind, name)
        assert str(reference.id) == entity_id(kind, name)
        assert reference.name == name[-1]
    assert (found.serviceType, found.version, found.updatedBy) == ("SQLite", 0.1, "ingestion-bot")
    assert (found.tags, found.deleted) == ([], False)
    assert found.domains is not None
    assert found.domains[0].name == "EU"
    (outer,) = found.columns
    assert outer.fullyQualifiedName == "s.d.x.t.b"
    assert (outer.tags, outer.dataTypeDisplay, outer.arrayDataType) == ([], "struct", None)
    assert outer.children is not None
    assert outer.children[0].fullyQualifiedName == 's.d.x.t.b."c.d"'
    assert outer.children[0].dataTypeDisplay == "varchar(5)"
    assert catalog.get_by_id(Table, found.id) == found == catalog.get_by_id(Table, str(found.id))


def test_every_kind_is_read_back(catalog: Catalog) -> None:
    """Users, teams, schemas and procedures come back as their entity classes."""
    team = CreateTeamRequest(name="T", teamType=TeamType.Group)
    user = CreateUserRequest(
        name="Ann", email="ann@example.org", teams=[uuid.UUID(entity_id("team", "T"))]
    )
    code = StoredProcedureCode(code="SELECT 1")
    procedure = CreateStoredProcedureRequest(
        name="p", databaseSchema="s.d.x", storedProcedureCode=code
    )
    assert outcomes(catalog, team, user, procedure) == [CREATED] * 3
    ann = catalog.get_by_name(User, "ANN")
    assert ann is not None
    assert ann.name == "ann"
    assert ann.teams is not None
    assert ann.teams[0].type == "team"
    found = catalog.get_by_name(StoredProcedure, "s.d.x.p")
    assert found is not None
    assert found.serviceType == "SQLite"
    assert catalog.get_by_name(DatabaseSchema, "s.d.x") is not None


@pytest.mark.parametrize("name", ["", "a..b", 'a"b', ".a", "nobody", "\ud800", "s.d.x.t.u"])
def test_what_is_not_there_is_none(catalog: Catalog, name: str) -> None:
    """A name that is unknown, or no FQN at all, finds nothing and raises nothing."""
    assert catalog.get_by_name(Table, name) is None
    assert list(catalog.list_entities(Table, scope=name)) == []
    assert catalog.get_by_id(Table, name) is None


def test_lists_are_ordered_and_scoped(catalog: Catalog, table: Any) -> None:
    """Lists are in FQN order, and contain exactly the entities in the scope."""
    catalog.write([CreateDatabaseSchemaRequest(name="x2", database="s.d")])
    catalog.write([table(name=f"t{i:03}") for i in range(450)])
    catalog.write([table(name="other", databaseSchema="s.d.x2")])
    names = [entity.name for entity in catalog.list_entities(Table, scope="s.d.x")]
    assert names == [f"t{i:03}" for i in range(450)]
    assert len(list(catalog.list_entities(Table, scope="s"))) == 451
    assert len(list(catalog.list_entities(Table))) == 451
    assert [database.name for database in catalog.list_entities(Database)] == ["d"]


def test_a_nested_tag_lies_below_its_parent_tag(catalog: Catalog) -> None:
    """The FQN of a nested tag contains its parents, which must exist."""
    classification = CreateClassificationRequest(name="PII", description="d")
    outer = CreateTagRequest(name="Person", classification="PII", description="d")
    inner = CreateTagRequest(
        name="Name", classification="PII", parent="PII.Person", description="d"
    )
    orphan = CreateTagRequest(name="x", classification="PII", parent="PII.none", description="d")

    results = catalog.write([classification, outer, inner, orphan])

    assert [result.outcome.value for result in results] == ["created"] * 3 + ["failed"]
    found = catalog.get_by_name(Tag, "PII.Person.Name")
    assert found is not None
    assert found.parent is not None
    assert found.classification is not None
    assert found.parent.fullyQualifiedName == "PII.Person"
    assert found.classification.fullyQualifiedName == "PII"
    with pytest.raises(RecordError, match="not empty"):
        catalog.delete(Tag, "PII.Person")
    assert catalog.delete(Tag, "PII.Person", recursive=True)
    assert catalog.get_by_name(Tag, "PII.Person.Name") is None
