"""The package itself: nobody can publish it, and each misbehaviour is explained and tested."""

from __future__ import annotations

import ast
import re
from configparser import ConfigParser
from pathlib import Path

PROJECT = Path(__file__).parents[1]
SETTINGS = (PROJECT / "pyproject.toml").read_text("utf-8")
MODULES = PROJECT / "src/metadata/ingestion/source/database/hostile"


def entry_points() -> dict[str, set[str]]:
    """Group -> names of the entry points."""
    parser = ConfigParser(interpolation=None)
    tables = re.findall(r"(\[project\.entry-points\..*?)(?=\n\[tool)", SETTINGS, re.DOTALL)
    parser.read_string(re.sub(r"\[project\.entry-points\.(.+)\]", r"[\1]", tables[0]))
    return {section.strip('"'): set(parser[section]) for section in parser.sections()}


def test_no_index_takes_it() -> None:
    """The classifier that every package index refuses is there, and the README says why."""
    assert '"Private :: Do Not Upload"' in SETTINGS
    assert "Private :: Do Not Upload" in (PROJECT / "README.md").read_text("utf-8")


def test_every_misbehaviour_is_in_the_readme() -> None:
    """The README has a row for each entry point, and none beside them."""
    readme = (PROJECT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (?:\w+ )?`([\w-]+)` \|", readme, re.MULTILINE)
    declared = [name for names in entry_points().values() for name in names]
    assert sorted(rows) == sorted(declared)
    assert len(declared) > 50


def test_every_misbehaviour_is_tested() -> None:
    """Each entry point is named in the tests that run the real command against it."""
    modules = (PROJECT / "tests").glob("test_*.py")
    tests = "".join(path.read_text("utf-8") for path in modules)
    names = {name for names in entry_points().values() for name in names}
    missing = [n for n in sorted(names) if not re.search(rf"(?<![\w-]){n}(?![\w-])", tests)]
    assert missing == []


def test_every_class_says_what_it_breaks() -> None:
    """Each class has a docstring: it is what a reader learns from."""
    silent = [
        node.name
        for path in MODULES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and not ast.get_docstring(node)
    ]
    assert silent == []
