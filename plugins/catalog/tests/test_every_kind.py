"""The catalog stores every kind of entity, by the same rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from om_ingest import RecordError
from om_ingest.kinds import KINDS
from om_ingest.model import (
    AddLineageRequest,
    APIEndpoint,
    Chart,
    Container,
    CreateContainerRequest,
    CreateDirectoryRequest,
    CreateSpreadsheetRequest,
    Dashboard,
    DashboardDataModel,
    Directory,
    Domain,
    EntityReference,
    File,
    GlossaryTerm,
    MlModel,
    Pipeline,
    Query,
    Record,
    Spreadsheet,
    Table,
    Topic,
    User,
    Worksheet,
)
from om_ingest.model.entity import CreateRequest
from om_ingest_catalog import Catalog

from tests.every_kind import needlessly_quoted

EVERY_KIND = pytest.mark.parametrize("entity_type", KINDS)
TABLE = "databaseService.database.databaseSchema.table"

Make = Callable[..., CreateRequest]


def edge(
    kind: str, fqn: str, column: str, next_kind: str, next_fqn: str, next_column: str
) -> AddLineageRequest:
    """An edge between two entities, and between a column or field of each."""
    return AddLineageRequest.model_validate(
        {
            "edge": {
                "fromEntity": {"type": kind, "fullyQualifiedName": fqn},
                "toEntity": {"type": next_kind, "fullyQualifiedName": next_fqn},
                "lineageDetails": {
                    "columnsLineage": [
                        {
                            "fromColumns": [f"{fqn}.{column}"],
                            "toColumn": f"{next_fqn}.{next_column}",
                        }
                    ]
                },
            }
        }
    )


def write(catalog: Catalog, *records: Record) -> list[tuple[str, str]]:
    """Outcome and reason per record."""
    return [(result.outcome.value, result.reason) for result in catalog.write(records)]


@EVERY_KIND
def test_an_entity_of_every_kind_is_found(entity_type: str, full: Catalog, make: Make) -> None:
    """Written entities are found by FQN, by id and in the list, with their parents."""
    request = make(entity_type)
    entity = KINDS[entity_type].entity
    found = full.get_by_name(entity, full.fqn_of(request))
    assert found is not None
    assert (found.name, found.version) == (entity_type, 0.1)
    assert full.get_by_id(entity, found.id) == found
    assert list(full.list_entities(entity)) == [found]
    assert entity_type in {hit.entity_type for hit in full.search(entity_type, 100)}
    answer = found.model_dump(mode="json", exclude_none=True)
    for field in KINDS[entity_type].place_fields & answer.keys():
        assert answer[field].keys() == {"id", "type", "name", "fullyQualifiedName"}
    if KINDS[entity_type].parent is not None and "serviceType" in entity.model_fields:
        assert answer["serviceType"]


@EVERY_KIND
def test_an_entity_of_every_kind_has_versions(entity_type: str, full: Catalog, make: Make) -> None:
    """The same again changes nothing; a new display name is version 0.2."""
    entity = KINDS[entity_type].entity
    assert write(full, make(entity_type)) == [("unchanged", "")]
    again = make(entity_type, displayName="Other")
    assert write(full, again) == [("updated", "")]
    found = full.get_by_name(entity, full.fqn_of(again))
    assert found is not None
    assert (found.version, found.displayName) == (0.2, "Other")
    assert found.changeDescription is not None
    assert [change.name for change in found.changeDescription.fieldsAdded] == ["displayName"]
    assert [version.version for version in full.versions(entity, full.fqn_of(again))] == [0.2, 0.1]


@EVERY_KIND
def test_an_entity_of_every_kind_is_deleted(entity_type: str, full: Catalog, make: Make) -> None:
    """A deleted entity is hidden until it is restored; some kinds are removed permanently."""
    kind = KINDS[entity_type]
    fqn = full.fqn_of(make(entity_type))
    before = full.counts()
    assert full.delete(kind.entity, fqn, recursive=True)
    assert full.get_by_name(kind.entity, fqn) is None
    assert list(full.list_entities(kind.entity)) == []
    restored = full.restore(kind.entity, fqn)
    if kind.soft_delete:
        assert restored is not None
        assert (restored.version, restored.deleted) == (0.3, False)
        assert full.counts() == before
    else:
        assert restored is None
    full.delete(kind.entity, fqn, recursive=True, hard=True)
    assert full.get_by_name(kind.entity, fqn, include_deleted=True) is None
    assert write(full, make(entity_type))[0][0] == "created" or entity_type in ("user", "domain")


def test_children_go_with_their_service(full: Catalog) -> None:
    """All descendants of a service are deleted and restored with it."""
    before = full.counts()
    for kind in KINDS.values():
        if kind.segment is not None:
            full.delete(kind.entity, kind.entity_type, recursive=True)
    left = {name: count for name, count in before.items() if name in full.counts()}
    roots = {"user", "team", "classification", "tag", "domain", "dataProduct", "glossary"}
    assert left.keys() == roots | {"glossaryTerm", "metric"}
    for kind in KINDS.values():
        if kind.segment is not None:
            full.restore(kind.entity, kind.entity_type)
    assert full.counts() == before


def test_search_looks_into_columns_fields_tasks_and_features(full: Catalog) -> None:
    """Words in descriptions of members are found, at any depth, in every kind."""
    assert {hit.entity_type for hit in full.search("zebra", 100)} == {
        *("table", "dashboardDataModel", "topic", "pipeline", "mlmodel", "container"),
        *("searchIndex", "apiEndpoint", "worksheet"),
    }


def test_names_of_parts(full: Catalog) -> None:
    """Columns, fields and tasks have FQNs below their entity's (§3.0)."""
    topic = full.get_by_name(Topic, "messagingService.topic")
    assert topic is not None
    assert topic.messageSchema is not None
    (outer,) = topic.messageSchema.schemaFields or []
    assert outer.children is not None
    assert outer.children[0].fullyQualifiedName == "messagingService.topic.rec.inner"
    endpoint = full.get_by_name(APIEndpoint, "apiService.apiCollection.apiEndpoint")
    assert endpoint is not None
    assert endpoint.responseSchema is not None
    (field,) = endpoint.responseSchema.schemaFields or []
    assert field.fullyQualifiedName == "apiService.apiCollection.apiEndpoint.responseSchema.rec"
    pipeline = full.get_by_name(Pipeline, "pipelineService.pipeline")
    assert pipeline is not None
    (task,) = pipeline.tasks or []
    assert task.fullyQualifiedName == "pipelineService.pipeline.load"
    (owner,) = task.owners or []
    user = full.get_by_name(User, "user")
    assert user is not None
    assert owner.id == user.id


