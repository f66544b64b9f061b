"""What the text of a module tells without importing it: whether it holds a source."""

from __future__ import annotations

import ast
import builtins
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, cast

from om_ingest import namespace
from om_ingest.registry.frameworks import is_of_framework

_SUBMODULES = ("metadata", "service_spec")
"""Where openmetadata-ingestion looks in the package of a connector (REST contract §12.3)."""

_NO_BASES = {"pydantic", "om_ingest", *sys.stdlib_module_names}
"""Packages whose classes make no source, unless their name says so."""


def holds_source(module: str, location: str) -> bool:
    """Whether a module in this folder looks like a source, if no entry point declares it.

    It has to have a class, its own or one of its submodules, that is called `…Source`, derives
    from one that is, or has a `next_record`. A helper module has none, nor has a file that is no
    Python. Compiled modules have no text: they count as sources.

    There may be hundreds: a text is parsed only if its lines do not tell. So a source with a
    mistake below the first line of its class is listed; importing it tells the mistake.
    """
    texts = _Text(module, location)
    try:
        text, is_package = texts.read(module)
        if text is None or texts.hold_source(module):
            return True
        submodules = (f"{module}.{name}" for name in _SUBMODULES if is_package)
        return any(texts.read(name)[0] and texts.hold_source(name) for name in submodules)
    except _UNREADABLE:
        return False


def problem_of(module: str, location: str) -> str:
    """Why a module cannot be read as Python, e.g. `line 3: invalid syntax`; empty if it can."""
    try:
        _Text(module, location).names(module)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}" if error.lineno else error.msg
    except _UNREADABLE as error:
        return f"{type(error).__name__}: {error}"
    return ""


_UNREADABLE = (SyntaxError, ValueError, OSError, ImportError, RecursionError, MemoryError)
"""What reading, decoding and parsing a file may raise."""

_HINT = rb"(?i)source|next_record|from[\s\\]+metadata|from[\s\\]*\."
"""What a text has, one of these at least, if a source is defined in it or imported.

Compiled when it is needed, as the two below: most commands look at no text.
"""

_CLASS = (
    rb"(?m)^class[ \t]+(\w+)[ \t]*"
    rb"(?:\([ \t]*(?:\w+\.)*(?:Configured)?(Source)(?![\w.])[^()]*\)|\([^()]*\))?:[ \t]*\r?$"
)
"""The first line of a class, and whether its first base is a `Source` or `ConfiguredSource`."""

_ODD = (
    rb"\b(?:class|as)[ \t]+(?:Configured)?Source\b"
    rb"|\A(?:[^\n]*\n)?[^\n]*coding[:=][ \t]*(?!utf-8)|\0"
)
"""What gives those two names another meaning, or the text another encoding."""


