"""Where things are, how large they are, and what they are called."""

from __future__ import annotations

import ast
from pathlib import Path

MAX_LINES = 300
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers"}
PUBLIC_MODULES = {
    "om_ingest",
    "om_ingest_catalog",
    "om_ingest.hookspecs",
    "om_ingest.model",
    "om_ingest.kinds",
    "om_ingest.testing",
}


def shipped(files: list[Path]) -> list[Path]:
    """The modules of every distribution, and of the benchmarks."""
    return [
        path
        for path in files
        if path.suffix == ".py" and ("src" in path.parts or path.parts[0] == "benchmarks")
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


def test_plugins_import_only_public_names(root: Path, plugins: list[Path]) -> None:
    """A plugin imports `om_ingest` and its public modules, nothing deeper."""
    wrong = []
    for path in (path for plugin in plugins for path in plugin.glob("src/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [str(node.module)]
            else:
                continue
            wrong += [
                f"{path.relative_to(root)}:{node.lineno} imports {module}"
                for module in modules
                if module.split(".")[0] == "om_ingest" and module not in PUBLIC_MODULES
            ]
    assert not wrong, f"A connector in another repository could not rely on these: {wrong}"
