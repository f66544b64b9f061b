"""The modules of a connector: where it begins, and what it imports of its own from there on."""

from __future__ import annotations

import ast
import sys
import sysconfig
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

Import: TypeAlias = ast.Import | ast.ImportFrom

DEPTH = 5
"""Number of names in the module of a connector: `metadata.ingestion.source.FAMILY.NAME`."""

_IMPORT_ERRORS = {"BaseException", "Exception", "ImportError", "ModuleNotFoundError"}

_TYPES_ONLY = ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING")


@dataclass(frozen=True)
class OwnModule:
    """A module of a connector, with its text."""

    name: str
    file: Path
    content: bytes

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text; empty if Python cannot parse it: importing it will tell."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns when it imports the file
            try:
                return ast.parse(self.content)
            except (SyntaxError, ValueError):
                return ast.Module([], [])

    def imported(self) -> Iterator[tuple[str, str, int, bool]]:
        """What it imports when it is imported or runs: the module with its full name, a name in
        it (empty if it is the module itself), the line, and whether it goes on without it.

        What only type checkers see is left out.
        """
        for node, is_optional in _imports(self.tree.body):
            for alias in node.names:
                if isinstance(node, ast.Import):
                    yield alias.name, "", node.lineno, is_optional
                elif alias.name != "*":
                    yield self._home(node), alias.name, node.lineno, is_optional
                else:
                    yield self._home(node), "", node.lineno, is_optional

    def _home(self, node: ast.ImportFrom) -> str:
        """The full name of the module that names are imported from."""
        if not node.level:
            return node.module or ""
        is_package = self.file.stem == "__init__"
        parts = self.name.split(".")
        above = parts[: len(parts) - node.level + is_package]
        return ".".join([*above, *([node.module] if node.module else [])])


def own_modules(starts: Iterable[str]) -> Iterator[OwnModule]:
    """The modules of a connector that `starts` lead to, in the order in which they are met.

    Nothing is imported: what a function would import is there, too, and files that nothing imports
    are not. Own is what lies in the same package, or, outside of installed packages, in the same
    folder.
    """
    waiting = list(starts)
    if not waiting:
        return
    home = _Home(waiting[0])
    seen = set()
    for name in waiting:
        for full in accumulate(name.split("."), "{}.{}".format):  # packages are imported first
            file = home.file_of(full) if full not in seen else None
            seen.add(full)
            if file is None:
                continue
            try:
                own = OwnModule(full, file, file.read_bytes())
            except OSError:
                continue
            yield own
            for module, inner, _, _ in own.imported():
                waiting.append(f"{module}.{inner}" if inner else module)


class _Home:
    """Where the modules of a connector lie."""

    def __init__(self, module: str) -> None:
        parts = module.split(".")
        self._package = ".".join(parts[: DEPTH if parts[0] == "metadata" else 1])
        self._roots = list(dict.fromkeys(_roots(self._package)))
        installed = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib")}
        self._folders = [root for root in self._roots if root not in installed]

    def file_of(self, module: str) -> Path | None:
        """The file of a module; None if it is none of the connector's, or a mere folder."""
        is_inside = f"{module}.".startswith(f"{self._package}.")
        for root in self._roots if is_inside else self._folders:
            bare = root.joinpath(*module.split("."))
            for file in (bare / "__init__.py", bare.with_suffix(".py")):
                if file.is_file():
                    return file
        return None


def _roots(package: str) -> Iterator[Path]:
    """The folders that a loaded package, or module in no package, lies in."""
    found = sys.modules.get(package)
    for folder in getattr(found, "__path__", ()):
        yield Path(folder).parents[package.count(".")]
    if found is not None and not hasattr(found, "__path__") and found.__file__:
        yield Path(found.__file__).parents[package.count(".")]


def _imports(
    nodes: Iterable[ast.AST], *, is_optional: bool = False
) -> Iterator[tuple[Import, bool]]:
    """Every import that runs, and whether the code goes on without it."""
    for node in nodes:
        if isinstance(node, Import):
            yield node, is_optional
        elif isinstance(node, ast.If) and ast.unparse(node.test) in _TYPES_ONLY:
            yield from _imports(node.orelse, is_optional=is_optional)
        elif isinstance(node, ast.Try):
            yield from _imports(node.body, is_optional=is_optional or _goes_on(node))
            others = (*node.handlers, *node.orelse, *node.finalbody)
            yield from _imports(others, is_optional=is_optional)
        else:
            yield from _imports(ast.iter_child_nodes(node), is_optional=is_optional)


def _goes_on(node: ast.Try) -> bool:
    """Whether the code catches the error of an import."""
    caught = [ast.unparse(handler.type or ast.Name("Exception")) for handler in node.handlers]
    names = {name for each in caught for name in each.strip("()").split(", ")}
    return not names.isdisjoint(_IMPORT_ERRORS)
