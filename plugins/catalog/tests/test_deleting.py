"""Soft and hard deletes, and restoring (REST contract §6.5)."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.errors import RecordError
from om_ingest.model import (
    Classification,
    CreateClassificationRequest,
    CreateDatabaseSchemaRequest,
    CreateTagRequest,
    CreateUserRequest,
    Database,
    DatabaseSchema,
    DatabaseService,
    Record,
    Table,
    Tag,
    User,
)
from om_ingest.store import Outcome
from om_ingest_catalog import Catalog


def test_a_deleted_entity_is_hidden_and_kept(catalog: Catalog, table: Any) -> None:
    """A soft delete steps the version and hides the entity from reads, lists and search."""
    catalog.write([table()])
    assert catalog.delete(Table, "s.d.x.t")
    assert catalog.get_by_name(Table, "s.d.x.t") is None
    assert list(catalog.list_entities(Table)) == []
    assert catalog.search("t") == []
    assert "table" not in catalog.counts()
    found = catalog.get_by_name(Table, "s.d.x.t", include_deleted=True)
    assert found is not None
    assert (found.deleted, found.version) == (True, 0.2)
    assert catalog.get_by_id(Table, found.id) is None
    assert [entity.name for entity in catalog.list_entities(Table, include_deleted=True)] == ["t"]
    assert not catalog.delete(Table, "s.d.x.t")
    assert not catalog.delete(Table, "s.d.x.none")


def test_what_has_live_children_is_not_deleted(catalog: Catalog, table: Any) -> None:
    """Without `recursive` a schema with a table stays; with it both go."""
    catalog.write([table()])
    for hard in (False, True):
        with pytest.raises(RecordError, match="databaseSchema is not empty"):
            catalog.delete(DatabaseSchema, "s.d.x", hard=hard)
    assert catalog.delete(DatabaseSchema, "s.d.x", recursive=True)
    assert catalog.get_by_name(Table, "s.d.x.t") is None


def test_restoring_brings_back_what_went_along(catalog: Catalog, table: Any) -> None:
    """A restore brings back the children deleted with it, not one deleted before."""
    catalog.write([table(), table(name="gone")])
    catalog.delete(Table, "s.d.x.gone")
    catalog.delete(Database, "s.d", recursive=True)
    with pytest.raises(RecordError, match=r"s\.d\.x above s\.d\.x\.t is deleted"):
        catalog.restore(Table, "s.d.x.t")
    restored = catalog.restore(Database, "s.d")
    assert restored is not None
    assert restored.version == 0.3
    assert catalog.get_by_name(Table, "s.d.x.t") is not None
    assert catalog.get_by_name(Table, "s.d.x.gone") is None
    assert catalog.restore(Database, "s.none") is None
    assert catalog.restore(Database, "s.d") == restored


def test_a_put_restores(catalog: Catalog, parents: list[Record], table: Any) -> None:
    """A PUT on a deleted schema restores it in one version, with its tables."""
    catalog.write([table()])
    catalog.delete(DatabaseSchema, "s.d.x", recursive=True)
    (refused,) = catalog.write([table(name="u")])
    assert "the databaseSchema s.d.x does not exist" in refused.reason
    results = catalog.write([*parents, table(name="u")])
    assert [result.outcome.value for result in results] == [
        "unchanged",
        "unchanged",
        "updated",
        "created",
    ]
    schema = catalog.get_by_name(DatabaseSchema, "s.d.x")
    assert schema is not None
    assert schema.version == 0.3
    assert schema.changeDescription is not None
    assert [change.name for change in schema.changeDescription.fieldsUpdated] == ["deleted"]
    assert catalog.get_by_name(Table, "s.d.x.t") is not None


def test_a_hard_delete_leaves_no_trace(catalog: Catalog, table: Any) -> None:
    """A hard delete removes history, search rows and everything below, deleted or not."""
    catalog.write([table(), table(name="gone"), table(tableType="View")])
    catalog.delete(Table, "s.d.x.gone")
    assert catalog.delete(DatabaseService, "s", recursive=True, hard=True)
    assert catalog.counts() == {}
    assert catalog.versions(Table, "s.d.x.t") == []
    assert list(catalog.list_entities(Table, include_deleted=True)) == []
    assert catalog.search("t") == []


def test_a_name_that_begins_alike_is_no_child(catalog: Catalog) -> None:
    """Deleting a database does not affect others whose names start with its name."""
    catalog.write(
        [
            CreateDatabaseSchemaRequest(name="x-1", database="s.d"),
            CreateDatabaseSchemaRequest(name="x.1", database="s.d"),
        ]
    )
    assert catalog.delete(DatabaseSchema, "s.d.x")
    assert [schema.name for schema in catalog.list_entities(DatabaseSchema)] == ["x.1", "x-1"]


def test_a_removed_tag_or_owner_leaves_its_labels(catalog: Catalog, table: Any) -> None:
    """References to a removed tag or user are removed, and referrers are checked again."""
    catalog.write(
        [
            CreateClassificationRequest(name="C", description="c"),
            CreateTagRequest(name="t", classification="C", description="t"),
            CreateUserRequest(name="ann", email="ann@example.org"),
        ]
    )
    label = [{"tagFQN": "C.t"}]
    record = table(
        tags=label,
        columns=[{"name": "a", "dataType": "INT", "tags": label}],
        owners=[{"type": "user", "fullyQualifiedName": "ann"}],
    )
    catalog.write([record])
    catalog.delete(Tag, "C.t")
    (result,) = catalog.write([record])
    assert result.outcome is Outcome.UNCHANGED  # it has the tag
    (result,) = catalog.write([table(name="u", tags=label)])
    assert result.reason == "the tag C.t does not exist; yield it first"
    assert catalog.delete(Tag, "C.t", hard=True)
    assert catalog.delete(User, "ann", hard=True)
    found = catalog.get_by_name(Table, "s.d.x.t")
    assert found is not None
    assert (found.tags, found.columns[0].tags, found.owners) == ([], [], [])


def test_what_the_system_provides_stays(catalog: Catalog) -> None:
    """A classification provided by the system cannot be deleted."""
    catalog.write([CreateClassificationRequest(name="Tier", description="t", provider="system")])
    with pytest.raises(RecordError, match="provided by the system"):
        catalog.delete(Classification, "Tier")
