"""The table of what servers know by version is the one that `versions/` makes, and stays small."""

from __future__ import annotations

import importlib.util
import json
import zlib
from pathlib import Path
from types import ModuleType

import pytest
from om_ingest.releases import FALLBACKS, OLDEST, holds, known, parsed_version

MAX_TABLE_BYTES = 40_000
"""Of the package with the table, compressed as in a wheel."""


@pytest.fixture(scope="module")
def generate(root: Path) -> ModuleType:
    """versions/generate.py, which people run as a script."""
    spec = importlib.util.spec_from_file_location(
        "generate_versions", root / "versions/generate.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_generated(generate: ModuleType) -> None:
    """The table that core ships is what `python versions/generate.py` writes."""
    assert generate.TARGET.read_text("utf-8") == generate.text()


def test_the_table_is_small(generate: ModuleType) -> None:
    """The package with the table adds at most 40 kB to core's wheel."""
    files = [path for path in generate.TARGET.parent.iterdir() if path.is_file()]
    assert generate.TARGET in files
    assert sum(len(zlib.compress(path.read_bytes())) for path in files) <= MAX_TABLE_BYTES


@pytest.mark.parametrize("name", FALLBACKS)
def test_substitutes_are_known(generate: ModuleType, name: str) -> None:
    """A substitute is a value of its enumeration, known by each server that lacks what is newer.

    Servers without the enumeration are left aside: they do not know the field either.
    """
    source = json.loads(generate.SOURCE.read_text("utf-8"))
    walk = generate.Walk(source)
    (key,) = [key for key in source["enums"] if key.endswith(f"/{name}")]
    spans = {value: walk.ranges(key, value) or [[OLDEST]] for value in source["enums"][key]}
    texts = {text for span in spans.values() for one in span for text in one}
    versions = [version for text in sorted(texts) if (version := parsed_version(text))]
    newer = known().values[name]
    given = FALLBACKS[name]
    assert given.keys() <= {*newer, "*"}
    for version in versions:
        if any(holds(span, version) for span in spans.values()):
            for value, span in newer.items():
                instead = given.get(value) or given.get("*")
                if instead and not holds(span, version):
                    assert holds(spans[instead], version), f"{version}: {value} -> {instead}"
