"""The page of hooks is what `om_ingest.hookspecs` says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from om_ingest import hookspecs

HEADING = re.compile(r"^## `(\w+)\(([\w, ]*)\)`$", re.MULTILINE)


def specified() -> dict[str, list[str]]:
    """Name -> arguments of every hook that the host calls."""
    return {
        name: list(inspect.signature(value).parameters)
        for name, value in vars(hookspecs).items()
        if hasattr(value, f"{hookspecs.PROJECT}_spec")
    }


def test_hooks_are_documented_as_they_are(root: Path) -> None:
    """The page of hooks has one heading per hook, with its arguments, in the same order."""
    page = (root / "docs/reference/hooks.md").read_text("utf-8")
    documented = [
        (name, [word.strip() for word in arguments.split(",") if word.strip()])
        for name, arguments in HEADING.findall(page)
    ]
    assert documented == list(specified().items())


def test_hooks_carry_the_prefix() -> None:
    """Every hook begins with the name of the project, as pluggy finds implementations by it."""
    assert specified()
    assert [name for name in specified() if not name.startswith("om_ingest_")] == []


def test_example_on_the_page_is_a_hook(root: Path) -> None:
    """The examples on the page implement hooks that exist, with arguments they have."""
    page = (root / "docs/reference/hooks.md").read_text("utf-8")
    example = r"^@hookimpl(?:\(.*\))?\ndef (\w+)\(([\w, ]*)\)"
    functions = re.findall(example, page, re.MULTILINE)
    assert len(functions) == page.count("@hookimpl")
    for name, arguments in functions:
        assert set(filter(None, arguments.split(", "))) <= set(specified()[name])
