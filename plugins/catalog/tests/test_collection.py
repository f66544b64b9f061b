"""The collection of one kind: create, put, get, delete, restore, versions."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from om_ingest.errors import ConflictError, NotFoundError, RecordError
from om_ingest.kinds import KINDS
from om_ingest.model.entity import CreateRequest
from om_ingest.store import Outcome
from om_ingest_catalog import Actor, Catalog, Collection

BOT, ANN = Actor(), Actor("ann", is_bot=False)
Of = Callable[[str], Collection]
COLUMN = {"name": "a", "dataType": "INT"}
LABEL = {
    "tagFQN": "A.b",
    "source": "Classification",
    "labelType": "Manual",
    "state": "Confirmed",
}


def body(**fields: Any) -> dict[str, Any]:
    return {"name": "t", "databaseSchema": "s.d.x", "columns": [COLUMN], **fields}


def test_put_says_what_it_did(tables: Collection) -> None:
    """A PUT creates, updates or changes nothing, and answers the whole entity each time."""
    created = tables.put(body(), BOT)
    assert (created.outcome, created.change) == (Outcome.CREATED, "entityCreated")
    assert created.document.weak_etag == 'W/"0.1"'
    entity = created.document.entity
    assert entity["service"]["fullyQualifiedName"] == "s"
    assert entity["columns"][0]["fullyQualifiedName"] == "s.d.x.t.a"
    updated = tables.put(body(description="d"), ANN)
    assert (updated.outcome, updated.change) == (Outcome.UPDATED, "entityUpdated")
    assert (updated.document.entity["version"], updated.document.entity["updatedBy"]) == (
        0.2,
        "ann",
    )
    same = tables.put(body(description="d"), ANN)
    assert (same.outcome, same.change) == (Outcome.UNCHANGED, "entityNoChange")
    assert same.document == updated.document == tables.get("s.d.x.t")


def test_names_are_stored_as_they_are_sent(tables: Collection) -> None:
    """Reserved sequences are encoded by the client; invalid names are refused."""
    stored = tables.put(body(name='a>"b"'), BOT).document.entity
    assert (stored["name"], stored["fullyQualifiedName"]) == ('a>"b"', 's.d.x."a>""b"""')
    for name in ("a::b", "a\nb", "a\u2028b"):
        with pytest.raises(RecordError, match=r'^\[name must match "\^\(\(\?!::\)\.\)\*\$"\]'):
            tables.put(body(name=name), BOT)
    for name in ("n" * 257, ""):
        with pytest.raises(RecordError, match=r"^\[name size must be between 1 and 256\]"):
            tables.put(body(name=name), BOT)


def test_create_refuses_what_exists(tables: Collection) -> None:
    """A POST creates once; then there is a conflict, also while the entity is deleted."""
    assert tables.create(body(), ANN).change == "entityCreated"
    with pytest.raises(ConflictError) as caught:
        tables.create(body(), BOT)
    assert caught.value.what == "Entity already exists"
    tables.delete("s.d.x.t", BOT)
    with pytest.raises(ConflictError):
        tables.create(body(), BOT)


def test_put_restores_what_is_deleted(tables: Collection) -> None:
    """A PUT on a soft-deleted entity brings it back."""
    tables.put(body(), BOT)
    tables.delete("s.d.x.t", BOT)
    stored = tables.put(body(), BOT)
    assert (stored.outcome, stored.document.entity["deleted"]) == (Outcome.UPDATED, False)


