"""The table of kinds: every row is whole, and its models say what OpenMetadata says."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from collections.abc import Callable
from uuid import UUID

import om_ingest.model
import pytest
from om_ingest import Record, RecordError, fqn
from om_ingest.kinds import (
    KINDS,
    SERVICE_KINDS,
    decode,
    encode,
    fqn_of,
    kind_of,
    parent_of,
    service_kind,
)
from om_ingest.model import (
    Container,
    CreateQueryRequest,
    CreateTableProfileRequest,
    Directory,
    DriveService,
    EntityReference,
    PipelineStatus,
    StatusType,
    TaskStatus,
    Topic,
)
from om_ingest.model.entity import CreateRequest
from om_ingest.model.naming import encode_reserved
from om_ingest.namespace import SERVICE_TYPES
from om_ingest.workflow.references import References
from om_ingest_catalog import Catalog
from pydantic import ValidationError

Make = Callable[..., CreateRequest]
EVERY_KIND = pytest.mark.parametrize("entity_type", KINDS)


def annotations_in(annotation: object) -> set[object]:
    """An annotation and all that is inside it, e.g. `UUID` of `list[UUID] | None`."""
    inside = (annotations_in(argument) for argument in typing.get_args(annotation))
    return {annotation}.union(*inside)


@EVERY_KIND
def test_every_row_is_whole(entity_type: str) -> None:
    """Request and entity of a kind agree with its row, and with each other."""
    kind = KINDS[entity_type]
    assert kind.request.entity_type == kind.entity.entity_type == kind.entity_type == entity_type
    assert kind.request.__name__ == f"Create{kind.entity.__name__}Request"
    for model in (kind.request, kind.entity):
        assert getattr(om_ingest.model, model.__name__) is model
    fields, answer = kind.request.model_fields, kind.entity.model_fields
    assert bool(kind.parent or kind.parent_choice) == (kind.parent_field is not None)
    assert (kind.nested_field is None) == (kind.nested_type is None)
    for field in (kind.parent_field, kind.nested_field):
        assert field is None or field in fields
    if kind.nested_field is not None:
        assert (kind.nested_answer or kind.nested_field) in answer
    assert {*kind.links, *(path[0] for path in kind.members)} <= fields.keys() & answer.keys()
    ids = {name for name, field in fields.items() if UUID in annotations_in(field.annotation)}
    assert kind.id_links.keys() == ids
    above = [KINDS[name].entity.model_fields for name in kind.parent_types - {kind.nested_type}]
    lists = {kind.children_field, kind.total_field} - {None}
    assert all(lists <= parent.keys() for parent in above)
    assert all(depth < kind.depth for depth in kind.filters)
    required = [keyword for keyword, required in kind.fqn_keywords.items() if required]
    assert not required or len(required) == kind.depth - bool(kind.infix)


@EVERY_KIND
def test_shared_fields_stand_once(entity_type: str) -> None:
    """A request and its entity list fewer than five equal fields twice."""
    kind = KINDS[entity_type]
    in_request, in_entity = map(inspect.get_annotations, (kind.request, kind.entity))
    twice = {name for name, _ in in_request.items() & in_entity.items()}
    assert len(twice & kind.request.model_fields.keys()) < 5


@EVERY_KIND
def test_rows_tell_which_names_are_rewritten(entity_type: str, make: Make) -> None:
    """A name with a reserved sequence is rewritten in the kinds whose row says so (§8.2)."""
    name = make(entity_type, name="a>b").name
    assert (name == encode_reserved("a>b")) == KINDS[entity_type].rewrites_names


def test_what_is_pointed_at_is_delivered_first() -> None:
    """Parents and links have a lower level, but for what lies below, or points back."""
    for kind in KINDS.values():
        above = {name for name in kind.parent_types if name != kind.entity_type}
        assert all(KINDS[name].level < kind.level for name in above)
        later = {name for name in kind.links.values() if KINDS[name].level > kind.level}
        assert later <= {"dashboard", "apiEndpoint"}
    assert list(KINDS).index("databaseService") < list(KINDS).index("table")


def test_every_segment_has_its_service(products: dict[str, str]) -> None:
    """Each of OpenMetadata's 13 namespace segments has one kind of service."""
    assert SERVICE_KINDS.keys() == products.keys() == set(SERVICE_TYPES)
    for segment, product in products.items():
        kind = service_kind(segment)
        service = kind.request.model_validate({"name": "s", "serviceType": product})
        assert kind.collection == f"services/{segment}Services"
        assert fqn_of(service) == "s"
    with pytest.raises(RecordError, match="Not a type of service: 'databases'"):
        service_kind("databases")


@EVERY_KIND
def test_a_record_of_every_kind_survives_its_line(entity_type: str, make: Make) -> None:
    """What is encoded is decoded to the same request."""
    record = make(entity_type, description="ünïcødé\nand a line")
    assert decode(encode(record)) == record


@EVERY_KIND
def test_unknown_fields_are_refused(entity_type: str, make: Make) -> None:
    """No request takes a field that OpenMetadata does not have."""
    with pytest.raises(ValidationError, match="no_such_field"):
        make(entity_type, no_such_field=1)


