"""What runs once took away from people, each as it was seen on a real server."""

from __future__ import annotations

import random

import pytest
from om_ingest.model import AddLineageRequest, Table
from om_ingest_catalog import Catalog

from tests.functional.preserving.records import (
    LABELS,
    ORPHAN,
    SERVICE,
    TREE,
    Records,
    dashboard,
    label,
    names,
    reference,
    same,
    table,
)
from tests.functional.preserving.targets import Served, Target
from tests.selection import few

ROLE = {"id": "00000000-0000-0000-0000-000000000001", "type": "role"}


def test_a_user_stays_an_administrator(server: Served) -> None:
    """A connector that yields name and address of a user changes nothing else of that user."""
    user = ("user", {"name": "boss", "email": "boss@example.com"})
    server.run([user, ("team", {"name": "team", "teamType": "Group"})])
    team = reference(server, "team", "team")
    before = server.edit("user", "boss", isAdmin=True, roles=[ROLE], teams=[team])

    report = server.run([user])

    assert report["records"]["unchanged"] == 1
    after = server.entity("user", "boss")
    assert after["isAdmin"] is True
    assert [role["id"] for role in after["roles"]] == [ROLE["id"]]
    assert names(after["teams"]) == ["team"]
    same(before, after)


def test_charts_stay_in_their_dashboards(catalog: Target) -> None:
    """A chart that a person added stays, and unchanged runs change no version."""
    catalog.run([*dashboard("one", "two"), ("chart", {"name": "mine", "service": "b"})])
    charts = catalog.entity("dashboard", "b.x")["charts"]
    mine = reference(catalog, "chart", "b.mine")
    before = catalog.edit("dashboard", "b.x", charts=[*charts, mine])
    chart = catalog.entity("chart", "b.one")

    for _ in range(2):
        catalog.run(dashboard("one", "two"))

    same(before, catalog.entity("dashboard", "b.x"))
    same(chart, catalog.entity("chart", "b.one"))
    catalog.run(dashboard("one", "two", text="new"))
    assert names(catalog.entity("dashboard", "b.x")["charts"]) == ["mine", "one", "two"]


def test_a_resumed_run_leaves_dashboards_whole(catalog: Target) -> None:
    """`--resume` after one chart has changed sends that chart; its dashboard keeps both."""
    catalog.run([*dashboard("one", "two"), ORPHAN])

    changed = [
        (kind, {**body, "chartType": "Line"} if body["name"] == "one" else body)
        for kind, body in dashboard("one", "two")
    ]
    catalog.run(changed, resume=True)

    assert catalog.entity("chart", "b.one")["chartType"] == "Line"
    assert names(catalog.entity("dashboard", "b.x")["charts"]) == ["one", "two"]


def ring(name: str, count: int) -> Records:
    """Terms of a glossary, and metrics: each is related to the next."""
    found: Records = [("glossary", {"name": name, "description": "d"})]
    for number in range(count):
        following = (number + 1) % count
        term = {"name": f"{name}-{number}", "glossary": name, "description": "d"}
        found.append(("glossaryTerm", {**term, "relatedTerms": [f"{name}.{name}-{following}"]}))
        metric = {"name": f"{name}{number}", "relatedMetrics": [f"{name}{following}"]}
        found.append(("metric", metric))
    return found


@pytest.mark.parametrize("repetitions", few((2, 20), 1))
def test_relations_of_both_sides_survive_any_order(catalog: Target, repetitions: int) -> None:
    """Eight symmetric relations are there after each run, whatever the order of the records."""
    shuffle = random.Random(7)
    for repetition in range(repetitions):
        records = ring(f"g{repetition}", 8)
        shuffle.shuffle(records)
        for _ in range(2):
            report = catalog.run(records)
            assert report["exitCode"] == 0, report

            for kind, field in (("glossaryTerm", "relatedTerms"), ("metric", "relatedMetrics")):
                there = {body["name"]: names(body.get(field)) for body in catalog.all_of(kind)}
                lost = [
                    body["name"]
                    for entity_type, body in records
                    if entity_type == kind
                    if body[field][0].rpartition(".")[2] not in there[body["name"]]
                ]
                assert not lost


def test_owners_and_tags_stay_as_people_left_them(catalog: Target) -> None:
    """A person changes the owner of a table and removes a tag: unchanged runs leave both."""
    users: Records = [
        ("user", {"name": name, "email": f"{name}@example.com"}) for name in ("source", "mine")
    ]
    owner = {"type": "user", "fullyQualifiedName": "source"}
    column = {"name": "a", "dataType": "INT"}
    one = table(column, owners=[owner], tags=[label("one"), label("two")])
    records = [*users, *LABELS, *TREE, one]
    catalog.run(records)
    mine = reference(catalog, "user", "mine")
    before = catalog.edit("table", "s.d.c.t", owners=[mine], tags=[label("two")])

    for _ in range(2):
        catalog.run(records)

    same(before, catalog.entity("table", "s.d.c.t"))
    catalog.run([table(column, owners=[owner], tags=[label("two")], tableType="View")])
    after = catalog.entity("table", "s.d.c.t")
    assert after["tableType"] == "View"
    assert names(after["owners"]) == ["mine"]
    assert [tag["tagFQN"] for tag in after["tags"]] == ["Labels.two"]