@pytest.mark.parametrize(
    ("fields", "entity_type", "name"),
    [
        ({"databaseSchema": "s.d.y"}, "databaseSchema", "s.d.y"),
        ({"owners": [{"type": "user", "fullyQualifiedName": "bob"}]}, "user", "bob"),
        ({"tags": [LABEL]}, "tag", "A.b"),
        ({"columns": [{**COLUMN, "tags": [LABEL]}]}, "tag", "A.b"),
    ],
)
def test_what_is_missing_is_named(
    tables: Collection, fields: Any, entity_type: str, name: str
) -> None:
    """A missing parent, owner or tag is a `NotFoundError` with its name."""
    with pytest.raises(NotFoundError) as caught:
        tables.put(body(**fields), BOT)
    error = caught.value
    assert (error.entity_type, error.name) == (entity_type, name)
    assert error.what == f"{entity_type} instance for {name} not found"
    assert tables.page().total == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (body(nonsense=1), "nonsense is no field"),
        (body(name="a::b\n" * 200), "name size must be"),
        ({"name": "t", "columns": []}, "databaseSchema must not be null"),
        (body(columns=[{"name": "a", "dataType": "ARRAY"}]), "ARRAY without arrayDataType"),
        ([], "must be an object"),
        (None, "must not be null"),
        (body(extension={"a": "\ud800"}), "Cannot be written as JSON: extension.a: "),
    ],
)
def test_a_wrong_body_is_refused(tables: Collection, wrong: Any, message: str) -> None:
    """An invalid body is refused with the name of the field, and not as `NotFoundError`."""
    with pytest.raises(RecordError) as caught:
        tables.put(wrong, BOT)
    assert message in caught.value.what
    assert type(caught.value) is RecordError


def test_keys_are_ids_and_names(of: Of, tables: Collection) -> None:
    """A UUID is an id, text is an FQN with any quoting; ids of other kinds are not found."""
    entity = tables.put(body(), BOT).document.entity
    entity_id = UUID(entity["id"])
    for key in (entity_id, "s.d.x.t", '"s".d."x".t'):
        assert tables.get(key).entity == entity
    missing: list[tuple[Collection, UUID | str]] = [
        (of("database"), entity_id),
        (tables, str(entity_id)),
        (tables, "s.d.x.u"),
        (tables, "no..name"),
    ]
    for collection, key in missing:
        with pytest.raises(NotFoundError) as caught:
            collection.get(key)
        assert caught.value.what == f"{collection.kind.entity_type} instance for {key} not found"


def test_user_names_have_no_case(of: Of, tables: Collection) -> None:
    """Users are stored and found in lower case, also by references."""
    of("user").put({"name": "Ann.Lee", "email": "ann@example.org"}, BOT)
    assert of("user").get('"ANN.Lee"').entity["name"] == "ann.lee"
    owner = {"type": "user", "fullyQualifiedName": '"Ann.LEE"'}
    owned = tables.put(body(owners=[owner]), BOT).document.entity
    assert [person["name"] for person in owned["owners"]] == ["ann.lee"]


def test_queries_need_no_name(of: Of) -> None:
    """A query without a name gets the MD5 of its text as name, and is found by it."""
    digest = hashlib.md5(b"select 1").hexdigest()
    first = of("query").put({"query": "select 1", "service": "s"}, BOT)
    assert first.document.entity["fullyQualifiedName"] == f"s.{digest}"
    again = of("query").put({"query": "select 1", "service": "s"}, BOT)
    assert again.outcome is Outcome.UNCHANGED


def test_fields_show_relations_on_request(of: Of, tables: Collection) -> None:
    """Values, parents and columns are always shown; owners, tags and other relations if named."""
    of("user").put({"name": "ann", "email": "ann@example.org"}, BOT)
    owner = {"type": "user", "fullyQualifiedName": "ann"}
    tables.put(body(owners=[owner], extension={"a": 1}, schemaDefinition="select"), BOT)
    plain = tables.get("s.d.x.t", fields=set()).entity
    assert {"columns", "databaseSchema", "database", "service", "schemaDefinition"} <= set(plain)
    assert not {"owners", "tags", "extension"} & set(plain)
    owned = tables.get("s.d.x.t", fields={"owners"}).entity
    assert owned.keys() - plain.keys() == {"owners"}
    everything = tables.get("s.d.x.t", fields=["*"]).entity
    assert tables.get("s.d.x.t").entity.keys() <= everything.keys()
    assert {"owners", "tags", "extension"} <= everything.keys()
    assert {"owners", "sampleData", "columns"} <= tables.field_names()
    with pytest.raises(RecordError) as caught:
        tables.get("s.d.x.t", fields={"owners", "sample"})
    assert caught.value.what == "Invalid field name sample"


