"""Values that YAML reads as something else than text, where text is wanted."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Literal

import pytest
from om_ingest import WorkflowError
from om_ingest.config import FilterPattern
from om_ingest.config.validation import validated
from om_ingest.source import ConnectorConfig
from om_ingest.workflow.loaded import load
from om_ingest.workflow.reading import parse
from pydantic import SecretStr

WORDS = {
    "2024": "a number",
    "0x10": "a number",
    "12:30:00": "a number",
    ".inf": "a number",
    "NO": "false",
    "on": "true",
    "2024-01-01": "a date",
    "2024-01-01 10:00:00": "a date",
}


class Mode(enum.Enum):
    ON = "on"
    OFF = "off"


class Config(ConnectorConfig):
    plain: str | None = None
    secret: SecretStr | None = None
    either: str | list[str] = ""
    items: list[str] = []
    named: dict[str, str] = {}
    pattern: FilterPattern | None = None
    choice: Literal["on", "off"] = "on"
    mode: Mode = Mode.ON
    path: Path = Path()


def said(text: str) -> dict[str, str]:
    """The problems of a file, by key, as a run tells them."""
    document = parse(text, "x.yaml")
    try:
        load(document)
        validated(Config, document.data.get("source", {}).get("config", {}), ("source", "config"))
    except WorkflowError as error:
        lines = document.error(list(error.problems)).what.splitlines()[1:]
        return dict(line.strip().split(": ", 2)[1:] for line in lines)
    return {}


@pytest.mark.parametrize("word", WORDS)
def test_words(word: str) -> None:
    """Whatever YAML makes of a word without quotes, the message says it, and asks for quotes."""
    expected = f"must be a text; it is read as {WORDS[word]}: put it in quotes"
    assert said(f"source: {{type: {word}}}") == {"source.type": expected}
    name = f"source: {{type: x, serviceName: {word}}}"
    assert said(name) == {"source.serviceName": expected}
    assert said(name.replace(word, f"'{word}'")) == {}
    config = f"source: {{type: x, config: {{plain: {word}}}}}"
    assert said(config) == {"source.config.plain": expected}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("secret", "12345678"),
        ("either", "NO"),
        ("items.1", "[a, NO]"),
        ("named.a", "{a: 1}"),
        ("pattern.includes.0", "{includes: [2024]}"),
        ("choice", "on"),
        ("mode", "off"),
        ("path", "2024-01-01"),
    ],
)
def test_places(key: str, value: str) -> None:
    """The same is said wherever a text is wanted, and the value is not shown: it may be secret."""
    (found,) = said(f"source: {{type: x, config: {{{key.partition('.')[0]}: {value}}}}}").items()
    assert found[0] == f"source.config.{key}"
    assert "it is read as" in found[1]
    assert found[1].endswith(": put it in quotes")
    assert "12345678" not in found[1]


def test_no_value() -> None:
    """`~` and `null` where a text is required are told apart from nothing at all."""
    hint = "{} is read as no value: put it in quotes if it is a text"
    for word in ("~", "null", "NULL"):
        assert said(f"source: {{type: {word}}}")["source.type"].endswith(hint.format(word))
    assert said("source: {type: }") == {"source.type": "this key has no value"}
    assert said("source: {type: x, serviceName: ~}") == {}


def test_other_types_are_not_quoted() -> None:
    """Where quotes would not help, nothing is said of them."""
    assert "quotes" not in str(said("source: {type: [x], serviceName: {a: b}}"))
    assert "quotes" not in str(said("source: {type: x}\nworkflowConfig: {raiseOnError: 2024}"))
