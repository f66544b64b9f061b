"""References in the values of a workflow file."""

from __future__ import annotations

from pathlib import Path

import pytest
from om_ingest.workflow.reading import Interpolation

ENVIRONMENT = {"A": "one", "EMPTY": "", "TRICKY": "${A} $A $${A}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "one"),
        ("x${A}y${A}", "xoneyone"),
        ("${A:-two}", "one"),
        ("${NONE:-two}", "two"),
        ("${NONE:-}", ""),
        ("${EMPTY:-two}", "two"),
        ("${EMPTY}", ""),
        ("${NONE:-a:-b $c}", "a:-b $c"),
        ("$${A}", "${A}"),
        ("$$${A}", "$${A}"),
        ("$A", "$A"),
        ("100 $", "100 $"),
        ("${TRICKY}", "${A} $A $${A}"),
    ],
)
def test_values(text: str, expected: str) -> None:
    """`${VAR}` is replaced once, `:-` stands in for unset and empty, `$${` stays `${`."""
    interpolation = Interpolation(ENVIRONMENT)
    assert interpolation.apply(text) == expected
    assert interpolation.problems == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A", "one"),
        ("$NONE", "$NONE"),
        ("$A${A}", "oneone"),
        ("pa$$word", "pa$$word"),
        ("$TRICKY", "${A} $A $${A}"),
    ],
)
def test_bare_names_of_the_long_form(text: str, expected: str) -> None:
    """`$VAR` is replaced in the long form, and stays when it is not set (§11.1)."""
    interpolation = Interpolation(ENVIRONMENT)
    assert interpolation.apply(text, bare=True) == expected
    assert interpolation.problems == []


def test_any_depth_and_nothing_but_strings() -> None:
    """Values are replaced at any depth; keys, numbers and the original stay."""
    data = {"${A}": ["${A}", 1, None, {"x": "${A}"}]}
    assert Interpolation(ENVIRONMENT).apply(data) == {"${A}": ["one", 1, None, {"x": "one"}]}
    assert data["${A}"][0] == "${A}"


def test_problems_are_collected() -> None:
    """Every reference that leads nowhere is a problem with its key path."""
    interpolation = Interpolation(ENVIRONMENT)
    interpolation.apply({"a": ["x", "${NONE}"], "b": "${", "c": "${file:/gone/x}", "d": "${a-b}"})
    problems = {problem.key: problem.message for problem in interpolation.problems}
    assert list(problems) == ["a.1", "b", "c", "d"]
    assert "NONE is not set" in problems["a.1"]
    assert "'${' that is no" in problems["b"]
    assert "cannot read the file /gone/x: No such file" in problems["c"]


def test_files(tmp_path: Path) -> None:
    """`${file:…}` reads a file without its last line break, and what it holds is a secret."""
    (tmp_path / "token").write_text("line 1\nline 2\r\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    interpolation = Interpolation({})
    assert interpolation.apply(f"<${{file:{tmp_path}/token}}>") == "<line 1\nline 2>"
    assert interpolation.secrets == {"line 1\nline 2"}
    interpolation.apply(f"${{file:{tmp_path}/binary}}")
    interpolation.apply(f"${{file:{tmp_path}}}")
    messages = [problem.message for problem in interpolation.problems]
    assert [message.rpartition(": ")[2] for message in messages] == [
        "not UTF-8 text",
        "Is a directory",
    ]
