"""The table of modules beside real releases of openmetadata-ingestion.

`OM_INGEST_UPSTREAM` names folders that hold a release each: an unpacked wheel, or the
`site-packages` that pip has put it into. Only names are read, and nothing is imported.
"""

from __future__ import annotations

import ast
import os
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from om_ingest_compat.modules.table import AREAS, MODULES
from om_ingest_compat.modules.table.importable import PACKAGES as COVERED

FOLDERS = [Path(folder) for folder in os.environ.get("OM_INGEST_UPSTREAM", "").split(os.pathsep)]

pytestmark = [
    pytest.mark.full,
    pytest.mark.filterwarnings("ignore:invalid escape sequence"),
    pytest.mark.skipif("OM_INGEST_UPSTREAM" not in os.environ, reason="no release is named"),
]


@pytest.fixture(scope="module")
def releases() -> list[dict[str, dict[str, bool]]]:
    """The names in each module of each release, and whether the module defines them."""
    return [dict(modules_in(folder)) for folder in FOLDERS]


def modules_in(folder: Path) -> Iterator[tuple[str, dict[str, bool]]]:
    """Each module of a release in a package of the table, with its names."""
    for file in (folder / "metadata").rglob("*.py"):
        module = ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        is_plain = file.name != "__init__.py"
        if module in MODULES or (is_plain and module.rpartition(".")[0] in COVERED):
            with tokenize.open(file) as text:
                yield module, names_in(ast.parse(text.read()))


def names_in(tree: ast.AST) -> dict[str, bool]:
    """What the statements of a module define, and import: not those within functions."""
    found: dict[str, bool] = {}
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found[node.name] = True
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                found[(alias.asname or alias.name).partition(".")[0]] = False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = True
        else:
            found |= names_in(node)
    return found


def test_nothing_is_invented(releases: list[dict[str, dict[str, bool]]]) -> None:
    """Every module and name of the table is in one of the releases."""
    invented = []
    for module, names in MODULES.items():
        found = [release[module] for release in releases if module in release]
        if not found:
            invented.append(module)
        invented += [f"{module}.{name}" for name in names if name not in set().union(*found)]
    assert not invented


def test_what_is_importable(releases: list[dict[str, dict[str, bool]]]) -> None:
    """Every module of the packages that connectors import from can be imported."""
    lacking = {
        module
        for release in releases
        for module, names in release.items()
        if module.rpartition(".")[0] in COVERED and module not in MODULES and names
    }
    assert sorted(lacking - LEFT_OUT) == []


LEFT_OUT = {
    "metadata.ingestion.source.database.extended_sample_data",
    "metadata.ingestion.source.database.sample_data",
    "metadata.ingestion.source.database.sample_usage",
    "metadata.ingestion.source.ldap_users",
}
"""Connectors of the framework itself that lie beside what other connectors import."""


def test_how_much_is_covered(
    releases: list[dict[str, dict[str, bool]]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Tells how many of the names that releases define in covered modules are there."""
    with capsys.disabled():
        for area, modules in AREAS.items():
            upstream = {
                f"{module}.{name}"
                for release in releases
                for module in modules
                for name, is_defined in release.get(module, {}).items()
                if is_defined or name in modules[module]
            }
            ours = {f"{module}.{name}" for module, names in modules.items() for name in names}
            print(f"{area}: {len(ours)} of {len(upstream)} names in {len(modules)} modules")
            assert ours <= upstream
