"""What a PUT over REST takes away, for each kind of entity and server release (contract §6.3).

A naive client creates an entity, a person sets everything that can be set, and the client sends
the same request again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from om_ingest import RecordError
from om_ingest.kinds import KINDS
from om_ingest.model.entity import CreateRequest
from om_ingest_catalog import Actor, Catalog, Collection

from tests.selection import rarely

BOT, ANN = Actor(), Actor("ann", is_bot=False)
RELEASES = [((1, 6),), ((1, 8),), ((1, 11),), ((1, 13),), ((2, 0),)]

OLD, NEW = (1, 6), (2, 0)

Make = Callable[..., CreateRequest]


def named(entity_type: str, fqn: str) -> dict[str, str]:
    return {"type": entity_type, "fullyQualifiedName": fqn}


LABEL = {"source": "Classification", "labelType": "Manual", "state": "Confirmed"}
SET = {
    "displayName": "By Ann",
    "description": "By Ann.",
    "owners": [named("user", "ann")],
    "reviewers": [named("user", "ann")],
    "experts": [named("user", "ann")],
    "tags": [{"tagFQN": "facts.true", **LABEL}],
    "domains": [named("domain", "home")],
    "dataProducts": [named("dataProduct", "product")],
    "assets": [named("dashboard", "dashboardService.dashboard")],
    "extension": {"cost": 5},
    "style": {"color": "#ff0000"},
    "lifeCycle": {"created": {"timestamp": 1_700_000_000_000}},
    "certification": {"tagLabel": {"tagFQN": "facts.true", **LABEL}},
    "disabled": True,
    "mutuallyExclusive": True,
    "synonyms": ["other"],
    "references": [{"name": "page", "endpoint": "http://example.com"}],
    "relatedTerms": [{"relationType": "relatedTo", "term": named("glossaryTerm", "words.word")}],
    "relatedMetrics": [named("metric", "other")],
    "unitOfMeasurement": "DOLLARS",
    "metricExpression": {"language": "SQL", "code": "select 2"},
    "isAdmin": True,
    "profile": {"images": {"image": "http://example.com/ann.png"}},
    "teams": [named("team", "crew")],
    "users": [named("user", "ann")],
    "children": [named("team", "crew")],
    "dashboards": [named("dashboard", "dashboardService.other")],
    "sourceUrl": "http://example.com",
    "retentionPeriod": "P30D",
    "schemaDefinition": "select 1",
    "duration": 5,
    "email": "other@example.com",
}
"""Field -> what a person gives it, in entities of all kinds that have it."""

ALWAYS = {"description", "owners", "tags", "domains", "extension", "lifeCycle"}
SINCE = {"style": (1, 7), "certification": (1, 12), "dataProducts": (1, 12)}
FIXED = {"classification": {"mutuallyExclusive"}, "user": {"email"}}
LOST = {"classification": {"disabled"}, "tag": {"disabled"}}


def kept(entity_type: str, release: tuple[int, int]) -> set[str]:
    """The fields that a bot's PUT without them does not take away on a server of a release."""
    kind = KINDS[entity_type]
    outside = kind.entity.model_fields.keys() - kind.request.model_fields.keys()
    found = ALWAYS | FIXED.get(entity_type, set()) | (outside - LOST.get(entity_type, set()))
    if entity_type == "dataProduct" and release >= (1, 10):
        found |= {"assets"}
    late = {name for name, since in SINCE.items() if release < since and name not in outside}
    if release < SINCE["certification"]:
        late |= {"certification"}
    return (found | SINCE.keys()) - late


@pytest.fixture(
    scope="module",
    params=rarely(RELEASES, lambda position, _: 0 < position < len(RELEASES) - 1, ids=str),
)
def release(request: pytest.FixtureRequest) -> tuple[int, int]:
    """The release of the server."""
    found: tuple[int, int] = request.param
    return found


