"""What a validation error says: plain words, one way, and no value that may be a secret."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Literal

import om_ingest.model
import pytest
from om_ingest import CreateTableRequest, RecordError
from om_ingest.config.validation import explain
from om_ingest.errors import described
from om_ingest.kinds import encode
from om_ingest.kinds.lines import decode
from om_ingest.masking import RedactingFormatter, Redactor
from om_ingest.model import Column, DataType, TableType
from om_ingest.wording import plain, told
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic_core import InitErrorDetails
from pydantic_core._pydantic_core import list_all_errors

FOREIGN = """
Input|should|Field required|permitted|valid d|Value error|Assertion|docs.python.org|pydantic
[type=|input_value|validation error|timedelta|hunter2
"""
VARCHAR = "dataType: 'varchar' is no DataType; did you mean VARCHAR?"
CHOICES = "'a', 'b' or 'c'"


class Speed(str, Enum):
    """How fast it is to go."""

    SLOW = "slow"
    FAST = "fast"


class Part(BaseModel):
    """One of several, with a key that is called as a type."""

    model_config = ConfigDict(extra="forbid")
    int: Literal["a", "b"] = "a"


class Settings(BaseModel):
    """A config with a bit of everything."""

    model_config = ConfigDict(extra="forbid")
    speed: Speed = Speed.SLOW
    count: int = Field(1, ge=1)
    either: int | bool | list[str] = 1
    parts: list[Part] = []
    named: dict[str, Part] = {}
    one: Part | str = ""
    low: int = 0
    letter: Literal["a", "b", "c", "d", "e", "f", "g", "h", "i"] = "a"

    @model_validator(mode="after")
    def _is_low(self) -> Settings:
        if self.low > self.count:
            raise ValueError("low is above count")
        return self


def refused(model: type[BaseModel], **values: Any) -> ValidationError:
    """The error of values that a model does not take."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(values)
    return caught.value


def of_every_type() -> Iterator[ValidationError]:
    """An error of each type that this pydantic knows."""
    for known in list_all_errors():
        context = {
            key: CHOICES if key == "expected" else "8" if value == "" else value
            for key, value in (known["example_context"] or {}).items()
        }
        if known["type"] in ("value_error", "assertion_error"):
            context["error"] = ValueError("own words")
        one = InitErrorDetails(type=known["type"], loc=("a", 1), input="hunter2", ctx=context)
        yield ValidationError.from_exception_data("Settings", [one])


def test_every_type_of_error_is_in_plain_words() -> None:
    """No type of pydantic's errors keeps its wording, told from the error or from its text."""
    errors = list(of_every_type())
    assert len(errors) > 90
    for error in errors:
        said = told(error)
        assert said.startswith("a.1: "), said
        assert said[5:].partition(" ")[0] in WORDS, said
        assert not [word for word in re.split(r"[|\n]", FOREIGN.strip()) if word in said], said
        assert plain(str(error)) == described(error) == f"not a valid Settings: {said}"


WORDS = {"must", "is", "has", "holds", "cannot", "each", "this", "unknown", "own", "8"}
"""How a message may begin; the last is the name of a discriminator."""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"speed": "Fast"}, "speed: 'Fast' is no Speed; did you mean fast?"),
        ({"speed": "hunter2"}, "speed: must be slow or fast"),
        ({"letter": "hunter2"}, "letter: must be one of 9 values: `om-ingest show` lists them"),
        ({"letter": "A"}, "letter: 'A' is not allowed; did you mean a?"),
        ({"count": 0}, "count: must be greater than or equal to 1"),
        ({"count": None}, "count: this key has no value"),
        (
            {"either": "x"},
            "either: must be a whole number, or true or false, or a list, such as [a, b]",
        ),
        ({"parts": [{"int": "c"}]}, "parts.0.int: must be a or b"),
        ({"named": {"int": {"int": "c"}}}, "named.int.int: must be a or b"),
        ({"one": {"int": "c"}}, "one.int: must be a or b"),
        ({"one": {"ints": 1}}, "one.ints: unknown key; did you mean 'int'?"),
        ({"one": ["a"]}, "one: must be a mapping of keys to values, or a text"),
        ({"low": 2}, "record: low is above count"),
    ],
)
def test_places_and_choices(values: dict[str, Any], said: str) -> None:
    """A message names the key without the branches of unions, and the nearest allowed value."""
    error = refused(Settings, **values)
    assert told(error) == said
    (problem,) = explain(error, Settings)
    assert f"{problem.key}: {problem.message}" == said.replace("record", "config")


