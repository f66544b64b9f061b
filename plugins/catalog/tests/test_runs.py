"""What people set in a catalog survives every run: see `om_ingest.kinds.Policy`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from om_ingest import SinkContext
from om_ingest.config import SourceConfig
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import Chart, Dashboard, Entity, Table, Tag, Team, User
from om_ingest.model.entity import CreateRequest
from om_ingest.store import Outcome
from om_ingest_catalog import Actor, Catalog, Collection
from om_ingest_catalog.sink import CatalogSink

Make = Callable[..., CreateRequest]
Json = dict[str, Any]

_BY_HAND = {"labelType": "Manual", "state": "Confirmed"}


def ops(**fields: Any) -> list[Json]:
    """A JSON Patch that sets these fields."""
    return [{"op": "add", "path": f"/{name}", "value": value} for name, value in fields.items()]


def members_of(entity: Json, path: tuple[str, ...]) -> list[Json]:
    """The members at a path, and those inside of them."""
    level: Any = entity
    for name in path:
        level = level[name]
    below = [(m.get("children") or []) + (m.get("featureSources") or []) for m in level]
    return [*level, *(inner for nested in below for inner in nested)]


WITH_MEMBERS = [kind for kind in KINDS.values() if kind.members]


@pytest.mark.parametrize("kind", WITH_MEMBERS, ids=[kind.entity_type for kind in WITH_MEMBERS])
def test_texts_of_members_survive_every_run(kind: EntityKind, make: Make, one_of_each: Any) -> None:
    """Descriptions and labels of columns, fields, tasks and features stay, nested ones too."""
    with Catalog.temporary() as catalog:
        catalog.write(one_of_each)
        columns = {"columns": [{"name": "a", "dataType": "INT"}]}
        said = columns if kind.entity_type == "file" else {}  # the others have some
        minimal, collection = make(kind.entity_type, **said), Collection(catalog, kind)
        fqn = catalog.fqn_of(minimal)
        catalog.write([minimal])
        document = collection.get(fqn).entity
        label = {"tagFQN": "classification.tag", "source": "Classification", **_BY_HAND}
        for path in kind.members:
            for member in members_of(document, path):
                member |= {"description": "by Ann", "tags": [label]}
        catalog.patch(
            kind.entity, fqn, ops(**{path[0]: document[path[0]] for path in kind.members})
        )
        version = collection.get(fqn).entity["version"]

        for more in ({}, {"displayName": "new"}):
            catalog.write([make(kind.entity_type, **said, **more)])
            found = collection.get(fqn).entity
            assert found["version"] == round(version + (0.1 if more else 0), 1)
            for path in kind.members:
                for member in members_of(found, path):
                    assert member["description"] == "by Ann"
                    assert [tag["tagFQN"] for tag in member["tags"]] == ["classification.tag"]


def test_what_a_person_removed_stays_away_until_the_source_says_something_new(
    catalog: Catalog, table: Any
) -> None:
    """An unchanged record is not written again, whatever a person changed since."""
    label = {"tagFQN": "g.t", "source": "Glossary", **_BY_HAND}
    said = table(tags=[label], tableType="View")
    catalog.write([said])
    catalog.patch(Table, "s.d.x.t", ops(tags=[], tableType="External"))

    def shown() -> tuple[int, str | None, float]:
        found = catalog.get_by_name(Table, "s.d.x.t")
        assert found is not None
        return len(found.tags or []), found.tableType, found.version

    assert [result.outcome for result in catalog.write([said])] == [Outcome.UNCHANGED]
    assert shown() == (0, "External", 0.2)
    catalog.write([table(tags=[label], tableType="View", sourceUrl="https://example.com")])
    assert shown() == (1, "View", 0.3)


def test_a_put_over_rest_is_compared_though_a_run_said_the_same(
    catalog: Catalog, table: Any, tables: Collection
) -> None:
    """A bot's PUT follows the rules of a server, whatever runs have written before."""
    said = table(tableType="View")
    catalog.write([said])
    catalog.patch(Table, "s.d.x.t", ops(tableType="External"))
    body = said.model_dump(mode="json", exclude_none=True)
    assert tables.put(body, Actor()).document.entity["tableType"] == "View"