@pytest.fixture(scope="module")
def everything(release: tuple[int, int], make: Make) -> Iterator[Catalog]:
    """One entity of every kind, and some more that a person refers to; for one release."""
    levels = sorted(KINDS.values(), key=lambda kind: kind.level)
    more = [
        make("user", name="ann", email="ann@example.org"),
        make("team", name="crew"),
        make("classification", name="facts"),
        make("tag", name="true", classification="facts"),
        make("domain", name="home"),
        make("dataProduct", name="product", domains=["home"]),
        make("glossary", name="words"),
        make("glossaryTerm", name="word", glossary="words"),
        make("metric", name="other"),
        make("dashboard", name="other", charts=[]),
    ]
    with Catalog.temporary() as catalog:
        results = catalog.write([*(make(kind.entity_type) for kind in levels), *more])
        assert [result.reason for result in results if result.reason] == []
        yield catalog


def body_of(request: CreateRequest) -> dict[str, Any]:
    return request.model_dump(mode="json", exclude_none=True)


def shown(collection: Collection, fqn: str) -> dict[str, Any]:
    return collection.get(fqn, fields={"*"}).entity


def given_by_ann(collection: Collection, fqn: str) -> set[str]:
    """Set everything that can be set and that the request does not say; the fields."""
    before = shown(collection, fqn)
    known = collection.kind.entity.model_fields.keys() - collection.kind.place_fields
    fields = {
        name
        for name in SET.keys() & known
        if not before.get(name) or name in ("description", "email")
    }
    operations = [{"op": "add", "path": f"/{name}", "value": SET[name]} for name in sorted(fields)]
    collection.patch(fqn, operations, ANN)
    after = shown(collection, fqn)
    return {name for name in fields if after.get(name) != before.get(name)}


@pytest.mark.parametrize("entity_type", sorted(KINDS, key=lambda name: -KINDS[name].level))
def test_a_naive_put_takes_away(
    entity_type: str, release: tuple[int, int], everything: Catalog, make: Make
) -> None:
    """Everything that a person has set is gone, except what a server of the release protects."""
    request = make(entity_type)
    collection = Collection(everything, KINDS[entity_type], release)
    fqn = everything.fqn_of(request)
    given = given_by_ann(collection, fqn)
    before = shown(collection, fqn)
    assert {"displayName", "description"} <= given
    collection.put(body_of(request), BOT)
    after = shown(collection, fqn)
    lost = {name for name in given if after.get(name) != before[name]}
    assert lost == given - kept(entity_type, release)
    assert after["version"] > before["version"]
    again = collection.put(body_of(request), BOT)
    assert (again.change, again.document.entity["version"]) == ("entityNoChange", after["version"])


def collection(catalog: Catalog, entity_type: str, release: tuple[int, int] = NEW) -> Collection:
    """The collection of a kind, on a server of a release."""
    return Collection(catalog, KINDS[entity_type], release)


def version(catalog: Catalog, entity_type: str, fqn: str) -> float:
    found: float = collection(catalog, entity_type).get(fqn).entity["version"]
    return found


def listed(catalog: Catalog, entity_type: str, fqn: str, field: str) -> list[str]:
    """The names in a list of references."""
    items = collection(catalog, entity_type).get(fqn, fields={field}).entity.get(field) or []
    return sorted(item.get("term", item)["name"] for item in items)


@pytest.fixture
def bi() -> Iterator[Catalog]:
    """A dashboard service with charts `b.c1` and `b.c2`, and dashboard `b.d` of both."""
    with Catalog.temporary() as catalog:
        body = {"name": "b", "serviceType": "Superset"}
        collection(catalog, "dashboardService").put(body, BOT)
        for name in ("c1", "c2"):
            collection(catalog, "chart").put({"name": name, "service": "b"}, BOT)
        body = {"name": "d", "service": "b", "charts": ["b.c1", "b.c2"]}
        collection(catalog, "dashboard").put(body, BOT)
        yield catalog