def test_a_wrong_term_is_told_alike_everywhere() -> None:
    """Made, put in unchecked, read from a line, or reported as text: the reason is the same."""
    with pytest.raises(ValidationError) as made:
        Column.model_validate({"name": "a", "dataType": "varchar"})
    assert described(made.value) == f"not a valid Column: {VARCHAR}"
    body: dict[str, Any] = {"name": "t", "databaseSchema": "s.d.x"}
    body["columns"] = [{"name": "a", "dataType": "varchar"}]
    unchecked = CreateTableRequest.model_construct(**body)
    line = json.dumps({"type": "table", "record": body})
    for give in (lambda: encode(unchecked), lambda: decode(line)):
        with pytest.raises(RecordError) as given:
            give()
        assert given.value.what == f"Not a valid table: columns.0.{VARCHAR}"


@pytest.mark.parametrize(
    ("term", "meant"),
    [
        ("integer", "INT"),
        ("varchar(80)", "VARCHAR"),
        ("bool", "BOOLEAN"),
        ("double precision", "DOUBLE"),
        ("date_time", "DATETIME"),
        ("sdo_geometry", "GEOMETRY"),
        ("hyperloglog", ""),
    ],
)
def test_the_type_that_was_meant(term: str, meant: str) -> None:
    """A type as databases write it leads to OpenMetadata's; another one to the list of all."""
    said = told(refused(Column, name="a", dataType=term))
    assert said.startswith(f"dataType: {term!r} is no DataType; ")
    if meant:
        assert said.endswith(f"did you mean {meant}?")
    else:
        assert f"list(om_ingest.model.DataType) has all {len(DataType)}" in said
        assert list(om_ingest.model.DataType) == list(DataType)


def test_each_term_is_named_by_its_own_enum() -> None:
    """Of two enums with the same values pydantic tells none apart: there are none."""
    enums = [enum for enum in vars(om_ingest.model).values() if isinstance(enum, type(TableType))]
    assert len({tuple(member.value for member in enum) for enum in enums}) == len(enums)


def test_texts_of_others(caplog: pytest.LogCaptureFixture) -> None:
    """What a connector makes of an error - a reason, a log line, a traceback - is put plainly."""
    error = refused(Settings, speed="x" * 200, one=5, count="hunter2")
    said = plain(str(error))
    assert said == (
        "not a valid Settings: speed: must be slow or fast; count: must be a whole number; "
        "one: must be a mapping of keys to values, or a text"
    )
    redact = Redactor()
    assert redact.reason(f"table t: {error}") == f"table t: {said}"
    assert redact.message(f"{error}\n  Mend it.") == f"{said}\n  Mend it."
    folded = redact.reason(" ".join(str(error).split()))
    assert "hunter2" not in folded
    assert "pydantic" not in folded
    formatter = RedactingFormatter(logging.Formatter(), redact)
    logging.getLogger("acme").error("wrong: %s", error, exc_info=error)
    line = formatter.format(caplog.records[0])
    assert f"wrong: {said}" in line
    assert "hunter2" not in line
    assert "https://" not in line


def test_addresses_and_words_about_code_go() -> None:
    """What pydantic says of a config class, of its schema or of a value keeps no address."""
    with pytest.raises(PydanticUserError) as wrong:
        type("Config", (BaseModel,), {"__module__": __name__, "number": 5})
    assert "https://" in str(wrong.value)
    said = described(wrong.value)
    assert said.startswith("PydanticUserError: A non-annotated attribute was detected")
    assert "https://" not in said
    with pytest.raises(PydanticInvalidForJsonSchema) as no_schema:
        TypeAdapter(Callable[[], int]).json_schema()
    assert described(no_schema.value).endswith(
        "no JSON Schema describes a key of the type Callable"
    )
    table = CreateTableRequest(name="t", databaseSchema="s", columns=[], extension={"a": object()})
    with pytest.raises(RecordError) as value:
        encode(table)
    place = "Cannot be written as JSON: extension.a: "
    assert value.value.what == f"{place}a value of the class object, which JSON has not"


def test_other_texts_stay() -> None:
    """A text without an error of pydantic is not touched."""
    text = "2 validation errors for the bank\n  [see the page]"
    assert plain(text) == text
