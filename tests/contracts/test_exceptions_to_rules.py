"""An exception to a rule says why; where a reason cannot exist, there is no exception."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

MARKER = re.compile(r"type:\s*ignore(\[[^\]]*\])?|noqa(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?")
# Spelled so that this file does not match itself.
MACHINE = re.compile(
    r"(?<![\w.}])/(?:home|root|Users|w[o]rk|f[a]rm)/[\w.]"  # folders of a person or a machine
    r"|\bC:\\Users\b"
    r"|py[p]i\.org|python[h]osted|registry\.[n]pmjs"  # where packages come from is pip's business
)
NOT_RUN = {"importorskip", "skip", "skipif", "xfail"}


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """The comments of a module with their line numbers."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def test_ignored_findings_have_a_reason(root: Path, files: list[Path]) -> None:
    """Every `noqa` and `type: ignore` names its code, and its reason on the same line."""
    bare = []
    for path in (path for path in files if path.suffix == ".py"):
        for line, comment in comments(root / path):
            markers = list(MARKER.finditer(comment))
            words = re.findall(r"\w+", MARKER.sub("", comment))
            codes = all(marker[1] or marker[2] for marker in markers)
            if markers and (not codes or len(words) < 2):
                bare.append(f"{path}:{line} {comment}")
    assert not bare, f"Write the code, then the reason behind it: {bare}"


def test_files_name_no_machine(root: Path, files: list[Path]) -> None:
    """No file holds a path of somebody's machine or the address of a package registry."""
    found = []
    for path in files:
        text = (root / path).read_bytes().decode("utf-8", errors="ignore")
        for number, line in enumerate(text.splitlines(), start=1):
            if MACHINE.search(line):
                found.append(f"{path}:{number} {line.strip()[:100]}")
    assert not found, f"Works only on one machine: {found}"


def parsed_tests(root: Path, files: list[Path]) -> Iterator[tuple[Path, ast.Module]]:
    """Every module of tests, parsed."""
    for path in files:
        if path.suffix == ".py" and "tests" in path.parts:
            yield path, ast.parse((root / path).read_text("utf-8"))


def test_every_test_runs(root: Path, files: list[Path]) -> None:
    """No test is skipped, or expected to fail."""
    found = [
        f"{path}:{node.lineno} {node.attr}"
        for path, tree in parsed_tests(root, files)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in NOT_RUN
        and ast.unparse(node).startswith("pytest.")
    ]
    assert not found, f"Mend or delete them: {found}"


def test_nothing_is_patched(root: Path, files: list[Path]) -> None:
    """No test replaces a part of our code: what must be replaced comes in as a plugin."""
    found = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, tree in parsed_tests(root, files)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == "monkeypatch.setattr")
        or (isinstance(node, ast.ImportFrom) and node.module in {"unittest", "unittest.mock"})
        or (isinstance(node, ast.Name) and node.id == "mocker")
    ]
    assert not found, f"Use an entry point, a file, a process or a transport: {found}"


def test_every_test_claims_something(root: Path, files: list[Path]) -> None:
    """Every test function says in its docstring what is true when it passes.

    Not the method of a connector that tests its connection.
    """
    silent = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in parsed_tests(root, files)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not (node.name.startswith("test_connection") and "connectors" in path.parts)
        and not ast.get_docstring(node)
    ]
    assert not silent, f"Begin with a sentence that is a claim: {silent}"