def test_a_bot_keeps_what_people_wrote_about_parts(full: Catalog, make: Make) -> None:
    """A bot does not overwrite the description of a task or field, and it does add new ones."""
    tasks = [{"name": "load", "description": "bot"}, {"name": "check"}]
    assert write(full, make("pipeline", tasks=tasks)) == [("updated", "")]
    pipeline = full.get_by_name(Pipeline, "pipelineService.pipeline")
    assert pipeline is not None
    assert [(task.name, task.description) for task in pipeline.tasks or []] == [
        ("load", "zebra in a task"),
        ("check", None),
    ]
    fields = [{"name": "rec", "dataType": "RECORD", "description": "bot"}]
    schema = {"schemaType": "Avro", "schemaText": "{}", "schemaFields": fields}
    assert write(full, make("topic", messageSchema=schema)) == [("updated", "")]
    topic = full.get_by_name(Topic, "messagingService.topic")
    assert topic is not None
    assert topic.changeDescription is not None
    assert topic.version == 1.1, "a field is gone"
    assert [c.name for c in topic.changeDescription.fieldsAdded] == ["messageSchema.schemaText"]
    assert [c.name for c in topic.changeDescription.fieldsDeleted] == [
        "messageSchema.schemaFields.rec"
    ]
    container = make("container", dataModel={"columns": [{"name": "new", "dataType": "INT"}]})
    assert write(full, container) == [("updated", "")]
    stored = full.get_by_name(Container, "storageService.container")
    assert stored is not None
    assert stored.dataModel is not None
    assert [column.name for column in stored.dataModel.columns] == ["new"]


