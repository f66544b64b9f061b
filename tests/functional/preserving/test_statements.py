"""What a source says arrives, and what it no longer says goes; what people set stays beside it."""

from __future__ import annotations

from tests.functional.preserving.records import (
    LABELS,
    TREE,
    Records,
    dashboard,
    label,
    names,
    reference,
    table,
)
from tests.functional.preserving.targets import Target
from tests.functional.preserving.values import Body


def tier(name: str) -> Body:
    """A label of a classification whose tags exclude each other."""
    return {**label("one"), "tagFQN": f"Tier.{name}"}


def tags(body: Body) -> list[str]:
    """FQNs of the labels of an entity, or of a part."""
    return [tag["tagFQN"] for tag in body.get("tags", ())]


def test_a_tier_that_a_person_set_stays_and_the_record_arrives(catalog: Target) -> None:
    """Beside a tag of a person, a source's tag that excludes it is left out, and no more."""
    tiers: Records = [
        ("classification", {"name": "Tier", "description": "d", "mutuallyExclusive": True}),
        ("tag", {"name": "first", "classification": "Tier", "description": "d"}),
        ("tag", {"name": "second", "classification": "Tier", "description": "d"}),
    ]
    column = {"name": "a", "dataType": "INT"}
    glossary = {"name": "g", "description": "d"}
    catalog.run([*LABELS, *tiers, *TREE, table(column), ("glossary", glossary)])
    shown = catalog.entity("table", "s.d.c.t")["columns"][0]
    mine = [tier("first")]
    catalog.edit("table", "s.d.c.t", tags=mine, columns=[{**shown, "tags": mine}])
    catalog.edit("glossary", "g", tags=mine)

    said = [tier("second"), label("one")]
    records = [table({**column, "tags": said}, tags=said), ("glossary", {**glossary, "tags": said})]
    for _ in range(2):
        report = catalog.run(records)
        assert report["exitCode"] == 0, report

    assert report["records"]["unchanged"] == 2
    after = catalog.entity("table", "s.d.c.t")
    for body in (after, after["columns"][0], catalog.entity("glossary", "g")):
        assert sorted(tags(body)) == ["Labels.one", "Tier.first"]

    report = catalog.run(records, override=True)
    assert report["exitCode"] == 0, report
    after = catalog.entity("table", "s.d.c.t")
    for body in (after, after["columns"][0], catalog.entity("glossary", "g")):
        assert sorted(tags(body)) == ["Labels.one", "Tier.second"]
    assert catalog.run(records, override=True)["records"]["unchanged"] == 2


def test_what_a_source_no_longer_says_of_a_part_goes(catalog: Target) -> None:
    """A key that the source drops goes, also where a PUT would take something away."""
    column = {"name": "a", "dataType": "INT", "dataTypeDisplay": "Int"}
    task = {"name": "load", "taskSQL": "select 1"}
    records: Records = [
        *LABELS,
        *TREE,
        ("user", {"name": "mine", "email": "mine@example.com"}),
        ("pipelineService", {"name": "ps", "serviceType": "CustomPipeline"}),
        ("mlmodelService", {"name": "ms", "serviceType": "CustomMlModel"}),
    ]
    full: Records = [
        table({**column, "constraint": "NOT_NULL"}),
        ("pipeline", {"name": "p", "service": "ps", "tasks": [task]}),
        ("metric", {"name": "m", "metricExpression": {"language": "SQL", "code": "x"}}),
        ("mlmodel", {"name": "ml", "service": "ms", "algorithm": "xgboost"}),
    ]
    catalog.run([*records, *full])
    certified = {"tagLabel": label("one"), "appliedDate": 1, "expiryDate": 1_900_000_000_000}
    catalog.edit("table", "s.d.c.t", certification=certified)
    mine = reference(catalog, "user", "mine")
    shown = catalog.entity("pipeline", "ps.p")["tasks"][0]
    catalog.edit("pipeline", "ps.p", tasks=[{**shown, "owners": [mine]}])

    less: Records = [
        table(column),
        ("pipeline", {"name": "p", "service": "ps", "tasks": [{"name": "load"}]}),
        ("metric", {"name": "m", "metricExpression": {"code": "x"}}),
        ("mlmodel", {"name": "ml", "service": "ms", "algorithm": "mlmodel"}),
    ]
    assert catalog.run(less)["records"]["updated"] == len(less)

    after = catalog.entity("table", "s.d.c.t")
    assert "constraint" not in after["columns"][0]
    assert after["certification"]
    (task,) = catalog.entity("pipeline", "ps.p")["tasks"]
    assert "taskSQL" not in task
    assert names(task["owners"]) == ["mine"]
    assert catalog.entity("metric", "m")["metricExpression"] == {"code": "x"}
    assert catalog.entity("mlmodel", "ms.ml")["algorithm"] == "mlmodel"
    assert catalog.run(less)["records"]["unchanged"] == len(less)


