"""Source classes in folders that are searched for one command: those outside of the namespace."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from om_ingest.distributions import NO_PACKAGE
from om_ingest.registry.frameworks import FRAMEWORK, imported_of_framework
from om_ingest.registry.requirements import missing
from om_ingest.registry.sources import MISSING, NOT_CHECKED, InstalledSource, source_of

_DEPTH = 4
"""Folders below each other that are looked into."""

_FILES = 1_000
"""Modules that are looked at, at most: a folder may hold anything."""

_NO_CODE = {"metadata", "tests", "test", "docs", "build", "dist", "src", "node_modules"}
"""The namespace is searched in another way; what lies in `src` is found from there."""

_PACKAGES = ("metadata", "om_ingest")
"""Where the base classes of sources come from."""

_ENDINGS = ("Source", "SourceService")
"""How base classes of sources are called."""


def sources_in(folders: Iterable[str]) -> Iterator[InstalledSource]:
    """Classes that derive from a source of OpenMetadata or om-ingest; nothing is imported.

    A folder that pip has installed into is left out: metadata tells what it has.
    """
    for folder in map(Path, folders):
        if any(folder.glob("*.dist-info")):
            continue
        for module, file in _modules(folder):
            try:
                text = file.read_bytes()
                names = list(_classes(text))
            except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            lacks = missing((FRAMEWORK,)) if any(imported_of_framework(text)) else ""
            for name in names:
                source = source_of(name, NO_PACKAGE, "folder", f"{module}:{name}")
                status = MISSING if lacks else NOT_CHECKED
                yield replace(source, status=status, detail=lacks)


def _modules(folder: Path) -> Iterator[tuple[str, Path]]:
    """The modules in a folder by their dotted names, those at the top first."""
    count = 0
    for place, below, files in os.walk(folder):
        inner = Path(place).relative_to(folder).parts
        below[:] = [
            name
            for name in sorted(below)
            if name.isidentifier()
            and name not in _NO_CODE
            and not name.startswith("_")
            and len(inner) < _DEPTH
            and not Path(place, name, "pyvenv.cfg").exists()
        ]
        for name in sorted(files):
            stem, ending = os.path.splitext(name)  # noqa: PTH122  # there may be thousands
            if ending == ".py" and stem.isidentifier() and count < _FILES:
                count += 1
                yield ".".join([*inner, stem]).removesuffix(".__init__"), Path(place, name)


def _classes(text: bytes) -> Iterator[str]:
    """The classes in a text that derive from an imported source, or from one of these."""
    if not any(package.encode() in text for package in _PACKAGES):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those about its text are its author's
        tree = ast.parse(text)
    bases: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _top(node) in _PACKAGES:
            names = (alias for alias in node.names if alias.name.endswith(_ENDINGS))
            bases.update(alias.asname or alias.name for alias in names)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and bases.intersection(map(_base, node.bases)):
            bases.add(node.name)
            if not node.name.startswith("_"):
                yield node.name


def _top(node: ast.ImportFrom) -> str:
    """The top-level package that names are imported from; empty for the module's own."""
    return "" if node.level else (node.module or "").partition(".")[0]


def _base(node: ast.expr) -> str:
    """The name of a base class: `Source` of `Source`, and of `Source[Config]`."""
    inner = node.value if isinstance(node, ast.Subscript) else node
    return inner.id if isinstance(inner, ast.Name) else ""