def test_rules_for_columns_count_wherever_columns_are(full: Catalog, make: Make) -> None:
    """A column that occurs twice is refused in a container too, and so is an unknown tag."""
    twice = [{"name": "a", "dataType": "INT"}, {"name": "a", "dataType": "INT"}]
    tagged = {"name": "f", "dataType": "TEXT", "tags": [{"tagFQN": "no.tag"}]}
    assert write(
        full,
        make("container", dataModel={"columns": twice}),
        make("worksheet", columns=twice),
        make("searchIndex", fields=[tagged]),
    ) == [
        ("failed", "the column a occurs twice"),
        ("failed", "the column a occurs twice"),
        ("failed", "the tag no.tag does not exist; yield it first"),
    ]


def test_what_lies_in_its_own_kind(full: Catalog, make: Make) -> None:
    """Containers, directories, terms, domains lie below each other; files in directories."""
    outer = full.get_by_name(Container, "storageService.container")
    directory = full.get_by_name(Directory, "driveService.directory")
    assert outer is not None
    assert directory is not None
    by_id = EntityReference(id=directory.id, type="directory")
    assert (
        write(
            full,
            CreateContainerRequest(
                name="in",
                service="storageService",
                parent=EntityReference(id=outer.id, type="container"),
            ),
            CreateDirectoryRequest(name="sub", service="driveService", parent=by_id),
            make("file", name="f", directory="driveService.directory.sub"),
            CreateSpreadsheetRequest(name="s2", service="driveService", parent=by_id),
            make("worksheet", name="w", spreadsheet="driveService.directory.s2"),
            make("glossaryTerm", name="narrow", parent="glossary.glossaryTerm"),
            make("domain", name="part", parent="domain"),
        )
        == [("created", "")] * 7
    )
    inner = full.get_by_name(Container, "storageService.container.in")
    assert inner is not None
    assert inner.parent is not None
    assert (inner.parent.id, inner.service.name) == (outer.id, "storageService")
    file = full.get_by_name(File, "driveService.directory.sub.f")
    assert file is not None
    assert file.directory is not None
    assert file.directory.fullyQualifiedName == "driveService.directory.sub"
    spreadsheet = full.get_by_name(Spreadsheet, "driveService.directory.s2")
    assert spreadsheet is not None
    assert spreadsheet.directory is not None
    assert spreadsheet.directory.id == directory.id
    sheet = full.get_by_name(Worksheet, "driveService.directory.s2.w")
    assert sheet is not None
    assert (sheet.spreadsheet.name, sheet.service.name) == ("s2", "driveService")
    domain = full.get_by_name(Domain, "domain.part")
    assert domain is not None
    assert domain.parent is not None
    assert domain.parent.name == "domain"
    term = full.get_by_name(GlossaryTerm, "glossary.glossaryTerm.narrow")
    assert term is not None
    assert (term.glossary.name, term.parent and term.parent.name) == ("glossary", "glossaryTerm")
    with pytest.raises(RecordError, match="directory is not empty"):
        full.delete(Directory, "driveService.directory")
    full.delete(Directory, "driveService.directory", recursive=True)
    assert full.get_by_name(Worksheet, "driveService.directory.s2.w") is None
    orphan = make("file", name="g", directory="driveService.nowhere")
    ((_, reason),) = write(full, orphan)
    assert reason == "the directory driveService.nowhere does not exist; yield it before its files"


@pytest.mark.parametrize(
    ("entity_type", "more", "reason"),
    [
        ("dashboard", {"charts": ["x.y"]}, "charts: the chart x.y"),
        ("mlmodel", {"dashboard": "x.y"}, "dashboard: the dashboard x.y"),
        ("domain", {"experts": ["bob"]}, "experts: the user bob"),
        ("query", {"users": ["bob"]}, "users: the user bob"),
        ("query", {"queryUsedIn": [{"type": "table", "fullyQualifiedName": "a.b.c.d"}]}, "table"),
        ("metric", {"relatedMetrics": ["x"]}, "relatedMetrics: the metric x"),
        ("pipeline", {"tasks": [{"name": "t", "owners": [{"type": "user", "id": 32 * "0"}]}]}, ""),
    ],
)
def test_what_is_pointed_at_must_exist(
    entity_type: str, more: dict[str, Any], reason: str, full: Catalog, make: Make
) -> None:
    """A request with an unresolved reference is refused with the name of the field."""
    ((outcome, said),) = write(full, make(entity_type, **more))
    assert outcome == "failed"
    assert reason in said
    assert said.endswith("does not exist; yield it first")


