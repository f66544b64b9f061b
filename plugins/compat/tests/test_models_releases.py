"""Fields of earlier releases: under both names they are taken, read, changed and delivered."""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

import om_ingest.model
import pytest
from om_ingest.model import Column, EntityReference, Model
from om_ingest_compat.imitations import IMITATIONS
from om_ingest_compat.models import model, native, spelled_entity
from om_ingest_compat.models.parts import Style, TableProfilerConfig
from om_ingest_compat.models.values import EntityReferenceList, Markdown
from pydantic import RootModel, SecretStr, ValidationError

USER = {"type": "user", "fullyQualifiedName": "ann"}


@functools.cache
def with_field(field: str) -> list[str]:
    """The models of the host that have a field."""
    found = {name: getattr(om_ingest.model, name) for name in om_ingest.model.__all__}
    return [
        name
        for name, cls in found.items()
        if isinstance(cls, type) and issubclass(cls, Model) and field in cls.model_fields
    ]


RENAMED = {
    ("CreateTableRequest", "viewDefinition"): ("schemaDefinition", "select 1"),
    ("Table", "viewDefinition"): ("schemaDefinition", "select 1"),
    ("GlossaryTerm", "status"): ("entityStatus", "Draft"),
    ("ColumnProfile", "customMetricsProfile"): ("customMetrics", [{"name": "a", "value": 1}]),
    ("CreateChartRequest", "chartUrl"): ("sourceUrl", "http://a/b"),
    ("CreateDashboardRequest", "dashboardUrl"): ("sourceUrl", "http://a/b"),
    ("CreatePipelineRequest", "pipelineUrl"): ("sourceUrl", "http://a/b"),
    ("Task", "taskUrl"): ("sourceUrl", "http://a/b"),
    ("StackTraceError", "stack_trace"): ("stackTrace", "line 1"),
}

LEFT_OUT = {
    "CreateUserRequest": {
        "authenticationMechanism": {"authType": "JWT"},
        "confirmPassword": "x",
        "createPasswordType": "ADMIN_CREATE",
        "password": "x",
    },
    "LineageDetails": {"tempLineageTables": []},
}


def required(name: str) -> dict[str, Any]:
    """The least that a model of the host needs."""
    given: dict[str, Any] = {}
    values: dict[str, Any] = {"email": "ann@example.org", "id": UUID(int=7), "partitions": 1}
    kinds: dict[Any, Any] = {UUID: UUID(int=7), EntityReference: USER, int: 1, str: "a"}
    for field, info in getattr(om_ingest.model, name).model_fields.items():
        if info.is_required():
            annotation: Any = info.annotation
            if field in values:
                given[field] = values[field]
            elif getattr(annotation, "__origin__", None) is list:
                given[field] = []
            elif hasattr(annotation, "__members__"):
                given[field] = next(iter(annotation))
            elif annotation in kinds:
                given[field] = kinds[annotation]
            elif isinstance(annotation, type) and issubclass(annotation, Model):
                given[field] = required(annotation.__name__)
            else:
                given[field] = "a"
    return given


def test_an_owner_is_one_of_the_owners() -> None:
    """`owner=` is taken by every model that has owners now; it reads and writes the first."""
    assert len(with_field("owners")) > 80
    owner = model("EntityReference")(**USER)
    for name in with_field("owners"):
        made = model(name)(**required(name), owner=owner)
        assert made.owner.fullyQualifiedName.root == "ann", name
        assert [given.fullyQualifiedName for given in native(made).owners] == ["ann"]
        made.owner = None
        assert made.owners is made.owner is None
        made.owner = EntityReference(type="team", fullyQualifiedName="crew")
        assert made.owners.root[0].type == "team"
        assert "owner" not in made.dict()
    fields = {**required("CreateTableRequest"), "owner": owner}
    assert model("CreateTableRequest")(**fields, owners=[]).owner.fullyQualifiedName == "ann"
    IMITATIONS.clear()
    given = {"type": "team", "fullyQualifiedName": "crew"}
    assert model("CreateTableRequest")(**fields, owners=[given]).owner.type == "team"
    (left_out,) = IMITATIONS
    assert left_out.what == "the field is left out: owners is given, too"
    IMITATIONS.clear()


def test_a_domain_is_one_of_the_domains() -> None:
    """`domain=`, an FQN in requests and a reference in entities, reads and writes the first."""
    for name in with_field("domains"):
        is_request = name.endswith("Request")
        given: Any = "sales" if is_request else {"type": "domain", "fullyQualifiedName": "sales"}
        fields = {key: value for key, value in required(name).items() if key != "domains"}
        made = model(name)(**fields, domain=given)
        domain = made.domain if is_request else made.domain.fullyQualifiedName
        assert domain.root == "sales", name
        assert len(made.domains) == 1