class _Text:
    """A module and its submodules, each read once."""

    def __init__(self, module: str, location: str) -> None:
        self.root = module
        self.location = location
        self._names: dict[str, frozenset[str] | None] = {}
        self._read: dict[str, tuple[bytes | None, bool]] = {}

    def read(self, module: str) -> tuple[bytes | None, bool]:
        """The text of a module, None if there is none, and whether it is a package."""
        if module not in self._read:
            text, path = None, [self.location]
            above = self.root.rpartition(".")[0]
            for part in module[len(above) + 1 :].split("."):
                above = f"{above}.{part}"
                text, path = _read(above, path)
            self._read[module] = text, bool(path)
        return self._read[module]

    def hold_source(self, module: str) -> bool:
        """Whether a module may have a source class, by its lines or by its tree."""
        text, _ = self.read(module)
        if text is not None and not re.search(_HINT, text):
            return False
        return bool(self.plain(module)) or self.names(module) != frozenset()

    def plain(self, module: str) -> frozenset[str]:
        """Source classes that a look at the lines tells; there may be more, which it does not.

        That costs a hundredth of what a tree does. The rest of the text may be no Python.
        """
        text, _ = self.read(module)
        if text is None or re.search(_ODD, text):
            return frozenset()
        return frozenset(
            found[1].decode()
            for found in re.finditer(_CLASS, text)
            if (found[2] or self._is_own(found[1].decode())) and not _is_quoted(text, found.start())
        )

    def names(self, module: str) -> frozenset[str] | None:
        """Names in a module that may be source classes; None if there is no text to tell.

        Raises one of `_UNREADABLE`.
        """
        if module not in self._names:
            self._names[module] = frozenset()  # for submodules that import each other
            try:
                self._names[module] = self._parsed(module)
            except _UNREADABLE:
                self._names[module] = None
                raise
        return self._names[module]

    def _parsed(self, module: str) -> frozenset[str] | None:
        text, is_package = self.read(module)
        if text is None:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those about its text are its author's
            tree = ast.parse(text)
        found: set[str] = set()
        bases: dict[str, bool] = {}
        for node in _statements(tree.body):
            if isinstance(node, ast.ClassDef):
                if self._is_source(node, found, bases):
                    found.add(node.name)
                bases[node.name] = node.name in found
            elif isinstance(node, ast.ImportFrom):
                origin = _origin(node, module if is_package else module.rpartition(".")[0])
                if origin == self.root or origin.startswith(self.root + "."):
                    found.update(self._imported(node, origin))
                elif is_of_framework(origin):  # doctor tells what these need
                    bases.update((alias.asname or alias.name, True) for alias in node.names)
                elif origin.partition(".")[0] in _NO_BASES:
                    for alias in node.names:
                        bases[alias.asname or alias.name] = alias.name.endswith("Source")
            elif isinstance(node, ast.Assign) and isinstance(
                node.value, (ast.Call, ast.Attribute, ast.Name)
            ):
                targets = (target.id for target in node.targets if isinstance(target, ast.Name))
                found.update(name for name in targets if name.endswith(("Source", "ServiceSpec")))
        return frozenset(found)

    def _imported(self, node: ast.ImportFrom, origin: str) -> Iterator[str]:
        """Names that may be source classes, of those imported from a module of its own."""
        try:
            plain = self.plain(origin)
            is_all = plain.issuperset(alias.name for alias in node.names)
            known = plain if is_all else self.names(origin)
        except _UNREADABLE:
            known = None
        for alias in node.names:
            if alias.name == "*":
                yield from ("*",) if known is None else known
            elif alias.name in known if known is not None else alias.name.endswith("Source"):
                yield alias.asname or alias.name

    def _is_source(self, node: ast.ClassDef, found: set[str], bases: dict[str, bool]) -> bool:
        """Whether a class may be a source; `bases` tells of names whether they make one."""
        if self._is_own(node.name):
            return True
        unknown = False
        for base in map(_name, node.bases):
            if base in found or bases.get(base, base.endswith("Source")):
                return True
            unknown |= base not in bases and not hasattr(builtins, base)
        return unknown and (
            node.name.endswith("Source")
            or any(getattr(part, "name", "") == "next_record" for part in node.body)
        )

    def _is_own(self, name: str) -> bool:
        """Whether a class is called like the module: `ShopItemsSource` in `shop_items`."""
        return name.lower() == self.root.rpartition(".")[2].replace("_", "") + "source"


def _is_quoted(text: bytes, place: int) -> bool:
    """Whether a place is probably inside of a string of several lines."""
    return any(text.count(quotes, 0, place) % 2 for quotes in (b'"""', b"'''"))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, those in `if` and `try` included."""
    for node in body:
        yield node
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in ("body", "handlers", "orelse", "finalbody"):
                inner = getattr(node, part, None)
                if isinstance(inner, list):
                    yield from _statements(inner)


def _origin(node: ast.ImportFrom, package: str) -> str:
    """The module that `from … import` means, in a module of this package."""
    if not node.level:
        return node.module or ""
    above = package.split(".")
    return ".".join([*above[: len(above) - node.level + 1], *filter(None, [node.module])])


def _name(base: ast.expr) -> str:
    """The last part of a base class: `ConfiguredSource` of `om_ingest.ConfiguredSource[Config]`."""
    while isinstance(base, ast.Subscript):
        base = base.value
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def _read(module: str, path: Iterable[str]) -> tuple[bytes | None, list[str]]:
    """The text of a module in one of these folders, and the folders of its submodules.

    The text is None if there is none: a compiled module, or no module. Raises what its loader
    raises, an `OSError` for instance.
    """
    for entry in path:
        spec = namespace.spec_in(entry, module)
        if spec is None or spec.origin is None or not spec.has_location:
            continue
        below = list(spec.submodule_search_locations or ())
        if not spec.origin.endswith(".py"):
            return None, below
        return cast("Any", spec.loader).get_data(spec.origin), below
    return None, []