def test_links_are_answered_as_references(full: Catalog, make: Make) -> None:
    """Charts of a dashboard, related terms, data sources come back with id, type and name."""
    dashboard = full.get_by_name(Dashboard, "dashboardService.dashboard")
    chart = full.get_by_name(Chart, "dashboardService.chart")
    assert dashboard is not None
    assert chart is not None
    assert [link.id for link in dashboard.charts or []] == [chart.id]
    assert [link.type for link in dashboard.dataModels or []] == ["dashboardDataModel"]
    model = full.get_by_name(MlModel, "mlmodelService.mlmodel")
    table = full.get_by_name(Table, TABLE)
    assert model is not None
    assert table is not None
    assert model.dashboard is not None
    assert model.dashboard.id == dashboard.id
    ((source,),) = [feature.featureSources or [] for feature in model.mlFeatures or []]
    assert source.dataSource is not None
    assert source.dataSource.id == table.id
    write(full, make("glossaryTerm", name="b", relatedTerms=["glossary.glossaryTerm"]))
    term = full.get_by_name(GlossaryTerm, "glossary.b")
    assert term is not None
    (relation,) = term.relatedTerms or []
    assert (relation.relationType, relation.term.name) == ("relatedTo", "glossaryTerm")


def test_removing_takes_what_points_at_it_along(full: Catalog) -> None:
    """After a hard delete, no entity refers to the deleted one (§6.5)."""
    full.delete(Chart, "dashboardService.chart", hard=True)
    full.delete(Table, TABLE, hard=True)
    full.delete(Dashboard, "dashboardService.dashboard", hard=True)
    full.delete(User, "user", hard=True)
    model = full.get_by_name(MlModel, "mlmodelService.mlmodel")
    query = full.get_by_name(Query, "databaseService.query")
    pipeline = full.get_by_name(Pipeline, "pipelineService.pipeline")
    domain = full.get_by_name(Domain, "domain")
    assert model is not None
    assert query is not None
    assert pipeline is not None
    assert domain is not None
    assert model.dashboard is None
    ((source,),) = [feature.featureSources or [] for feature in model.mlFeatures or []]
    assert source.dataSource is None
    assert (query.queryUsedIn, query.users, domain.experts) == ([], [], [])
    assert [task.owners for task in pipeline.tasks or []] == [[]]


def test_lineage_between_kinds(full: Catalog) -> None:
    """A topic feeds a table, a table a data model, that one a dashboard; columns are checked."""
    ends = [
        ("topic", "messagingService.topic", "rec.inner"),
        ("table", TABLE, '"col.a".inner'),
        ("dashboardDataModel", "dashboardService.model.dashboardDataModel", '"col.a"'),
        ("dashboard", "dashboardService.dashboard", "anything"),
    ]
    for (kind, fqn, column), (next_kind, next_fqn, next_column) in pairwise(ends):
        full.add_lineage(edge(kind, fqn, column, next_kind, next_fqn, next_column))
    graph = full.get_lineage(DashboardDataModel, ends[2][1], upstream_depth=2)
    assert graph is not None
    assert {node.type for node in graph.nodes} == {"topic", "table", "dashboard"}
    with pytest.raises(RecordError, match=r"topic has no column messagingService\.topic\.none"):
        full.add_lineage(edge("topic", "messagingService.topic", "none", *ends[1]))


@EVERY_KIND
def test_needless_quotes(one_of_each: list[Record], make: Make, entity_type: str) -> None:
    """A request that quotes FQNs without need is the one that does not: nothing changes."""
    kind = KINDS[entity_type]
    more = {
        "tags": [{"tagFQN": "classification.tag"}],
        "owners": [{"type": "user", "fullyQualifiedName": "user"}],
        "domains": ["domain"],
        "dataProducts": ["dataProduct"],
    }
    known = {name: value for name, value in more.items() if name in kind.request.model_fields}
    request = make(entity_type, **known)
    fields = {*kind.place_fields, *kind.links, *more, "tagFQN", "fullyQualifiedName"}
    body = needlessly_quoted(json.loads(request.model_dump_json(exclude_none=True)), fields)
    with Catalog.temporary() as catalog:
        catalog.write([*one_of_each, request])
        (result,) = catalog.write([kind.request.model_validate(body)])
        assert (result.outcome.value, result.reason) == ("unchanged", "")