def test_etags_follow_state_and_fields(tables: Collection) -> None:
    """The strong tag changes with the state and the fields shown, the weak one with versions."""
    tables.put(body(), BOT)
    before = tables.get("s.d.x.t")
    assert tables.get("s.d.x.t").etag == before.etag != tables.get("s.d.x.t", fields=set()).etag
    tables.put(body(sourceHash="1"), BOT)  # without a new version
    quiet = tables.get("s.d.x.t")
    assert (quiet.weak_etag, quiet.etag == before.etag) == (before.weak_etag, False)
    tables.put(body(displayName="T"), BOT)
    assert tables.get("s.d.x.t").weak_etag == 'W/"0.2"'


def test_deleting_answers_what_was_left(of: Of, tables: Collection) -> None:
    """A soft delete returns the marked entity, a hard one the removed entity."""
    tables.put(body(), BOT)
    marked = tables.delete("s.d.x.t", ANN)
    entity = marked.document.entity
    assert (marked.change, entity["deleted"], entity["version"], entity["updatedBy"]) == (
        *("entitySoftDeleted", True, 0.2),
        "ann",
    )
    with pytest.raises(NotFoundError):
        tables.get("s.d.x.t")
    again = tables.delete("s.d.x.t", BOT)
    assert (again.change, again.document.entity) == ("entitySoftDeleted", entity)
    assert tables.get("s.d.x.t", include="deleted").entity == entity
    removed = tables.delete(UUID(entity["id"]), BOT, hard=True)
    assert (removed.change, removed.document.entity) == ("entityDeleted", entity)
    with pytest.raises(NotFoundError):
        tables.get("s.d.x.t", include="all")
    assert tables.put(body(), BOT).document.entity["version"] == 0.1


def test_what_is_not_empty_stays(of: Of, tables: Collection) -> None:
    """A parent is only deleted recursively, with its children; a restore brings them back."""
    tables.put(body(), BOT)
    databases = of("database")
    with pytest.raises(RecordError) as caught:
        databases.delete("s.d", BOT)
    assert caught.value.what == "database is not empty"
    gone = databases.delete("s.d", BOT, recursive=True).document.entity
    assert tables.page().total == 0
    table_id = UUID(tables.get("s.d.x.t", include="all").entity["id"])
    with pytest.raises(RecordError, match=r"above s\.d\.x\.t is deleted"):
        tables.restore(table_id, ANN)
    restored = databases.restore(UUID(gone["id"]), ANN)
    assert (restored.change, restored.document.entity["version"]) == ("entityRestored", 0.3)
    assert tables.get("s.d.x.t").entity["updatedBy"] == "ann"
    again = databases.restore(UUID(gone["id"]), ANN)
    assert (again.change, again.outcome) == ("entityNoChange", Outcome.UNCHANGED)
    with pytest.raises(NotFoundError):
        databases.restore(table_id, ANN)


def test_what_the_system_provides_stays(of: Of) -> None:
    """An entity of the system cannot be deleted."""
    tiers = of("classification")
    tiers.put({"name": "Tier", "description": "d", "provider": "system"}, BOT)
    with pytest.raises(RecordError, match="provided by the system"):
        tiers.delete("Tier", BOT, hard=True)
    assert tiers.page().total == 1


def test_every_version_can_be_read(tables: Collection) -> None:
    """Versions come newest first, and one by its number, also of a deleted entity."""
    tables.put(body(), BOT)
    tables.put(body(description="d"), BOT)
    tables.delete("s.d.x.t", BOT)
    versions = tables.versions("s.d.x.t")
    assert [version.weak_etag for version in versions] == ['W/"0.3"', 'W/"0.2"', 'W/"0.1"']
    for version in versions:
        assert tables.version("s.d.x.t", str(version.entity["version"])) == version
    assert "description" not in versions[-1].entity
    assert versions[1].entity["changeDescription"]["previousVersion"] == 0.1
    for number in ("0.4", "latest", "nan", ""):
        with pytest.raises(NotFoundError):
            tables.version("s.d.x.t", number)
    with pytest.raises(NotFoundError):
        tables.versions("s.d.x.none")