@pytest.mark.parametrize(("name", "earlier"), RENAMED)
def test_a_field_has_both_names(name: str, earlier: str) -> None:
    """A renamed field is taken, read and written under its earlier name."""
    current, value = RENAMED[name, earlier]
    made = model(name)(**required(name), **{earlier: value})
    assert getattr(made, earlier) == getattr(made, current) == value
    setattr(made, earlier, None)
    assert getattr(made, current) is None
    setattr(made, current, value)
    assert getattr(made, earlier).root == value


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_not_delivered_is_told(name: str) -> None:
    """Fields that om-ingest cannot deliver are taken, and are imitations with a reason."""
    IMITATIONS.clear()
    made = model(name).parse_obj({**required(name), **LEFT_OUT[name]})
    assert not LEFT_OUT[name].keys() & made.dict().keys()
    told = " ".join(str(used) for used in IMITATIONS)
    assert all(field in told for field, value in LEFT_OUT[name].items() if value)
    assert all("test_models_releases.py:" in used.place for used in IMITATIONS)
    IMITATIONS.clear()


def test_an_enum_has_members_of_earlier_releases() -> None:
    """A member that has another name now is an attribute, and its value is taken."""
    sources = model("TagSource")
    assert sources.Tag is sources.Classification
    assert model("TagLabel")(tagFQN="a.b", source="Tag").source is sources.Classification
    assert model("ApiServiceType").REST.value == "Rest"
    service = model("CreateDashboardServiceRequest")(name="s", serviceType="Mstr")
    assert service.serviceType is model("DashboardServiceType").Mstr
    assert service.serviceType.value == "MicroStrategy"


def test_a_partition_has_the_columns_of_its_release() -> None:
    """Up to 1.3 a partition has names of columns and one interval."""
    partition = model("TablePartition")
    made = partition(columns=["day"], intervalType="TIME-UNIT", interval="DAY")
    assert native(made).model_dump(mode="json", exclude_none=True) == {
        "columns": [{"columnName": "day", "intervalType": "TIME-UNIT", "interval": "DAY"}]
    }
    topic = model("CreateTopicRequest")(
        name="a", service="s", partitions=1, schemaText="{}", schemaType="Avro"
    )
    assert topic.messageSchema.schemaText.root == "{}"


def test_values_come_as_each_release_gives_them() -> None:
    """Root models, references, entities, numbers and models of core fit where a text, a list or a
    mapping is expected.
    """
    request = model("CreateTableRequest")
    for given in (
        Markdown("s.d.x"),
        RootModel[str]("s.d.x"),
        model("EntityReference")(type="databaseSchema", fullyQualifiedName="s.d.x"),
    ):
        made = request(name="t", databaseSchema="s.d.x", columns=[], aliases=[given])
        assert native(made).aliases == ["s.d.x"]
    made = request(
        name=5,
        databaseSchema=EntityReference(type="databaseSchema", fullyQualifiedName="s.d.x"),
        columns=(Column(name="a", dataType="INT"), {"name": "b", "dataType": "INT"}),
        owners=EntityReferenceList([USER]),
        tableProfilerConfig=TableProfilerConfig(profileSample=10),
        retentionPeriod=SecretStr("P1D"),
    )
    assert native(made).model_dump(mode="json", exclude_none=True) == {
        "name": "5",
        "columns": [{"name": "a", "dataType": "INT"}, {"name": "b", "dataType": "INT"}],
        "databaseSchema": {"type": "databaseSchema", "fullyQualifiedName": "s.d.x"},
        "owners": [USER],
        "tableProfilerConfig": {"profileSample": 10},
        "retentionPeriod": "P1D",
    }
    entity = om_ingest.model.DatabaseSchema(
        name="x", id=UUID(int=7), fullyQualifiedName="s.d.x", database=USER, service=USER
    )
    for parent in (spelled_entity(entity), entity):
        assert request(name="t", databaseSchema=parent, columns=[]).databaseSchema == "s.d.x"
    domain = model("CreateDomainRequest")(
        name="d", description="d", domainType="Aggregate", style=Style(color="#fff")
    )
    assert domain.style.color == "#fff"
    assert domain.style.iconURL is None


def test_an_entity_needs_no_store() -> None:
    """A connector may make an entity that has no id and no FQN yet."""
    made = model("Database")(name="d", service=USER)
    assert made.id is made.fullyQualifiedName is None


def test_what_has_no_tags_has_an_empty_list_of_them() -> None:
    """The tags of a column or an entity can be iterated and appended to, as in 1.11 and later."""
    column = model("Column")(name="a", dataType="INT")
    assert list(column.tags) == list(model("Table")(name="t", columns=[]).tags) == []
    column.tags.append(model("TagLabel")(tagFQN="a.b"))
    assert native(column).tags[0].tagFQN == "a.b"
    assert model("CreateTableRequest")(name="t", databaseSchema="s.d.x", columns=[]).tags is None


def test_an_unknown_field_is_named() -> None:
    """A field of no release is refused with the names of the model and the field, at any depth."""
    column = model("Column")
    with pytest.raises(ValidationError, match=r"for Column\ncolour\n"):
        column(name="a", dataType="INT", colour="red")
    with pytest.raises(ValidationError, match=r"for CreateTableRequest\ncolumns.0.colour\n"):
        model("CreateTableRequest")(
            name="t",
            databaseSchema="s.d.x",
            columns=[{"name": "a", "dataType": "INT", "colour": "red"}],
        )
