"""What the code of a connector imports of the framework, also in functions that have not run."""

from __future__ import annotations

import ast
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib.machinery import ModuleSpec
from itertools import accumulate

from om_ingest_compat.client.open_metadata import CALLED, MISSING, MODULE
from om_ingest_compat.imitations import Imitation, place_in
from om_ingest_compat.models.of_connectors import as_in_pydantic_one, is_of_pydantic_one
from om_ingest_compat.modules import names
from om_ingest_compat.modules.facade import ORIGIN, spec_of
from om_ingest_compat.modules.own import DEPTH, OwnModule, own_modules
from om_ingest_compat.modules.table import MODULES


def read_code(begins: Sequence[str]) -> Callable[[], Iterable[Imitation]]:
    """Read the code of a connector, from the modules on that it begins with; imports none of it.

    Its own models mean what they meant with pydantic 1 if it was written for that. What is returned
    tells what the code imports that this plugin only imitates or lacks.
    """
    beside = [f"{home}.connection" for module in begins for home in (module, _package_of(module))]
    code = list(own_modules([*begins, *beside]))
    if is_of_pydantic_one(own.content for own in code):
        as_in_pydantic_one(own.name for own in code)
    return partial(_imitations_of, code)


def _package_of(module: str) -> str:
    return module.rpartition(".")[0] or module


def _imitations_of(code: Iterable[OwnModule]) -> Iterator[Imitation]:
    for own in code:
        if b"metadata" in own.content:
            yield from _imitations_in(own)


def _imitations_in(own: OwnModule) -> Iterator[Imitation]:
    """The imports of one module that this plugin imitates or lacks, in the order of its lines."""
    for module, name, line, is_optional in own.imported():
        if module.partition(".")[0] == "metadata":
            found = _verdict(module, name, place_in(own.name, str(own.file), line))
            if found is not None and not (found.is_absent and is_optional):
                yield found
    for method, line in _calls(own.tree):
        place = place_in(own.name, str(own.file), line)
        yield Imitation(MODULE, f"OpenMetadata.{method}", CALLED, place)


def _calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The methods of the client that are called and that no store has, with their lines."""
    missing = set(MISSING.split())
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in missing:
            client = ast.unparse(node.value).rpartition(".")[2]
            if client in ("metadata", "ometa", "openmetadata"):
                yield node.attr, node.lineno


def _verdict(module: str, name: str, place: str) -> Imitation | None:
    """An imitation, if the import of a name, or of a module without one, leads to one."""
    if _is_elsewhere(module):
        return None
    if spec_of(module) is None:
        is_own = _is_elsewhere(".".join(module.split(".")[:DEPTH]))
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