def test_actors_share_a_catalog(path: Path, tables: Collection) -> None:
    """Bots and people write through one catalog from several threads, each by their rules."""
    tables.put(body(description="source"), BOT)

    def write(actor: Actor, text: str) -> None:
        for number in range(20):
            tables.put(body(name=f"{actor.name}{number}", description=text), actor)
            tables.put(body(description=text), actor)

    threads = [
        threading.Thread(target=write, args=(Actor(f"{kind}{number}", is_bot=kind == "bot"), kind))
        for kind in ("bot", "person")
        for number in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tables.get("s.d.x.t").entity["description"] == "person"
    assert tables.page().total == 81
    with Catalog(path, read_only=True) as reader:
        assert Collection(reader, KINDS["table"]).page(limit=0).total == 81


@pytest.fixture
def filled(catalog: Catalog, one_of_each: list[Any]) -> Catalog:
    """A catalog with one entity of every kind."""
    assert {result.reason for result in catalog.write(one_of_each)} == {""}
    return catalog


@pytest.mark.parametrize("entity_type", KINDS)
def test_every_kind_is_a_collection(
    filled: Catalog, make: Callable[..., CreateRequest], entity_type: str
) -> None:
    """Entities of every kind are listed, found, patched, deleted and put again."""
    collection = Collection(filled, KINDS[entity_type])
    kind = KINDS[entity_type]
    page = collection.page(limit=100)
    assert page.total == len(page.entities) >= 1
    entity = next(entity for entity in page.entities if entity["name"] == entity_type)
    key = UUID(entity["id"])
    kind.entity.model_validate(entity)
    kind.entity.model_validate(collection.get(key, fields={"*"}).entity)
    assert collection.get(entity["fullyQualifiedName"]).entity == entity
    patched = collection.patch(key, [{"op": "add", "path": "/displayName", "value": "D"}], ANN)
    assert patched.document.entity["displayName"] == "D"
    untouched = {"displayName", "version", "updatedBy", "updatedAt", "changeDescription"}
    for name in entity.keys() - untouched:
        assert patched.document.entity[name] == entity[name], name
    request = make(entity_type).model_dump(mode="json", exclude_none=True)
    assert collection.put(request, ANN).outcome is Outcome.UPDATED  # no displayName any more
    deleted = collection.delete(key, ANN, recursive=True)
    assert deleted.change == ("entitySoftDeleted" if kind.soft_delete else "entityDeleted")
    if kind.soft_delete:
        assert collection.restore(key, ANN).change == "entityRestored"


def test_lists_grow_from_several_sides(of: Of, path: Path) -> None:
    """Items that two processes add to one list concurrently are all stored, each once."""
    of("query").put({"name": "q", "query": "select 1", "service": "s"}, BOT)

    def add(prefix: str) -> None:
        with Catalog(path) as catalog:
            for number in range(40):
                names = [f"{prefix}{number}", "both", "both"]
                Collection(catalog, KINDS["query"]).extend("s.q", "usedBy", names, BOT)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(add, "ab"))
    used_by = of("query").get("s.q").entity["usedBy"]
    assert sorted(used_by) == sorted([*(f"{p}{n}" for p in "ab" for n in range(40)), "both"])


def test_a_reference_is_added_once(of: Of, tables: Collection) -> None:
    """A reference is added once, however its id is written; an unknown one changes nothing."""
    entity_id = tables.put(body(), BOT).document.entity["id"]
    of("query").put({"name": "q", "query": "select 1", "service": "s"}, BOT)
    for given in (entity_id, entity_id.upper()):
        item = {"id": given, "type": "table"}
        of("query").extend("s.q", "queryUsedIn", [item], BOT)
    before = of("query").get("s.q").entity
    assert [used["id"] for used in before["queryUsedIn"]] == [entity_id]
    with pytest.raises(RecordError):
        of("query").extend("s.q", "queryUsedIn", [{"id": str(UUID(int=0)), "type": "table"}], BOT)
    assert of("query").get("s.q").entity == before
