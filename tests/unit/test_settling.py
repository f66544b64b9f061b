"""What a request takes away from what is there, and what it does not: the policies of fields."""

from __future__ import annotations

from typing import Any

import pytest
from om_ingest.kinds import (
    EDGE_POLICIES,
    KINDS,
    NOT_STORED,
    EntityKind,
    Policy,
    as_request,
    changed_fields,
    changes,
    joined,
    policies,
    policy_of,
    rivals,
    settled,
    settled_edge,
    storable,
)

USER, TABLE, TERM = (KINDS[name] for name in ("user", "table", "glossaryTerm"))
VALUES: dict[Policy, tuple[Any, Any, Any]] = {
    # what is there, what the source says, what becomes of it
    Policy.SOURCE: ("theirs", "ours", "ours"),
    Policy.FIRST: ("theirs", "ours", "theirs"),
    Policy.UNION: (["theirs"], ["ours", "theirs"], ["theirs", "ours"]),
    Policy.KEYS: ({"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}),
    Policy.CREATION: (False, True, False),
}
EVERY_FIELD = [
    pytest.param(kind, field, policy, id=f"{kind.entity_type}-{field}")
    for kind in KINDS.values()
    for field, policy in policies(kind)
    if policy in VALUES
]


@pytest.mark.parametrize(("kind", "field", "policy"), EVERY_FIELD)
def test_each_field_follows_its_policy(kind: EntityKind, field: str, policy: Policy) -> None:
    """A field that is there and said becomes what its policy says; one that is not said, stays."""
    theirs, ours, expected = VALUES[policy]
    assert settled(kind, {field: theirs}, {field: ours}) == {field: expected}
    assert settled(kind, {field: theirs}, {}) == {field: theirs}
    assert settled(kind, {}, {field: ours}) == {field: ours}
    again = settled(kind, {field: expected}, {field: ours})
    assert changed_fields({field: expected}, again) == []


@pytest.mark.parametrize(
    ("field", "theirs", "ours", "expected"),
    [
        ("description", "theirs", "ours", "ours"),
        ("description", "theirs", "", "theirs"),
        ("synonyms", ["a", "b"], ["b"], ["b"]),
        ("synonyms", ["a"], [], ["a"]),
        ("extension", {"a": 1, "c": 1}, {"a": 2}, {"a": 2, "c": 1}),
        ("mutuallyExclusive", False, True, False),
    ],
)
def test_override_lets_the_source_win(field: str, theirs: Any, ours: Any, expected: Any) -> None:
    """With overrideMetadata what the source says wins; an empty value says nothing."""
    assert settled(TERM, {field: theirs}, {field: ours}, override=True) == {field: expected}


def column(name: str, data_type: str = "INT", **more: Any) -> dict[str, Any]:
    return {"name": name, "dataType": data_type, **more}


def test_columns_keep_what_people_wrote_of_them() -> None:
    """The source says which columns there are; texts and tags stay, also with a new type."""
    pii = {"tagFQN": "PII.Sensitive", "source": "Classification"}
    stored = {
        "columns": [
            column("Id", description="theirs", displayName="ID", tags=[pii]),
            column("s", "STRUCT", children=[column("inner", description="of inner")]),
            column("gone"),
        ]
    }
    said = {
        "columns": [
            column("id", "BIGINT", description="ours"),
            column("s", "STRUCT", children=[column("inner"), column("new")]),
        ]
    }
    first, second = settled(TABLE, stored, said)["columns"]
    assert first == column("id", "BIGINT", description="theirs", displayName="ID", tags=[pii])
    assert second["children"] == [column("inner", description="of inner"), column("new")]


def test_a_length_stays_with_its_type() -> None:
    """A column that says no length keeps it, unless its type is another one."""
    stored = {"columns": [column("a", "VARCHAR", dataLength=9), column("b", "CHAR", dataLength=9)]}
    said = {"columns": [column("a", "VARCHAR"), column("b", "INT")]}
    assert settled(TABLE, stored, said)["columns"] == [
        column("a", "VARCHAR", dataLength=9),
        column("b", "INT"),
    ]


def test_constraints_go_with_their_columns() -> None:
    """Of kept constraints and partitions, those whose columns are there stay."""
    stored = {
        "columns": [column("a"), column("b")],
        "tableConstraints": [
            {"constraintType": "UNIQUE", "columns": ["a"]},
            {"constraintType": "UNIQUE", "columns": ["a", "b"]},
        ],
        "tablePartition": {"columns": [{"columnName": "b"}]},
    }
    found = settled(TABLE, stored, {"columns": [column("a")]})
    assert found["tableConstraints"] == stored["tableConstraints"][:1]
    assert "tablePartition" not in found


def test_constraints_name_columns_as_the_source_does() -> None:
    """A kept constraint fits a column whose name is stored in another spelling."""
    constraint = {"constraintType": "UNIQUE", "columns": ["a::b"]}
    stored = {"columns": [column("a__reserved__colon__b")], "tableConstraints": [constraint]}
    said = {"columns": [column("a__reserved__colon__b")]}
    assert settled(TABLE, stored, said)["tableConstraints"] == [constraint]


def test_constraints_follow_a_column_whose_case_changes() -> None:
    """A kept constraint or partition names its column as the source does now: servers want so."""
    stored = {
        "columns": [column("Day"), column("b"), column("B")],
        "tableConstraints": [
            {"constraintType": "UNIQUE", "columns": ["Day", "b"]},
            {"constraintType": "SORT_KEY", "columns": ["gone"]},
        ],
        "tablePartition": {"columns": [{"columnName": "Day"}, {"interval": "day"}]},
    }
    found = settled(TABLE, stored, {"columns": [column("DAY"), column("b"), column("B")]})
    assert found["tableConstraints"] == [{"constraintType": "UNIQUE", "columns": ["DAY", "b"]}]
    assert found["tablePartition"] == {"columns": [{"columnName": "DAY"}, {"interval": "day"}]}


def test_a_new_column_does_not_take_the_text_of_another_one() -> None:
    """A column that appears beside one whose name differs in case begins without a text."""
    stored = {"columns": [column("a", description="theirs")]}
    said = {"columns": [column("A"), column("a")]}
    assert settled(TABLE, stored, said)["columns"] == [
        column("A"),
        column("a", description="theirs"),
    ]


def test_sources_of_features_keep_what_people_wrote_of_them() -> None:
    """A source of a feature is a part of it, as a nested column is."""
    feature = {"name": "f", "featureSources": [{"name": "s", "description": "theirs"}]}
    said = {"mlFeatures": [{"name": "f", "featureSources": [{"name": "s", "dataType": "string"}]}]}
    (found,) = settled(KINDS["mlmodel"], {"mlFeatures": [feature]}, said)["mlFeatures"]
    assert found["featureSources"] == [{"name": "s", "dataType": "string", "description": "theirs"}]


def test_a_value_that_servers_give_by_default_is_said_like_any_other() -> None:
    """A request says an algorithm only where its source does, `mlmodel` too."""
    kind, theirs = KINDS["mlmodel"], {"algorithm": "theirs"}
    silent = kind.request.model_validate({"name": "m", "service": "s"})
    assert "algorithm" not in silent.model_dump(exclude_none=True)
    assert settled(kind, theirs, {"algorithm": "mlmodel"}) == {"algorithm": "mlmodel"}


def label(fqn: str) -> dict[str, Any]:
    return {"tagFQN": fqn, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


ONE, TWO = label("Tier.Tier1"), label("Tier.Tier2")


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_label_that_excludes_a_stored_one_is_left_out(exclusive: bool) -> None:
    """Of labels that exclude each other, the stored one stays: of an entity, and of its parts."""
    closed = {"Tier"} if exclusive else set()
    expected = [ONE] if exclusive else [ONE, TWO]
    stored = {"tags": [ONE], "columns": [column("a", tags=[ONE]), column("b")]}
    said = {"tags": [TWO], "columns": [column("a", tags=[TWO]), column("b", tags=[TWO])]}
    found = settled(TABLE, stored, said, exclusive=closed)
    assert found["tags"] == expected
    assert [part["tags"] for part in found["columns"]] == [expected, [TWO]]
    assert rivals(TABLE, stored, said) == {"Tier"}
    assert not rivals(TABLE, stored, {"tags": [ONE, label("PII.None")]})
    assert joined([], [ONE, ONE, TWO]) == [ONE, TWO]


def test_what_a_source_no_longer_says_of_a_part_is_a_change() -> None:
    """A key that is gone from a part or an object is a change, but for what servers add."""
    shown = {"fullyQualifiedName": "s.d.x.t.a", "dataTypeDisplay": "int", "children": []}
    stored = as_request(TABLE, {"columns": [{**column("a", constraint="NULL"), **shown}]})
    same = [column("A", constraint="NULL", dataTypeDisplay="INT")]
    assert not changes(TABLE, stored, {"columns": same})
    assert changes(TABLE, stored, {"columns": [column("a")]})["columns"] == [column("a")]
    feature = {
        "name": "f",
        "featureSources": [{"name": "s", "dataSource": {"id": "1", "type": "t"}}],
    }
    named = {"name": "s", "dataSource": {"id": "1", "type": "t", "name": "shown"}}
    features = {"mlFeatures": [{"name": "f", "featureSources": [named]}]}
    assert not changes(KINDS["mlmodel"], features, {"mlFeatures": [feature]})
    metric = KINDS["metric"]
    before = {"metricExpression": {"language": "SQL", "code": "x"}}
    assert changes(metric, before, {"metricExpression": {"code": "x"}})
    service = KINDS["databaseService"]
    before = {"connection": {"config": {"type": "Trino", "scheme": "of the server"}}}
    assert not changes(service, before, {"connection": {"config": {"type": "Trino"}}})


def test_what_is_inherited_or_derived_is_not_the_entitys_own() -> None:
    """The form of requests leaves out inherited owners, derived labels and the place."""
    one, other = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
    label = {"tagFQN": "g.t", "source": "Glossary", "labelType": "Manual", "state": "Confirmed"}
    document = {
        "id": one,
        "name": "t",
        "databaseSchema": {"id": one, "type": "databaseSchema", "fullyQualifiedName": "s.d.x"},
        "owners": [{"id": one, "type": "user", "name": "ann"}],
        "domains": [{"id": other, "type": "domain", "name": "d", "inherited": True}],
        "tags": [
            {**label, "name": "t", "description": "of the term"},
            {**label, "tagFQN": "PII.None", "labelType": "Derived"},
        ],
        "version": 0.3,
        "columns": [{**column("a"), "fullyQualifiedName": "s.d.x.t.a", "tags": []}],
    }
    assert as_request(TABLE, document) == {
        "owners": [{"id": one, "type": "user"}],
        "tags": [label],
        "columns": [column("a", tags=[])],
    }


def test_related_terms_have_one_form() -> None:
    """Related terms are FQNs in requests, whichever form the server shows."""
    reference = {"id": "1", "type": "glossaryTerm", "fullyQualifiedName": "g.t"}
    for shown in (reference, {"relationType": "relatedTo", "term": reference}):
        assert as_request(TERM, {"relatedTerms": [shown]}) == {"relatedTerms": ["g.t"]}


def test_one_domain_is_a_list_of_one() -> None:
    """The `domain` that servers before 1.9 show is told as `domains`, unless it is inherited."""
    reference = {"id": "1", "type": "domain", "fullyQualifiedName": "d"}
    assert as_request(TABLE, {"domain": reference}) == {"domains": ["d"]}
    assert as_request(TABLE, {"domain": {**reference, "inherited": True}}) == {}


def test_order_of_labels_and_references_is_no_change() -> None:
    """Labels and references in another order are the same; objects in another order are not."""
    a, b = {"id": "1", "type": "user"}, {"id": "2", "type": "user"}
    assert not changed_fields({"owners": [a, b], "tags": []}, {"owners": [b, a]})
    assert changed_fields({"columns": [{"name": "a"}, {"name": "b"}]}, {"columns": []})


def test_a_source_makes_nobody_an_admin() -> None:
    """What decides about rights of an existing user is never written, whatever overrides."""
    theirs = {"isAdmin": False, "isBot": False}
    assert settled(USER, theirs, {"isAdmin": True, "isBot": True}, override=True) == theirs


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_an_entity_cannot_show_is_called_not_stored(kind: EntityKind) -> None:
    """A field of requests that an entity lacks is a place, or is known not to be stored."""
    lost = {path[0] for path in NOT_STORED.get(kind.entity_type, ()) if len(path) == 1}
    lacking = kind.request.model_fields.keys() - kind.entity.model_fields.keys()
    assert lacking <= lost | kind.place_fields | {kind.nested_field}


def test_the_table_of_policies_names_real_fields() -> None:
    """What servers do not store are fields that requests have."""
    for entity_type, paths in NOT_STORED.items():
        for path in paths:
            assert path[0] in KINDS[entity_type].request.model_fields
    assert policy_of(TABLE, "databaseSchema") is Policy.PLACE


def test_changes_leave_out_what_a_server_adds_and_what_it_does_not_store() -> None:
    """What servers add to an object is no change, nor is what they take and do not store."""
    stored = {
        "columns": [column("a", ordinalPosition=1, children=[column("b")])],
        "tableProfilerConfig": {"profileSample": 10, "computeMetrics": True},
    }
    said = {
        "name": "t",
        "columns": [column("a", children=[column("b", jsonSchema="{}")])],
        "tableProfilerConfig": {"profileSample": 10},
        "sourceHash": "other",
    }
    assert changes(TABLE, stored, said) == {}
    assert changes(TABLE, stored, {**said, "sourceUrl": "u"}) == {"sourceUrl": "u"}
    assert storable("table", said)["columns"] == [column("a", children=[column("b")])]


def test_an_object_is_in_a_list_if_another_one_has_all_of_it() -> None:
    """Items that a server has completed are not added again."""
    page = {"name": "p", "endpoint": "http://p"}
    mapping = {"conceptIri": "http://c", "mappingType": "exactMatch"}
    stored = {"references": [page], "conceptMappings": [{**mapping, "source": "skos"}]}
    assert changes(TERM, stored, {"references": [page], "conceptMappings": [mapping]}) == {}


PIPELINE = {"type": "pipeline", "id": "1"}
THEIRS: dict[str, Any] = {
    "description": "theirs",
    "sqlQuery": "theirs",
    "columnsLineage": [
        {"fromColumns": ["s.a.x"], "toColumn": "s.b.x", "function": "f"},
        {"fromColumns": ["s.a.z"], "toColumn": "s.b.z"},
    ],
    "pipeline": {**PIPELINE, "name": "p"},
    "source": "QueryLineage",
    "tempLineageTables": ["theirs"],
}
"""Details of an edge that a person has set."""


@pytest.mark.parametrize(
    ("field", "ours", "kept", "overridden"),
    [
        ("description", "ours", "theirs", "ours"),
        ("description", "", "theirs", "theirs"),
        ("sqlQuery", "ours", "ours", "ours"),
        ("pipeline", PIPELINE, THEIRS["pipeline"], THEIRS["pipeline"]),
        ("pipeline", {**PIPELINE, "id": "2"}, {**PIPELINE, "id": "2"}, {**PIPELINE, "id": "2"}),
        ("source", "ViewLineage", "ViewLineage", "ViewLineage"),
        ("source", "Manual", "QueryLineage", "QueryLineage"),
        ("columnsLineage", [], THEIRS["columnsLineage"], THEIRS["columnsLineage"]),
        ("columnsLineage", [{"fromColumns": ["s.a.y"], "toColumn": '"s".b.x', "function": "g"}],
         [{"fromColumns": ["s.a.x", "s.a.y"], "toColumn": "s.b.x", "function": "f"},
          THEIRS["columnsLineage"][1]],
         [{"fromColumns": ["s.a.y"], "toColumn": '"s".b.x', "function": "g"}]),
        ("columnsLineage", [{"fromColumns": [], "toColumn": "s.b.z", "function": "g"},
                            {"fromColumns": ["s.a.y"], "toColumn": "s.b.y"}],
         [THEIRS["columnsLineage"][0],
          {"fromColumns": ["s.a.z"], "toColumn": "s.b.z", "function": "g"},
          {"fromColumns": ["s.a.y"], "toColumn": "s.b.y"}],
         [{"fromColumns": [], "toColumn": "s.b.z", "function": "g"},
          {"fromColumns": ["s.a.y"], "toColumn": "s.b.y"}]),
    ],
)  # fmt: skip
def test_each_detail_of_an_edge(field: str, ours: Any, kept: Any, overridden: Any) -> None:
    """A detail that is there and said becomes what its policy says; nothing else changes."""
    assert field in EDGE_POLICIES
    assert settled_edge(THEIRS, {field: ours}) == {**THEIRS, field: kept}
    assert settled_edge({**THEIRS, field: kept}, {field: ours}) == {**THEIRS, field: kept}
    assert settled_edge(THEIRS, {field: ours}, override=True) == {**THEIRS, field: overridden}
    assert settled_edge({}, {field: ours, "updatedBy": "ours"}) == {field: ours}
    assert settled_edge({**THEIRS, "updatedBy": "theirs"}, {}) == THEIRS