def test_an_algorithm_that_nobody_says_is_left_alone(catalog: Target) -> None:
    """A model is created with the servers' default; one that is there keeps its algorithm."""
    service = ("mlmodelService", {"name": "ms", "serviceType": "CustomMlModel"})
    model = {"name": "ml", "service": "ms"}
    catalog.run([service, ("mlmodel", model)])
    assert catalog.entity("mlmodel", "ms.ml")["algorithm"] == "mlmodel"
    catalog.edit("mlmodel", "ms.ml", algorithm="mine")

    for text in ("one", "two"):
        catalog.run([("mlmodel", {**model, "server": f"https://{text}"})])
        after = catalog.entity("mlmodel", "ms.ml")
        assert (after["server"], after["algorithm"]) == (f"https://{text}", "mine")


def test_an_override_settles_where_two_sides_disagree(catalog: Target) -> None:
    """What each side of a relation says is added with `overrideMetadata`, too: the next run has
    nothing to write, and what a person has added is still there.
    """
    things: Records = [
        *dashboard("c1", "c2", "c3")[:-1],
        ("apiService", {"name": "a", "serviceType": "Rest"}),
        ("apiCollection", {"name": "k", "service": "a", "endpointURL": "https://x.org"}),
        ("glossary", {"name": "g", "description": "d"}),
        *(("user", {"name": name, "email": f"{name}@x.org"}) for name in ("bob", "eve", "ann")),
        ("team", {"name": "up", "teamType": "Department"}),
    ]
    catalog.run([*things, *_disagreeing({})])
    people = {"bob": "user", "crew": "team", "low": "team", "up": "team"}
    ids = {name: catalog.entity(kind, name)["id"] for name, kind in people.items()}
    records = _disagreeing(ids)
    catalog.run(records)
    ann = reference(catalog, "user", "ann")
    catalog.edit("team", "crew", users=[ann])
    catalog.edit("dashboard", "b.x", charts=[reference(catalog, "chart", "b.c3")])
    first = catalog.run(records, override=True)
    assert first["exitCode"] == 0, first
    before = catalog.snapshot()

    second = catalog.run(records, override=True)

    assert second["records"]["unchanged"] == len(records), second["byEntityType"]
    assert catalog.snapshot() == before
    assert names(catalog.entity("team", "crew")["users"]) == ["ann", "bob", "eve"]
    assert names(catalog.entity("dashboard", "b.x")["charts"]) == ["c1", "c2", "c3"]
    assert names(catalog.entity("glossaryTerm", "g.b")["relatedTerms"]) == ["a", "c"]
    assert names(catalog.entity("metric", "b")["relatedMetrics"]) == ["a", "c"]


def _disagreeing(ids: dict[str, str]) -> Records:
    """Entities whose relations differ by the side that says them; without `ids`, they say none."""

    def said(field: str, *names: str) -> Body:
        return {field: [ids.get(name, name) for name in names]} if ids else {}

    term = {"glossary": "g", "description": "d"}
    endpoint = {"apiCollection": "a.k", "endpointURL": "https://x.org"}
    collection = {"name": "k", "service": "a", "endpointURL": "https://x.org"}
    team = {"teamType": "Department"}
    return [
        ("user", {"name": "eve", "email": "eve@x.org", **said("teams", "crew")}),
        ("team", {"name": "crew", **team, **said("users", "bob")}),
        ("team", {"name": "low", **team, **said("parents", "up")}),
        ("team", {"name": "side", **team, **said("children", "low")}),
        ("chart", {"name": "c2", "service": "b", **said("dashboards", "b.x")}),
        ("dashboard", {"name": "x", "service": "b", "charts": ["b.c1"]}),
        ("glossaryTerm", {"name": "a", **term, **said("relatedTerms", "g.b")}),
        ("glossaryTerm", {"name": "b", **term, **said("relatedTerms", "g.c")}),
        ("glossaryTerm", {"name": "c", **term}),
        ("metric", {"name": "a", **said("relatedMetrics", "b")}),
        ("metric", {"name": "b", **said("relatedMetrics", "c")}),
        ("metric", {"name": "c"}),
        *(("apiEndpoint", {"name": name, **endpoint}) for name in ("one", "two")),
        ("apiCollection", {**collection, **said("apiEndpoints", "a.k.one")}),
    ]