def test_a_chart_without_dashboards_leaves_them_all(bi: Catalog) -> None:
    """Chart and dashboard are two sides of one relation; the side that is sent gets a version."""
    charts, dashboards = collection(bi, "chart"), collection(bi, "dashboard")
    assert charts.get("b.c1").entity["dashboards"][0]["name"] == "d"
    assert charts.put({"name": "c1", "service": "b"}, BOT).change == "entityUpdated"
    assert listed(bi, "dashboard", "b.d", "charts") == ["c2"]
    assert listed(bi, "chart", "b.c1", "dashboards") == []
    assert (version(bi, "chart", "b.c1"), version(bi, "dashboard", "b.d")) == (0.2, 0.1)
    assert charts.put({"name": "c1", "service": "b"}, BOT).change == "entityNoChange"
    body = {"name": "d", "service": "b", "charts": ["b.c1", "b.c2"]}
    assert dashboards.put(body, BOT).change == "entityUpdated"
    assert listed(bi, "chart", "b.c1", "dashboards") == ["d"]
    assert (version(bi, "chart", "b.c1"), version(bi, "dashboard", "b.d")) == (0.2, 0.2)
    charts.put({"name": "c3", "service": "b", "dashboards": ["b.d"]}, BOT)
    assert listed(bi, "dashboard", "b.d", "charts") == ["c1", "c2", "c3"]
    charts.patch("b.c2", [{"op": "remove", "path": "/dashboards/0"}], ANN)
    assert listed(bi, "dashboard", "b.d", "charts") == ["c1", "c3"]
    assert dashboards.put({"name": "d", "service": "b"}, BOT).change == "entityUpdated"
    assert listed(bi, "chart", "b.c3", "dashboards") == []


RELATED = [
    ("glossaryTerm", "relatedTerms", {"description": "d", "glossary": "g"}, "g."),
    ("metric", "relatedMetrics", {}, ""),
]


@pytest.mark.parametrize(("entity_type", "field", "needed", "above"), RELATED)
def test_a_symmetric_relation_is_taken_from_both_ends(
    entity_type: str, field: str, needed: dict[str, Any], above: str
) -> None:
    """What is related to an entity is related both ways; a PUT without it ends that."""
    with Catalog.temporary() as catalog:
        collection(catalog, "glossary").put({"name": "g", "description": "d"}, BOT)
        items, (a, b) = collection(catalog, entity_type), (f"{above}a", f"{above}b")
        items.put({"name": "a", **needed}, BOT)
        items.put({"name": "b", **needed, field: [a]}, BOT)
        assert listed(catalog, entity_type, a, field) == ["b"]
        assert version(catalog, entity_type, a) == 0.1
        items.put({"name": "a", **needed}, BOT)
        assert listed(catalog, entity_type, b, field) == []
        assert (version(catalog, entity_type, a), version(catalog, entity_type, b)) == (0.2, 0.1)
        items.put({"name": "a", **needed, field: [b]}, BOT)
        items.patch(b, [{"op": "remove", "path": f"/{field}/0"}], ANN)
        assert listed(catalog, entity_type, a, field) == []


def test_a_run_keeps_what_a_put_takes(bi: Catalog, make: Make) -> None:
    """The same requests as records of a run leave relations and states to the people."""
    bi.write([make("glossary"), make("classification"), make("team"), make("chart", service="b")])
    bi.write([make("glossaryTerm", name=name) for name in ("a", "b")])
    terms, teams = collection(bi, "glossaryTerm"), collection(bi, "team")
    related = {"term": {"type": "glossaryTerm", "fullyQualifiedName": "glossary.b"}}
    terms.patch("glossary.a", [{"op": "add", "path": "/relatedTerms", "value": [related]}], ANN)
    classifications = collection(bi, "classification")
    classifications.patch(
        "classification", [{"op": "add", "path": "/disabled", "value": True}], ANN
    )
    bi.write([make("user")])
    user = {"type": "user", "fullyQualifiedName": "user"}
    teams.patch("team", [{"op": "add", "path": "/users/-", "value": user}], ANN)
    run = [make("glossaryTerm", name=name, displayName="x") for name in ("a", "b")]
    run += [make(kind, displayName="x") for kind in ("classification", "team")]
    run += [make("chart", service="b", name="c1", displayName="x")]
    assert [result.reason for result in bi.write(run) if result.reason] == []
    assert listed(bi, "glossaryTerm", "glossary.b", "relatedTerms") == ["a"]
    assert listed(bi, "team", "team", "users") == ["user"]
    assert listed(bi, "chart", "b.c1", "dashboards") == ["d"]
    assert classifications.get("classification").entity["disabled"] is True


