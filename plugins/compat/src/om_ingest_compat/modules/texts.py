"""What the code of a connector imports of the framework, also in functions that have not run."""

from __future__ import annotations

import ast
import pkgutil
import sys
import warnings
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

from om_ingest_compat.client.open_metadata import CALLED, MISSING, MODULE
from om_ingest_compat.imitations import Imitation, place_in
from om_ingest_compat.modules import names
from om_ingest_compat.modules.facade import ORIGIN, spec_of
from om_ingest_compat.modules.table import MODULES


def imitations_of(module: str) -> Iterator[Imitation]:
    """What the package of a connector's module imports and this plugin only imitates or lacks.

    Reads the files of that package, and imports none of them. What only type checkers see is left
    out.
    """
    for file in _files(module):
        try:
            content = file.read_bytes()
            if b"metadata" not in content:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python warns when it imports the file
                tree = ast.parse(content)
        except (OSError, SyntaxError, ValueError):  # importing it will tell
            continue
        yield from _imitations_in(tree, str(file))


def _files(module: str) -> Iterator[Path]:
    """The files of the package that a module lies in, or that of a module in no package."""
    home = sys.modules.get(module)
    above = module.rpartition(".")[0]
    if above and (not above.startswith("metadata") or names.is_of_connector(above)):
        home = sys.modules.get(above, home)
    for folder in getattr(home, "__path__", ()):
        yield from sorted(Path(folder).rglob("*.py"))
    if home is not None and not hasattr(home, "__path__") and home.__file__:
        yield Path(home.__file__)


def _imitations_in(tree: ast.Module, file: str) -> Iterator[Imitation]:
    """The imports of one file that this plugin imitates or lacks, in the order of its lines."""
    for node, is_optional in _imports(tree.body):
        place = place_in(file, node.lineno)
        for module, name in _imported(node):
            if module.partition(".")[0] == "metadata":
                found = _verdict(module, name, place)
                if found is not None and not (found.is_absent and is_optional):
                    yield found
    for method, line in _calls(tree):
        yield Imitation(MODULE, f"OpenMetadata.{method}", CALLED, place_in(file, line))


def _calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The methods of the client that are called and that no store has, with their lines."""
    missing = set(MISSING.split())
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in missing:
            client = ast.unparse(node.value).rpartition(".")[2]
            if client in ("metadata", "ometa", "openmetadata"):
                yield node.attr, node.lineno


_Import: TypeAlias = ast.Import | ast.ImportFrom

_IMPORT_ERRORS = {"BaseException", "Exception", "ImportError", "ModuleNotFoundError"}

_TYPES_ONLY = ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING")


def _imports(
    nodes: Iterable[ast.AST], *, is_optional: bool = False
) -> Iterator[tuple[_Import, bool]]:
    """Every import that runs, and whether the code goes on without it."""
    for node in nodes:
        if isinstance(node, _Import):
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


def _imported(node: _Import) -> Iterator[tuple[str, str]]:
    """Each module with the name that is imported from it; empty if it is the module itself."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield alias.name, ""
        elif node.module and not node.level and alias.name != "*":
            yield node.module, alias.name


def _verdict(module: str, name: str, place: str) -> Imitation | None:
    """An imitation, if the import of a name, or of a module without one, leads to one."""
    if _is_elsewhere(module):
        return None
    if spec_of(module) is None:
        is_own = _is_elsewhere(".".join(module.split(".")[:_DEPTH]))
        what = "the connector has no such module" if is_own else names.absence(module)
        return Imitation(module, name, what, place, is_absent=True)
    inner = f"{module}.{name}"
    if not name or name in MODULES.get(module, ()) or inner in MODULES or _is_elsewhere(inner):
        return None
    if spec_of(inner) is not None and not name[:1].isupper():
        return None
    if module in MODULES or names.is_generated(module):
        what = names.kind_of(module, name) + names.hint(module, name)
        return Imitation(module, name, what, place)
    return Imitation(module, name, names.absence(inner), place, is_absent=True)


_DEPTH = 5
"""Number of names in the module of a connector: `metadata.ingestion.source.FAMILY.NAME`."""


def _is_elsewhere(module: str) -> bool:
    """Whether a module is found without this plugin; nothing is imported."""
    path = list(sys.path)
    for full in accumulate(module.split("."), "{}.{}".format):
        known = sys.modules.get(full)
        spec: ModuleSpec | None = getattr(known, "__spec__", None)
        if known is not None and spec is not None and spec.origin != ORIGIN:
            path = list(getattr(known, "__path__", ()))
            continue
        # One by one: PathFinder looks for the package above in sys.modules.
        finders = [finder for entry in path if (finder := pkgutil.get_importer(entry or "."))]
        specs = [spec for finder in finders if (spec := finder.find_spec(full))]
        if not specs:
            return False
        whole = next((spec for spec in specs if spec.loader), None)
        portions = [whole] if whole else specs
        path = [folder for spec in portions for folder in spec.submodule_search_locations or ()]
    return True
