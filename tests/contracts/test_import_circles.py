"""No module imports, in the end, itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGES = {
    "om_ingest": "core/src",
    "om_ingest_catalog": "plugins/catalog/src",
    "om_ingest_catalog_server": "plugins/catalog-server/src",
    "om_ingest_compat": "plugins/compat/src",
    "om_ingest_lineage": "plugins/lineage/src",
    "om_ingest_new": "plugins/new/src",
    "om_ingest_openlineage": "plugins/openlineage/src",
    "om_ingest_testing": "plugins/testing/src",
}


def is_for_type_checkers(node: ast.AST) -> bool:
    """Whether a block is never entered at run time."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(node: ast.AST, modules: set[str], homes: dict[str, str]) -> set[str]:
    """The modules of the package that a syntax tree imports at run time, also in functions.

    `homes` says which module a name of a package is loaded from when it is used.
    """
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            found |= {alias.name for alias in child.names} & modules
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                name = f"{child.module}.{alias.name}"
                found.add(name if name in modules else homes.get(name, str(child.module)))
        elif is_for_type_checkers(child):
            found |= imports(ast.Module(child.orelse, []), modules, homes)
        else:
            found |= imports(child, modules, homes)
    return found & modules


def graph(source: Path, package: str) -> dict[str, set[str]]:
    """Each module of a package, and those that it imports at run time."""
    paths, homes = {}, {}
    for path in sorted((source / package).rglob("*.py*")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if path.suffix == ".pyi":
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ImportFrom):
                    homes |= {f"{name}.{alias.name}": str(node.module) for alias in node.names}
        elif path.suffix == ".py" and "templates" not in parts:
            paths[name] = path
    modules = set(paths)
    return {
        name: imports(ast.parse(path.read_text("utf-8")), modules, homes) - {name}
        for name, path in paths.items()
    }


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, directly or through others of the group."""
    reached: dict[str, set[str]] = {}
    for start in edges:
        seen: set[str] = set()
        pending = [start]
        while pending:
            new = edges.get(pending.pop(), set()) - seen
            seen |= new
            pending += new
        reached[start] = seen
    groups = {
        frozenset(other for other in reached[name] if name in reached[other])
        for name in edges
        if name in reached[name]
    }
    return sorted(sorted(group) for group in groups)


def test_circles_are_found() -> None:
    """Three modules in a ring are one circle; a module beside them is none."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_circle(root: Path, package: str) -> None:
    """At run time no two modules of a package import each other; imports in functions count,
    those for type checkers do not.
    """
    edges = graph(root / PACKAGES[package], package)
    assert any(edges.values()), "no import was found"
    assert circles(edges) == []
