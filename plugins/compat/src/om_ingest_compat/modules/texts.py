"""What the code of a connector imports of the framework, also in functions that have not run."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from itertools import accumulate
from pathlib import Path

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
    if home is None:
        return
    package = home if hasattr(home, "__path__") else sys.modules.get(module.rpartition(".")[0])
    if package is not None and getattr(package, "__file__", None):
        for folder in package.__path__:
            yield from sorted(Path(folder).rglob("*.py"))
    elif home.__file__:
        yield Path(home.__file__)


def _imitations_in(tree: ast.Module, file: str) -> Iterator[Imitation]:
    """The imports of one file that this plugin imitates or lacks, in the order of its lines."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom) and not node.level and _is_upstream(node.module or ""):
            for alias in node.names:
                if alias.name != "*":
                    yield from _verdict(str(node.module), alias.name, place_in(file, node.lineno))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _is_upstream(alias.name):
                    yield from _verdict(alias.name, "", place_in(file, node.lineno))
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(reversed(node.orelse))
        else:
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _is_upstream(module: str) -> bool:
    return module.partition(".")[0] == "metadata"


def _verdict(module: str, name: str, place: str) -> Iterator[Imitation]:
    """An imitation, if the import of a name, or of a module without one, leads to one."""
    if _is_elsewhere(module):
        return
    if spec_of(module) is None:
        yield Imitation(module, name, names.absence(module), place, is_absent=True)
        return
    inner = f"{module}.{name}"
    if not name or name in MODULES.get(module, ()) or _is_elsewhere(inner):
        return
    if inner in MODULES or (spec_of(inner) is not None and not name[:1].isupper()):
        return
    if module in MODULES or names.is_generated(module):
        what = names.kind_of(module, name) + names.hint(module, name)
        yield Imitation(module, name, what, place)
    else:
        yield Imitation(module, name, names.absence(inner), place, is_absent=True)


def _is_elsewhere(module: str) -> bool:
    """Whether a module is found without this plugin; nothing is imported."""
    path = None
    for full in accumulate(module.split("."), "{}.{}".format):
        known = sys.modules.get(full)
        spec: ModuleSpec | None = getattr(known, "__spec__", None)
        if known is not None and spec is not None and spec.origin != ORIGIN:
            path = getattr(known, "__path__", ())
            continue
        spec = PathFinder.find_spec(full, path)
        if spec is None:
            return False
        path = spec.submodule_search_locations or ()
    return True
