"""References in the values of a workflow file."""

from __future__ import annotations

from pathlib import Path

import pytest
from om_ingest.workflow.variables import MAX_FILE_BYTES, Interpolation

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
        ("${$}", "$"),
        ("${$}{A}${$}A", "${A}$A"),
        ("100 $", "100 $"),
        ("${TRICKY}", "${A} $A $${A}"),
    ],
)
def test_values(text: str, expected: str) -> None:
    """`${VAR}` is replaced once, `:-` stands in for unset and empty; `$${` and `${$}` escape."""
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
        ("pa${$}A", "pa$A"),
        ("$$NONE", "$$NONE"),
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
    interpolation = Interpolation({**ENVIRONMENT, "BINARY": "\udcff"})
    interpolation.apply({"a": ["x", "${NONE}"], "b": "${", "c": "${file:/gone/x}", "d": "${a-b}"})
    interpolation.apply({"e": "${BINARY:-x}"})
    problems = {problem.key: problem.message for problem in interpolation.problems}
    assert list(problems) == ["a.1", "b", "c", "d", "e"]
    assert problems["e"] == "the environment variable BINARY is not UTF-8 text"
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


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"x\n", "x"),
        (b"x\r\n", "x"),
        (b"x\n\n", "x\n"),
        (b" x \n", " x "),
        (b"x\t\r", "x\t\r"),
        (b"a\r\nb\n", "a\r\nb"),
        (b"\xef\xbb\xbfx\n", "x"),
        ("p\u00e4ss".encode(), "p\u00e4ss"),
        (b"${A}", "${A}"),
    ],
)
def test_a_file_is_read_exactly(tmp_path: Path, content: bytes, expected: str) -> None:
    """Of a file only one line break at its end and the mark of Windows editors are left out."""
    (tmp_path / "token").write_bytes(content)
    assert Interpolation(ENVIRONMENT).apply(f"${{file:{tmp_path}/token}}", bare=True) == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        ("x".encode("utf-16"), "text in UTF-8, or binary data in base64: not UTF-8 text"),
        (b"x" * (MAX_FILE_BYTES + 1), "is larger than 1 MiB"),
    ],
    ids=["empty", "mark", "utf-16", "large"],
)
def test_files_that_hold_no_value(tmp_path: Path, content: bytes, said: str) -> None:
    """A file that is empty, no text or far too large is a problem, and no value."""
    (tmp_path / "token").write_bytes(content)
    interpolation = Interpolation({})
    assert interpolation.apply([f"${{file:{tmp_path}/token}}", "${file:~nobody-here/x}"]) == [
        "",
        "",
    ]
    first, second = (problem.message for problem in interpolation.problems)
    assert said in first
    assert "cannot read the file ~nobody-here/x" in second


def test_structure_in_a_file_is_secret(tmp_path: Path) -> None:
    """Each text and number of a list or mapping in a file is a secret, too."""
    (tmp_path / "accounts").write_text('[{"pin": 4711, "words": ["hunter2", true, null]}]\n')
    interpolation = Interpolation({})
    interpolation.apply(f"${{file:{tmp_path}/accounts}}")
    assert interpolation.secrets >= {"4711", "hunter2"}
    assert len(interpolation.secrets) == 3