def test_both_sides_of_a_relation_stay(full: Catalog, make: Make) -> None:
    """Charts of dashboards, and users of teams, which a person added on either side."""
    chart, dashboard = make("chart", name="c"), make("dashboard", name="d")
    user = make("user", name="bob")
    full.write([chart, dashboard, user])
    links = {"charts": [_reference(full, Chart, "dashboardService.c")]}
    full.patch(Dashboard, "dashboardService.d", ops(**links))
    full.patch(Team, "team", ops(users=[_reference(full, User, "bob")]))

    for name in ("Other", "Another"):
        news = {"sourceUrl": f"https://example.com/{name}"}
        full.write(
            [
                make("chart", name="c", dashboards=["dashboardService.dashboard"], **news),
                make("dashboard", name="d", **news),
                make("user", name="bob", timezone=name),
                make("team", users=[_reference(full, User, "user")["id"]], email=f"{name}@x.org"),
            ]
        )
    found = Collection(full, KINDS["dashboard"]).get("dashboardService.d", fields=["charts"])
    assert {link["name"] for link in found.entity["charts"]} == {"chart", "c"}
    other = Collection(full, KINDS["dashboard"]).get("dashboardService.dashboard", fields="*")
    assert {link["name"] for link in other.entity["charts"]} == {"chart", "c"}
    team = full.get_by_name(Team, "team")
    bob = full.get_by_name(User, "bob")
    assert team is not None
    assert bob is not None
    assert {link.name for link in team.users or []} == {"user", "bob"}
    assert [link.name for link in bob.teams or []] == ["team"]


@pytest.mark.parametrize(
    ("kind", "field", "more"),
    [
        ("glossaryTerm", "relatedTerms", {"glossary": "glossary", "description": "d"}),
        ("metric", "relatedMetrics", {}),
    ],
)
def test_symmetric_relations_of_one_run_all_stay(
    kind: str, field: str, more: Json, full: Catalog, make: Make
) -> None:
    """Entities in a circle, each of which says the one before, keep both neighbours."""
    names = [make(kind, name=name, **more) for name in "abcd"]
    fqns = [full.fqn_of(record) for record in names]
    full.write(names)
    run = [
        make(kind, name=name, **more, **{field: [before]})
        for name, before in zip("abcd", (fqns[-1], *fqns), strict=False)
    ]
    for again in (False, True):
        outcomes = {result.outcome for result in full.write(run)}
        assert outcomes == {Outcome.UNCHANGED if again else Outcome.UPDATED}
        for fqn in fqns:
            found = Collection(full, KINDS[kind]).get(fqn).entity
            assert (len(found[field]), found["version"]) == (2, 0.2)


def _reference(catalog: Catalog, entity: type[Entity], fqn: str) -> Json:
    found = catalog.get_by_name(entity, fqn)
    assert found is not None
    return found.reference().model_dump(mode="json", exclude_none=True)


def test_a_stored_tag_stays_where_the_source_says_one_that_excludes_it(
    catalog: Catalog, table: Any, make: Make
) -> None:
    """Of mutually exclusive tags, a person's stays, on a table and on its columns."""
    catalog.write(
        [
            make("classification", name="Tier", mutuallyExclusive=True),
            make("tag", name="One", classification="Tier"),
            make("tag", name="Two", classification="Tier"),
        ]
    )
    one, two = ({"tagFQN": f"Tier.{name}", "source": "Classification"} for name in ("One", "Two"))

    def column(name: str, tag: Json) -> Json:
        return {"name": name, "dataType": "INT", "tags": [tag]}

    catalog.write([table(tags=[one], columns=[column("a", one)])])
    catalog.write([table(tags=[two], columns=[column("a", two), column("b", two)])])
    found = catalog.get_by_name(Table, "s.d.x.t")
    assert found is not None
    shown = [found.tags, *(column.tags for column in found.columns)]
    assert [[tag.tagFQN for tag in tags or []] for tags in shown] == [
        ["Tier.One"],
        ["Tier.One"],
        ["Tier.Two"],
    ]


def test_inherited_owners_are_not_written_as_own(catalog: Catalog, table: Any, make: Make) -> None:
    """Owners that a source read as inherited are left out of what it writes."""
    catalog.write([make("user", name="ann")])
    ann = _reference(catalog, User, "ann")
    catalog.write([table(owners=[{**ann, "inherited": True}])])
    catalog.write([table(name="u", owners=[ann])])
    found = [catalog.get_by_name(Table, f"s.d.x.{name}") for name in "tu"]
    assert [bool(entity and entity.owners) for entity in found] == [False, True]


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_what_is_there_may_be_disabled_or_deleted(
    how: str, catalog: Catalog, table: Any, make: Make
) -> None:
    """A changed record keeps labels and owners that it has; on others it is refused."""
    catalog.write(
        [
            make("classification", name="C"),
            *(make("tag", name=name, classification="C") for name in ("one", "two")),
            *(make("user", name=name) for name in ("ann", "bob")),
        ]
    )
    label = {"tagFQN": "C.one", "source": "Classification"}
    column = {"name": "a", "dataType": "INT", "tags": [label]}
    owner = {"type": "user", "fullyQualifiedName": "ann"}
    said = {"tags": [label], "columns": [column], "owners": [owner]}
    catalog.write([table(**said)])
    for entity, names in ((Tag, ("C.one", "C.two")), (User, ("ann", "bob"))):
        for name in names:
            if how == "deleted":
                catalog.delete(entity, name)
            elif entity is Tag:
                catalog.patch(Tag, name, ops(disabled=True))

    (result,) = catalog.write([table(**said, sourceUrl="https://example.com")])

    assert (result.outcome, result.reason) == (Outcome.UPDATED, "")
    found = catalog.get_by_name(Table, "s.d.x.t")
    assert found is not None
    assert [tag.tagFQN for tag in (found.tags or []) + (found.columns[0].tags or [])] == [
        *("C.one", "C.one")
    ]
    other = {**label, "tagFQN": "C.two"}
    news: list[Json] = [{"tags": [other]}, {"columns": [{**column, "tags": [other]}]}]
    if how == "deleted":
        news.append({"owners": [{**owner, "fullyQualifiedName": "bob"}]})
    for new in news:
        (result,) = catalog.write([table(**{**said, **new}, sourceUrl="https://example.org")])
        assert result.outcome is Outcome.FAILED


