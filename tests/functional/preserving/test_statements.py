"""What a source says arrives, and what it no longer says goes; what people set stays beside it."""

from __future__ import annotations

from tests.functional.preserving.records import (
    LABELS,
    TREE,
    Records,
    label,
    names,
    reference,
    table,
)
from tests.functional.preserving.targets import Served, Target
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
    for body in (after, catalog.entity("glossary", "g")):
        assert sorted(tags(body)) == ["Labels.one", "Tier.second"]
    is_old = isinstance(catalog, Served) and catalog.release < (2, 0)  # it keeps those of columns
    assert ("Tier.first" if is_old else "Tier.second") in tags(after["columns"][0])


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