@pytest.mark.parametrize(
    ("entity_type", "more", "expected"),
    [
        ("dashboardDataModel", {}, "dashboardService.model.dashboardDataModel"),
        ("container", {}, "storageService.container"),
        (
            "container",
            {"parent": {"type": "container", "fullyQualifiedName": "storageService.a.b"}},
            "storageService.a.b.container",
        ),
        ("file", {}, "driveService.directory.file"),
        ("file", {"directory": None}, "driveService.file"),
        ("directory", {"parent": "driveService.a"}, "driveService.a.directory"),
        ("domain", {}, "domain"),
        ("domain", {"parent": "a"}, "a.domain"),
        ("glossaryTerm", {"parent": "glossary.a"}, "glossary.a.glossaryTerm"),
        ("tag", {"classification": None, "parent": "classification.a"}, "classification.a.tag"),
        ("metric", {}, "metric"),
    ],
)
def test_where_a_request_lies(
    entity_type: str, more: dict[str, object], expected: str, make: Make
) -> None:
    """The FQN goes through the nearest parent; a data model's has `model` in it (§3.0)."""
    assert fqn_of(make(entity_type, **more)) == expected


def test_a_request_without_its_parent_says_so(make: Make) -> None:
    """A parent that is missing, or known by its id only, is an error that names the field."""
    with pytest.raises(RecordError, match="Set classification to the FQN"):
        fqn_of(make("tag", classification=None))
    by_id = EntityReference(id="00000000-0000-0000-0000-000000000001", type="directory")
    with pytest.raises(RecordError, match="Set parent to the FQN"):
        fqn_of(make("spreadsheet", parent=by_id))
    assert parent_of(make("spreadsheet", parent=by_id)) == by_id


def test_a_query_is_named_by_its_text() -> None:
    """Without a name, a query gets the MD5 of its text; an empty name is refused (§3.0)."""
    query = CreateQueryRequest(query="select 1", service="s")
    assert query.name == "95adb6e77a0884d9e50232cb8c5c969d"
    assert fqn_of(query) == f"s.{query.name}"
    with pytest.raises(ValidationError):
        CreateQueryRequest(name="", query="select 1", service="s")


def test_kind_of_takes_names_and_classes(make: Make) -> None:
    """A kind is found by type name, class or instance; anything else is an error."""
    assert kind_of(Topic) is kind_of("topic") is kind_of(make("topic")) is KINDS["topic"]
    with pytest.raises(RecordError, match="Not an entity type: 'persona'"):
        kind_of("persona")


def test_a_family_costs_nothing_until_it_is_used() -> None:
    """Reading and writing a table loads no model of another family."""
    program = """
import sys
from om_ingest_catalog import Catalog
from om_ingest.model import CreateDatabaseServiceRequest, Database, DatabaseService
from om_ingest.workflow import config
with Catalog.temporary() as catalog:
    catalog.write([CreateDatabaseServiceRequest(name="s", serviceType="Hive")])
    assert not list(catalog.list_entities(Database))
    catalog.delete(DatabaseService, "s")
families = ("dashboard", "messaging", "pipeline", "storage", "drive", "search", "source_config")
print([name for name in families if f"om_ingest.model.{name}" in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert done.stdout.decode().strip() == "[]"


def test_fqns_are_built_from_keywords() -> None:
    """`fqn.build` knows the keywords of OpenMetadata's own client (§8.4)."""
    assert fqn.build(None, Topic, service_name="s", topic_name="a.b") == 's."a.b"'
    names = {"service_name": "s", "container_name": "c"}
    assert fqn.build(None, Container, **names) == "s.c"
    assert fqn.build(None, Container, **names, parent_container="s.a.b") == "s.a.b.c"


def test_ids_of_parents_become_fqns(make: Make, one_of_each: list[Record]) -> None:
    """Before sinks see a request, each id of what it lies in is replaced by its FQN."""
    with Catalog.temporary() as catalog:
        catalog.write(one_of_each)
        service = catalog.get_by_name(DriveService, "driveService")
        directory = catalog.get_by_name(Directory, "driveService.directory")
        assert service is not None
        assert directory is not None
        references = References(lambda: catalog, lambda: None)
        file = references.resolved(
            make("file", service=service.reference(), directory=directory.reference())
        )
        assert file == make("file")
        by_id = EntityReference(id=directory.id, type="directory")
        spreadsheet = references.resolved(make("spreadsheet", parent=by_id))
        assert spreadsheet == make("spreadsheet")


def test_runs_and_profiles() -> None:
    """Runs of pipelines and measurements of tables refuse what OpenMetadata does."""
    run = {"timestamp": 1, "executionStatus": "Successful", "taskStatus": []}
    assert PipelineStatus.model_validate(run).executionStatus is StatusType.Successful
    with pytest.raises(ValidationError, match="logLink"):
        TaskStatus(name="t", executionStatus=StatusType.Failed, logLink="no address")
    profile = {"tableProfile": {"timestamp": 1, "rowCount": 7}, "columnProfile": []}
    found = CreateTableProfileRequest.model_validate(profile)
    assert found.model_dump(mode="json", exclude_none=True) == profile
    with pytest.raises(ValidationError, match="rows"):
        CreateTableProfileRequest.model_validate({"tableProfile": {"timestamp": 1, "rows": 7}})