@pytest.mark.parametrize(("release", "is_refused"), [(OLD, True), (NEW, False)])
def test_a_service_without_its_connection(release: tuple[int, int], is_refused: bool) -> None:
    """A 1.6 server refuses a PUT of a service that leaves out its connection."""
    with Catalog.temporary() as catalog:
        services = collection(catalog, "databaseService", release)
        body = {"name": "s", "serviceType": "Mysql"}
        connection = {"config": {"type": "Mysql", "hostPort": "h:1"}}
        services.put(body, BOT)
        services.put({**body, "connection": connection}, BOT)
        if is_refused:
            with pytest.raises(RecordError, match="connection is missing"):
                services.put(body, BOT)
        else:
            assert "connection" not in services.put(body, BOT).document.entity


def test_a_second_exclusive_tag_is_refused(tables: Collection, of: Callable[..., Any]) -> None:
    """A PUT of a tag that excludes a stored one is refused; the same tag twice is stored once."""
    of("classification").put({"name": "A", "description": "d", "mutuallyExclusive": True}, BOT)
    for name in ("a", "b"):
        of("tag").put({"name": name, "classification": "A", "description": "d"}, BOT)
    tag = {"tagFQN": "A.a", **LABEL}
    body = {
        "name": "t",
        "databaseSchema": "s.d.x",
        "columns": [{"name": "a", "dataType": "INT"}],
        "tags": [tag, tag],
    }
    assert len(tables.put(body, BOT).document.entity["tags"]) == 1
    doubled = [{"op": "add", "path": "/tags/-", "value": tag}]
    assert len(tables.patch("s.d.x.t", doubled, ANN).document.entity["tags"]) == 1
    with pytest.raises(RecordError, match=r"A\.a and A\.b exclude each other"):
        tables.put({**body, "tags": [{"tagFQN": "A.b", **LABEL}]}, BOT)


LENGTHS = {
    "name": "t",
    "databaseSchema": "s.d.x",
    "columns": [{"name": "a", "dataType": "VARCHAR", "dataLength": 5}],
}


@pytest.mark.parametrize(("release", "version"), [(OLD, 0.2), (NEW, 0.1)])
def test_a_source_hash_makes_a_version_in_old_releases(
    release: tuple[int, int], version: float, catalog: Catalog
) -> None:
    """Another `sourceHash` is stored without a version since some release after 1.6."""
    tables = collection(catalog, "table", release)
    tables.put({**LENGTHS, "sourceHash": "1"}, BOT)
    entity = tables.put({**LENGTHS, "sourceHash": "2"}, BOT).document.entity
    assert (entity["sourceHash"], entity["version"]) == ("2", version)


def test_an_inherited_retention_is_taken_on_each_put(catalog: Catalog) -> None:
    """In 1.6, a table below a schema with a retention period gets a version on each PUT."""
    body = {"name": "x", "database": "s.d", "retentionPeriod": "P30D"}
    collection(catalog, "databaseSchema").put(body, BOT)
    old, new = (collection(catalog, "table", release) for release in (OLD, NEW))
    assert old.put(LENGTHS, BOT).document.entity["retentionPeriod"] == "P30D"
    for number in (0.2, 0.3):
        entity = old.put(LENGTHS, BOT).document.entity
        assert (entity["version"], entity["retentionPeriod"]) == (number, "P30D")
        gone = entity["changeDescription"]["fieldsDeleted"]
        assert gone == [{"name": "retentionPeriod", "oldValue": "P30D"}]
    assert new.put(LENGTHS, BOT).change == "entityNoChange"


