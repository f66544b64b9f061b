"""Generated models in the code of a connector: the idioms of authors of each release."""

from __future__ import annotations

import json
from typing import Any

import pytest
from om_ingest_compat.models import model, native, permissive
from om_ingest_compat.models.values import (
    ColumnName,
    ConnectionOptions,
    Email,
    EntityLink,
    EntityName,
    FullyQualifiedEntityName,
    Markdown,
    Timestamp,
    Uuid,
)
from pydantic import BaseModel, RootModel, ValidationError, field_validator

Column: Any = model("Column")
CreateTableRequest: Any = model("CreateTableRequest")
DataType: Any = model("DataType")


def table(**values: Any) -> Any:
    return CreateTableRequest(
        name="t", databaseSchema="s.d.x", columns=[Column(name="a", dataType="INT")], **values
    )


def test_a_name_reads_as_text_and_as_a_root_model() -> None:
    """A name is its text in f-strings, JSON and comparisons, and has the attributes of a root."""
    name = table().name
    assert f"{name}" == str(name) == "t"
    assert type(str(name)) is type(name.root) is str
    assert {name: 1}["t"] == 1
    assert name.root == name.__root__ == name.value == name.model_dump() == "t"
    assert name.json() == name.model_dump_json() == json.dumps(name) == '"t"'
    assert name.dict() == {"__root__": "t"}
    assert isinstance(name, EntityName)
    assert isinstance(table().columns[0].name, ColumnName)
    assert isinstance(table().databaseSchema, FullyQualifiedEntityName)
    assert table(description="x").description == Markdown("x")
    assert table().description is None


@pytest.mark.parametrize(
    ("cls", "value"),
    [
        (EntityName, ""),
        (EntityName, False),
        (EntityName, True),
        (EntityName, "a" * 257),
        (ColumnName, ""),
        (Email, "ann"),
        (EntityLink, "a"),
        (FullyQualifiedEntityName, "a" * 3073),
        (Markdown, None),
        (Timestamp, "x"),
        (Uuid, "x"),
    ],
)
def test_a_root_model_refuses_what_upstream_refuses(cls: Any, value: Any) -> None:
    """The error is pydantic's and names the class."""
    with pytest.raises(ValidationError, match=cls.__name__):
        cls(value)


def test_a_root_model_takes_one_value() -> None:
    """Another keyword, or none, is an error that names the class."""
    with pytest.raises(TypeError, match="EntityName takes one value"):
        EntityName(name="a")
    with pytest.raises(TypeError, match="EntityName takes one value"):
        EntityName()


def test_root_models_are_types_of_fields() -> None:
    """Models of a connector have fields of root models, generated and imitated models."""

    class Row(BaseModel):
        name: EntityName
        options: ConnectionOptions
        table: CreateTableRequest | None = None
        extra: permissive("metadata.generated.schema.x", "Extra") | None = None  # type: ignore[valid-type]  # it is computed

        @field_validator("name")
        @classmethod
        def _known(cls, name: EntityName) -> EntityName:
            assert name.root != "no"
            return name

    row = Row(name="a", options={"a": {"b": 1}}, table=table(), extra={"a": {"b": 1}})
    assert row.name.root == "a"
    assert row.options.root["a"] == row.options.a == {"b": 1}
    assert row.extra.a.b == 1
    assert Row.model_validate_json(row.model_dump_json()).table.name.root == "t"
    with pytest.raises(ValidationError, match="name"):
        Row(name="no", options={})


def test_models_are_changed_in_place() -> None:
    """What is assigned or appended after construction is in the record that is delivered."""
    data = model("TableData")()
    data.columns = ["a"]
    data.rows = []
    data.rows.append([1])
    data.columns.root.append(ColumnName("b"))
    assert native(data).model_dump() == {"columns": ["a", "b"], "rows": [[1]]}
    request = table()
    request.columns.append(Column(name="b", dataType=DataType.STRING))
    request.columns[0].description = Markdown("first")
    request.extension = {}
    request.extension["a"] = 1
    request.extension.b = 2
    request.sourceUrl = RootModel[str]("http://a/b")
    assert native(request).model_dump(mode="json", exclude_none=True) == {
        "name": "t",
        "columns": [
            {"name": "a", "dataType": "INT", "description": "first"},
            {"name": "b", "dataType": "STRING"},
        ],
        "databaseSchema": "s.d.x",
        "extension": {"a": 1, "b": 2},
        "sourceUrl": "http://a/b",
    }
    with pytest.raises(ValueError, match="colour"):
        request.colour = "red"


def test_authors_extend_models() -> None:
    """A subclass with fields of its own, and with a `Config` of pydantic 1, is that record."""

    class MyTable(CreateTableRequest):
        rows: int = 0
        note: EntityName | None = None

        class Config:
            orm_mode = True

    made = MyTable(**dict(table()), rows=3, note="n", owner={"type": "user", "name": "ann"})
    assert made.note.root == "n"
    assert made.owner.name == "ann"
    assert MyTable.__fields__.keys() - CreateTableRequest.__fields__.keys() == {"rows", "note"}
    with pytest.raises(ValidationError, match="rows"):
        native(made)
    plain = type("Plain", (CreateTableRequest,), {"__module__": __name__})(**dict(table()))
    assert native(plain).model_dump() == native(table()).model_dump()


def test_a_name_that_no_store_takes_is_rewritten() -> None:
    """Requests of every kind rewrite reserved sequences, and keep the name for display."""
    request = model("CreateDatabaseRequest")(name="a::b", service="s")
    assert request.name.root == "a__reserved__colon__b"
    assert request.displayName.root == "a::b"
    column = Column(name="a\nb", dataType="INT")
    assert column.displayName.root == "a\nb"
    with pytest.raises(ValidationError, match="CreateDatabaseRequest\nname"):
        model("CreateDatabaseRequest")(name="", service="s")


def test_an_imitated_model_takes_everything() -> None:
    """A model that is only known by name answers as an enum, a root model and a model."""
    cls: Any = permissive("metadata.generated.schema.x", "Thing")
    assert cls is permissive("metadata.generated.schema.x", "Thing")
    assert cls.Some.value == cls["Some"].name == cls("Some").root == "Some"
    assert list(cls) == []
    thing = cls(a={"b": [{"c": 1}]}, d=None)
    assert thing.a.b[0].c == 1
    assert thing.d is thing.unknown is None
    assert cls.parse_obj(thing.dict()) == cls.model_validate(thing) == thing.copy() == thing
    thing.e = 5
    assert thing.model_dump(exclude_none=True) == {"a": {"b": [{"c": 1}]}, "e": 5}
    assert table(extension=thing).extension.e == 5

    class Own(cls):  # type: ignore[misc]  # made at run time
        limit: int = 3

    assert (Own().limit, Own(limit=4).limit) == (3, 4)


def test_fields_have_the_attributes_of_both_pydantics() -> None:
    """`__fields__` tells the types of fields as pydantic 1 does; an imitated model has any."""
    fields = CreateTableRequest.__fields__
    assert fields["columns"].type_ is Column
    assert (fields["name"].name, fields["name"].required, fields["name"].is_required()) == (
        "name",
        True,
        True,
    )
    assert fields["description"].outer_type_ is str
    assert fields["description"].default is None
    assert model("DatabaseConnection").__fields__["config"].type_
    cls: Any = permissive("metadata.generated.schema.x", "Thing")
    assert cls.__fields__["config"].type_ is cls.model_fields["config"].annotation is Any
    assert cls(a=1).__dict__.get("a") == vars(cls(a=1))["a"] == 1