def test_what_is_made_again_is_where_the_other_side_says(catalog: Catalog, make: Make) -> None:
    """A user, a chart or a team that was deleted for good is back in every team and dashboard
    that says so, although these records have not changed.
    """
    first = [
        make("user", name="bob"),
        make("team", name="low", teamType="Department"),
        make("dashboardService", name="b"),
        make("chart", name="c", service="b"),
    ]
    catalog.write(first)
    bob, low = (
        _reference(catalog, kind, name)["id"] for kind, name in ((User, "bob"), (Team, "low"))
    )
    run = [
        *first,
        make("team", name="crew", teamType="Department", users=[bob], children=[low]),
        make("dashboard", name="x", service="b", charts=[], dataModels=[]),
        make("chart", name="d", service="b", dashboards=["b.x"]),
        make("dashboard", name="y", service="b", charts=["b.c"], dataModels=[]),
    ]

    def shown() -> list[list[str]]:
        found = [
            Collection(catalog, KINDS[kind]).get(fqn, fields="*").entity.get(field, [])
            for kind, fqn, field in (
                *(("team", "crew", "users"), ("team", "crew", "children")),
                *(("dashboard", "b.x", "charts"), ("dashboard", "b.y", "charts")),
            )
        ]
        return [[link["name"] for link in links] for links in found]

    catalog.write(run)
    assert shown() == [["bob"], ["low"], ["d"], ["c"]]
    gone = ((User, "bob"), (Team, "low"), (Chart, "b.c"), (Chart, "b.d"), (Dashboard, "b.x"))
    for kind, fqn in gone:
        catalog.delete(kind, fqn, hard=True)

        catalog.write(run)

        assert shown() == [["bob"], ["low"], ["d"], ["c"]], fqn


@pytest.mark.parametrize(
    ("config", "override", "expected"),
    [({}, False, "by Ann"), ({}, True, "ours"), ({"override_metadata": False}, True, "by Ann")],
)
def test_only_override_metadata_takes_away(
    config: Json, override: bool, expected: str, path: Path, catalog: Catalog, table: Any
) -> None:
    """`overrideMetadata` of the source, or of the sink, lets the source win, time and again."""
    context = SinkContext(source_config=SourceConfig(overrideMetadata=override))
    sink = CatalogSink.create({"path": str(path), **config}, context)
    with closing(sink.open_store()) as store:
        for _ in range(2):
            store.write([table(description="ours")])
            catalog.patch(Table, "s.d.x.t", ops(description="by Ann"))
            store.write([table(description="ours")])
            found = catalog.get_by_name(Table, "s.d.x.t")
            assert found is not None
            assert found.description == expected


@pytest.mark.parametrize(
    ("entity_type", "fields"),
    [
        ("classification", {"mutuallyExclusive": True}),
        ("classification", {"provider": "system"}),
        ("glossary", {"mutuallyExclusive": True}),
        ("tag", {"provider": "system", "mutuallyExclusive": True}),
        ("user", {"isAdmin": True}),
        ("team", {"isJoinable": False}),
        ("database", {"default": True}),
        ("topic", {"retentionSize": 5}),
        ("ingestionPipeline", {"loggerLevel": "DEBUG"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_a_source_says_something_else_than_a_default(
    full: Catalog, make: Make, entity_type: str, fields: Json
) -> None:
    """A default that is shown is nobody's word: what a source says later takes its place."""
    [result] = full.write([make(entity_type, **fields)])
    assert (result.outcome, result.reason) == (Outcome.UPDATED, "")
    entity = next(full.list_entities(KINDS[entity_type].entity))
    shown = entity.model_dump(mode="json")
    assert {name: shown[name] for name in fields} == fields
    assert full.write([make(entity_type, **fields)])[0].outcome is Outcome.UNCHANGED
    assert full.write([make(entity_type)])[0].outcome is Outcome.UNCHANGED