def test_owners_and_domains_are_inherited(catalog: Catalog, make: Make) -> None:
    """A table shows owners and domains of the next entity above that has some, and stores none."""
    catalog.write([make("user", name="ann", email="ann@example.org"), make("user")])
    catalog.write([make("domain", name="home")])
    tables = collection(catalog, "table")
    tables.put(LENGTHS, BOT)
    schemas = collection(catalog, "databaseSchema")
    schemas.patch("s.d.x", [{"op": "add", "path": "/owners", "value": SET["owners"]}], ANN)
    collection(catalog, "database").put({"name": "d", "service": "s", "domains": ["home"]}, BOT)
    entity = tables.get("s.d.x.t", fields={"owners", "domains"}).entity
    assert [(item["name"], item["inherited"]) for item in entity["owners"]] == [("ann", True)]
    assert [(item["name"], item["inherited"]) for item in entity["domains"]] == [("home", True)]
    assert "owners" not in tables.get("s.d.x.t", fields={"domains"}).entity
    added = {"op": "add", "path": "/owners/-", "value": named("user", "user")}
    tables.patch("s.d.x.t", [added], ANN)
    entity = tables.get("s.d.x.t", fields={"owners"}).entity
    assert [(item["name"], "inherited" in item) for item in entity["owners"]] == [("user", False)]
    assert tables.page(fields={"domains"}).entities[0]["domains"][0]["inherited"] is True
    assert version(catalog, "table", "s.d.x.t") == 0.2


def test_some_fields_are_taken_and_not_stored(catalog: Catalog, make: Make) -> None:
    """Fields that servers ignore are not in the answer; without a change, nothing is stored."""
    columns = [{"name": "a", "dataType": "JSON", "jsonSchema": "{}"}]
    body = {**LENGTHS, "columns": columns, "dataModel": {"modelType": "DBT", "sql": "select 1"}}
    entity = collection(catalog, "table").put(body, BOT).document.entity
    assert "dataModel" not in entity
    assert "jsonSchema" not in entity["columns"][0]
    catalog.write([make("user")])
    query = {"service": "s", "query": "select 1", "usedBy": ["x"], "query_type": "SELECT"}
    entity = collection(catalog, "query").put(query, BOT).document.entity
    assert entity.keys().isdisjoint({"usedBy", "query_type"})
    catalog.write([make("pipelineService")])
    pipeline = body_of(make("pipeline"))
    (task,) = collection(catalog, "pipeline").put(pipeline, BOT).document.entity["tasks"]
    assert "owners" not in task


def test_a_term_brings_its_tags(tables: Collection, of: Callable[..., Any]) -> None:
    """A glossary term that has tags puts them on what it is put on, as derived ones."""
    of("classification").put({"name": "A", "description": "d"}, BOT)
    of("tag").put({"name": "a", "classification": "A", "description": "d"}, BOT)
    of("glossary").put({"name": "g", "description": "d"}, BOT)
    tag = {"tagFQN": "A.a", **LABEL}
    of("glossaryTerm").put({"name": "t", "glossary": "g", "description": "d", "tags": [tag]}, BOT)
    term = {**LABEL, "tagFQN": "g.t", "source": "Glossary"}
    column = {"name": "a", "dataType": "INT", "tags": [term]}
    body = {"name": "t", "databaseSchema": "s.d.x", "columns": [column], "tags": [term]}
    entity = tables.put(body, BOT).document.entity
    for labels in (entity["tags"], entity["columns"][0]["tags"]):
        found = [(label["tagFQN"], label["labelType"]) for label in labels]
        assert found == [("g.t", "Manual"), ("A.a", "Derived")]
    assert tables.put(body, BOT).change == "entityNoChange"
    with pytest.raises(RecordError, match=r"glossaryTerm instance for A\.a not found"):
        tables.put({**body, "tags": [{**tag, "source": "Glossary"}]}, BOT)


def test_deleted_cannot_be_patched(tables: Collection) -> None:
    """A patch of `/deleted` alone is refused, and what it says beside other fields is ignored."""
    tables.put(LENGTHS, BOT)
    deleted = {"op": "add", "path": "/deleted", "value": True}
    with pytest.raises(RecordError, match="attribute deleted can't be modified"):
        tables.patch("s.d.x.t", [deleted], ANN)
    named = {"op": "add", "path": "/displayName", "value": "x"}
    assert tables.patch("s.d.x.t", [deleted, named], ANN).document.entity["deleted"] is False