def test_a_column_keeps_its_texts_when_its_type_changes(catalog: Target) -> None:
    """Description, display name and tags that a person gave a column stay with its name."""
    catalog.run([*LABELS, *TREE, table({"name": "a", "dataType": "INT"})])
    column = catalog.entity("table", "s.d.c.t")["columns"][0]
    texts = {"description": "mine", "displayName": "My column", "tags": [label("one")]}
    catalog.edit("table", "s.d.c.t", columns=[{**column, **texts}])

    catalog.run([table({"name": "a", "dataType": "STRING"}, {"name": "b", "dataType": "INT"})])

    after, new = catalog.entity("table", "s.d.c.t")["columns"]
    assert (after["dataType"], new["name"]) == ("STRING", "b")
    assert (after["description"], after["displayName"]) == ("mine", "My column")
    assert [tag["tagFQN"] for tag in after["tags"]] == ["Labels.one"]


def test_tasks_keep_their_owners(catalog: Target) -> None:
    """A PUT by a server takes owners of tasks away, and requests cannot say them: they stay."""
    said = {"name": "p", "service": "ps", "tasks": [{"name": "load"}]}
    service = ("pipelineService", {"name": "ps", "serviceType": "CustomPipeline"})
    user = ("user", {"name": "mine", "email": "mine@example.com"})
    catalog.run([user, service, ("pipeline", said)])
    mine = reference(catalog, "user", "mine")
    task = catalog.entity("pipeline", "ps.p")["tasks"][0]
    catalog.edit("pipeline", "ps.p", tasks=[{**task, "owners": [mine]}])

    tasks = [{"name": "load", "taskType": "new"}, {"name": "clean"}]
    catalog.run([("pipeline", {**said, "concurrency": 2, "tasks": tasks})])

    after = catalog.entity("pipeline", "ps.p")
    assert after["concurrency"] == 2
    assert [task.get("taskType") for task in after["tasks"]] == ["new", None]
    assert [names(task.get("owners")) for task in after["tasks"]] == [["mine"], []]


def test_a_service_keeps_its_connection(server: Served) -> None:
    """A service that is overwritten without its connection keeps the one that people gave it."""
    connection = {"config": {"type": "CustomDatabase", "connectionOptions": {"mine": "yes"}}}
    server.run([SERVICE])
    server.edit("databaseService", "s", connection=connection)
    server.settings = {"forceEntityOverwriting": True, "storeServiceConnection": False}
    theirs = {"config": {"type": "CustomDatabase", "connectionOptions": {"mine": "no"}}}

    said = {"connection": theirs, "description": "new"}
    report = server.run([("databaseService", {**SERVICE[1], **said})])

    assert report["exitCode"] == 0, report
    after = server.entity("databaseService", "s")
    assert after["description"] == "new"
    assert after["connection"]["config"]["connectionOptions"] == {"mine": "yes"}


def test_inherited_values_make_no_versions(catalog: Target) -> None:
    """Tables of a schema with owner and retention period keep version 0.1 over unchanged runs."""
    records = [*TREE, table({"name": "a", "dataType": "INT"}, description="d")]
    catalog.run([*records, ("user", {"name": "mine", "email": "mine@example.com"})])
    mine = reference(catalog, "user", "mine")
    catalog.edit("databaseSchema", "s.d.c", retentionPeriod="P1D", owners=[mine])

    for _ in range(2):
        catalog.run(records)
        assert catalog.entity("table", "s.d.c.t")["version"] == 0.1

    catalog.run([table({"name": "a", "dataType": "INT"}, tableType="View")])
    catalog.edit("databaseSchema", "s.d.c", retentionPeriod="P2D", owners=[])
    after = catalog.entity("table", "s.d.c.t")
    assert after.get("retentionPeriod") != "P1D"
    assert not after.get("owners")


def test_an_edge_keeps_what_a_person_said_of_it(catalog: Target) -> None:
    """Description, query and columns of a person stay; an edge that is so already is unchanged."""
    tables = [
        ("table", {**table({"name": "a", "dataType": "INT"})[1], "name": name})
        for name in ("one", "two")
    ]
    ends = {
        end: {"type": "table", "fullyQualifiedName": f"s.d.c.{name}"}
        for end, name in (("fromEntity", "one"), ("toEntity", "two"))
    }
    bare: Records = [("lineage", {"edge": ends})]
    assert catalog.run([*TREE, *tables, *bare])["exitCode"] == 0
    columns = [{"fromColumns": ["s.d.c.one.a"], "toColumn": "s.d.c.two.a"}]
    mine = {"description": "mine", "sqlQuery": "mine", "columnsLineage": columns}
    said = {"description": "theirs", "sqlQuery": "theirs", "columnsLineage": []}
    theirs: Records = [("lineage", {"edge": {**ends, "lineageDetails": said}})]
    with Catalog(catalog.folder / "c.db", actor="ann", is_bot=False) as person:
        edge = {**ends, "lineageDetails": mine}
        person.add_lineage(AddLineageRequest.model_validate({"edge": edge}))

        for records, override, outcome, expected in (
            (bare, False, "unchanged", mine),
            (bare, True, "unchanged", mine),
            (theirs, False, "updated", {**mine, "sqlQuery": "theirs"}),
            (theirs, False, "unchanged", {**mine, "sqlQuery": "theirs"}),
            (theirs, True, "updated", {**said, "columnsLineage": columns}),
        ):
            assert catalog.run(records, override=override)["records"][outcome] == 1
            graph = person.get_lineage(Table, "s.d.c.two")
            assert graph is not None
            (shown,) = graph.upstreamEdges
            details = shown.lineageDetails
            assert details is not None
            assert details.model_dump(mode="json", include=set(mine), exclude_none=True) == expected
