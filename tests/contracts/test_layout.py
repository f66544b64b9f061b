"""Where things are, how large they are, and what they are called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 300
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers"}
PUBLIC_MODULES = {
    "om_ingest",
    "om_ingest.config",
    "om_ingest.errors",
    "om_ingest.hookspecs",
    "om_ingest.kinds",
    "om_ingest.lazy",
    "om_ingest.model",
    "om_ingest.model.fqn",
    "om_ingest.model.secrets",
    "om_ingest.observer",
    "om_ingest.private_file",
    "om_ingest.failure_place",
    "om_ingest.registry",
    "om_ingest.releases",
    "om_ingest.sinks",
    "om_ingest.store",
    "om_ingest.terminal",
    "om_ingest_testing",
    "om_ingest.versioned_file",
    "om_ingest.wording",
    "om_ingest_catalog",
    "om_ingest_catalog_server",
}
"""What the plugins of this repository import; each package has a list of its public names."""
IN_STEP = {"om-ingest-testing"}
"""Distributions that may import inner modules: they require one version of core (ADR 26)."""


def shipped(files: list[Path]) -> list[Path]:
    """The modules of every distribution, of the benchmarks, and those that generate things."""
    generating = {"benchmarks", "docs", "versions"}
    return [
        path
        for path in files
        if path.suffix == ".py" and ("src" in path.parts or path.parts[0] in generating)
    ]


def test_modules_stay_within_their_size(root: Path, files: list[Path]) -> None:
    """A module holds at most 300 lines."""
    lines = {path: len((root / path).read_text("utf-8").splitlines()) for path in shipped(files)}
    too_long = [f"{path}: {count} lines" for path, count in lines.items() if count > MAX_LINES]
    assert not too_long, f"Split by what they do (at most {MAX_LINES} lines): {too_long}"


def test_modules_are_named_for_what_they_hold(files: list[Path]) -> None:
    """No module or package has a name that would fit anything."""
    empty = [
        str(path)
        for path in shipped(files)
        for part in (*path.parts[:-1], path.stem)
        if EMPTY_NAMES & set(part.lower().split("_"))
    ]
    assert not empty, f"Name them for what they hold: {empty}"


def test_no_plugin_shadows_the_shared_namespace(files: list[Path]) -> None:
    """The levels that connectors share have no `__init__.py` (PEP 420)."""
    shadows = []
    for path in files:
        if path.name == "__init__.py" and "metadata" in path.parts and "src" in path.parts:
            package = path.parent.parts[path.parts.index("metadata") :]
            # metadata / ingestion / source / <service type> are shared; a connector is the fifth
            if len(package) < 5:
                shadows.append(str(path))
    assert not shadows, f"These hide every other connector; delete them: {shadows}"


def distribution_of(package: str) -> str:
    """The distribution of this repository that has a package, e.g. om-ingest-catalog."""
    return package.replace("_", "-")


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of every module that a file imports from; `from a import b` may mean `a.b`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield node.lineno, module if module in PUBLIC_MODULES else str(node.module)


def test_plugins_import_only_public_names(root: Path, plugins: list[Path]) -> None:
    """A plugin imports public modules: of core, and of the plugins that it declares."""
    wrong = []
    known = {distribution_of(public.partition(".")[0]) for public in PUBLIC_MODULES} | {
        distribution_of(path.name) for plugin in plugins for path in (plugin / "src").iterdir()
    }
    for plugin in plugins:
        project = (plugin / "pyproject.toml").read_text("utf-8")
        own = {distribution_of(path.name) for path in (plugin / "src").iterdir()}
        for path in plugin.glob("src/**/*.py"):
            for line, module in imported(path):
                package = distribution_of(module.partition(".")[0])
                if package not in known or package in own:
                    continue
                if module not in PUBLIC_MODULES and not own & IN_STEP:
                    wrong.append(f"{path.relative_to(root)}:{line} imports {module}")
                elif f'"{package}' not in project:
                    wrong.append(f"{path.relative_to(root)}:{line}: {package} is not declared")
    assert not wrong, f"A connector in another repository could not rely on these: {wrong}"
