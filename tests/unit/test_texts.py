"""What a text of the environment or of the command line becomes, by the type that is wanted."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from om_ingest import WorkflowError
from om_ingest.config import FilterPattern
from om_ingest.config.validation import of_text, validated
from om_ingest.source import ConnectorConfig
from om_ingest.workflow.secrets import secrets_by_key, secrets_by_type
from pydantic import BeforeValidator, SecretStr


class Wanted(ConnectorConfig):
    names: list[str] | None = None
    pair: tuple[int, int] = (0, 0)
    tags: frozenset[str] = frozenset()
    sizes: dict[str, int] = {}
    pattern: FilterPattern = FilterPattern()
    patterns: list[FilterPattern] = []
    either: int | list[str] = 0
    number: int = 0
    flag: bool = False
    text: str = ""
    password: SecretStr = SecretStr("")
    passwords: list[SecretStr] = []


CASES = [
    ("names", '["a","b"]', ["a", "b"]),
    ("names", " [a, 'b c']\n", ["a", "b c"]),
    ("pair", "[1, 2]", (1, 2)),
    ("tags", "[a, a]", {"a"}),
    ("sizes", "{a: 1, b: '2'}", {"a": 1, "b": 2}),
    ("pattern", '{"includes": ["^a"]}', FilterPattern(includes=["^a"])),
    ("patterns", "[{includes: [^a]}]", [FilterPattern(includes=["^a"])]),
    ("either", "[a]", ["a"]),
    ("number", "42", 42),
    ("flag", "no", False),
    ("text", "[draft]", "[draft]"),
    ("text", '{"type": "service_account"}', '{"type": "service_account"}'),
    ("text", "[a-z]+", "[a-z]+"),
    ("password", "{hunter2}", SecretStr("{hunter2}")),
    ("passwords", "[hunter2]", [SecretStr("hunter2")]),
]


@pytest.mark.parametrize(("key", "text", "expected"), CASES)
def test_wanted_type_decides(key: str, text: str, expected: object) -> None:
    """A list or mapping in a variable, or behind `--set`, is one where it is wanted, or a text."""
    for value in (text, of_text(text)):
        assert getattr(validated(Wanted, {key: value}), key) == expected


def test_inside_of_others() -> None:
    """A text becomes a list at any depth; where no type is wanted only that of `--set` does."""

    class Outer(ConnectorConfig):
        inner: dict[str, list[Wanted]]
        anything: Any = None

    inner = {"a": ["{names: '[x, y]', sizes: {a: 1}}", {"names": "[z]"}]}
    outer = validated(Outer, {"inner": inner, "anything": "[1]"})
    assert [wanted.names for wanted in outer.inner["a"]] == [["x", "y"], ["z"]]
    assert outer.anything == "[1]"
    assert validated(Outer, {"inner": {}, "anything": of_text("[1]")}).anything == [1]
    assert inner["a"][1] == {"names": "[z]"}


def test_text_that_a_validator_has_made() -> None:
    """What stands for no value of the config is left to its own validator."""

    class Strange(ConnectorConfig):
        names: Annotated[list[str], BeforeValidator(lambda value: f"[{value}]")]

    with pytest.raises(WorkflowError, match="names: must be a list"):
        validated(Strange, {"names": "a"})


@pytest.mark.parametrize("text", ["[a", "{a: [}", "a, b", "{a: 1}", "[" * 200])
def test_no_list(text: str) -> None:
    """A text that is no list is a problem of its key, whatever else it is."""
    for value in (text, of_text(text)):
        with pytest.raises(WorkflowError) as caught:
            validated(Wanted, {"names": value, "number": 1})
        assert [problem.key for problem in caught.value.problems] == ["names"]
        assert caught.value.problems[0].message == "must be a list, such as [a, b]"


def test_secrets_stay_secrets() -> None:
    """A secret in a text is masked, whatever the text becomes."""
    assert set(secrets_by_key({"x": "{password: hunter2}"})) == {"hunter2"}
    assert set(secrets_by_key({"x": "[{token: hunter2}]"})) == {"hunter2"}
    assert set(secrets_by_key({"password": of_text("[hunter2]")})) == {"hunter2"}
    assert set(secrets_by_key({"token": "[hunter2]"})) == {"hunter2", "[hunter2]"}
    wanted = validated(Wanted, {"passwords": "[hunter2]"})
    assert set(secrets_by_type(wanted)) == {"", "hunter2"}
