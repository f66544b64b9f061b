"""Tables of what `om-ingest-compat` covers, from what it uses itself."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from om_ingest_compat.client.open_metadata import MISSING, OpenMetadata
from om_ingest_compat.models import earlier
from om_ingest_compat.modules.table import AREAS, MODULES
from om_ingest_compat.topology.nodes import ServiceTopology, TopologyNode
from tables import codes, prose, table


def _modules(area: str) -> Iterator[str]:
    """The modules of an area with the names that they have."""
    rows = [
        (f"`{module}`", codes(sorted(names)))
        for module, names in sorted(AREAS[area].items())
        if names
    ]
    yield from table(("module", "names"), rows)


def _importable() -> Iterator[str]:
    """The modules that can only be imported, by package."""
    modules: dict[str, list[str]] = {}
    for module, names in MODULES.items():
        if not names:
            package, _, name = module.rpartition(".")
            modules.setdefault(package, []).append(name)
    rows = [(f"`{package}`", codes(sorted(names))) for package, names in sorted(modules.items())]
    yield from table(("package", "modules"), rows)


def _client() -> list[tuple[str, str]]:
    """The methods of the client as they are called, each with what it does."""
    found = []
    for name, method in inspect.getmembers(OpenMetadata, inspect.isroutine):
        if not name.startswith("_"):
            signature = inspect.signature(method)
            parameters = [
                each.replace(annotation=each.empty)
                for each in signature.parameters.values()
                if each.name != "self"
            ]
            called = signature.replace(parameters=parameters, return_annotation=signature.empty)
            found.append((f"{name}{called}", (inspect.getdoc(method) or "").partition("\n\n")[0]))
    return found


def _methods() -> Iterator[str]:
    rows = [(f"`{called}`", prose(does)) for called, does in _client()]
    yield from table(("method", "what it does"), rows)


def _missing() -> Iterator[str]:
    yield codes(sorted(MISSING.split()))


def _earlier() -> Iterator[str]:
    """The fields that are taken and read by the names of earlier releases."""
    rows = [
        (f"`{name}`", f"`{field.current}`" + (" (its first item)" if field.is_one else ""))
        for name, field in earlier.FIELDS.items()
    ]
    rows += [
        (f"{codes(names)} of `{model}`", "the fields that took their place")
        for model, (names, _) in earlier.REWRITES.items()
    ]
    for model, ignored in earlier.IGNORED.items():
        for why in dict.fromkeys(ignored.values()):
            names = codes([name for name, reason in ignored.items() if reason == why])
            rows.append((f"{names} of `{model}`", why))
    yield from table(("field", "is now"), rows)


def _members() -> Iterator[str]:
    """The members of enums that upstream calls, or called, by another name."""
    rows = [
        (f"`{enum}`", f"`{name}`", f"`{current}`")
        for enum, members in earlier.MEMBERS.items()
        for name, current in members.items()
    ]
    yield from table(("enum", "member", "is"), rows)


def _bases() -> Iterator[tuple[type[Any], ServiceTopology]]:
    """The base classes of families, each with what it calls."""
    for module in AREAS["topology"]:
        if module.startswith("metadata.ingestion.source."):
            for target in AREAS["topology"][module].values():
                home, _, name = target.partition(":")
                found = getattr(importlib.import_module(home), name)
                topology = getattr(found, "topology", None)
                if isinstance(found, type) and isinstance(topology, ServiceTopology):
                    yield found, topology


def _hooks() -> Iterator[str]:
    """What each base class of a family calls, in its order, and what a connector has to write."""
    for base, topology in _bases():
        rows = []
        for name in _nodes(topology):
            node: TopologyNode = getattr(topology, name)
            stages = codes([stage.processor for stage in node.stages])
            after = codes(node.post_process or ()) or "-"
            rows.append((f"`{name}`", f"`{node.producer}`", stages, after))
        written = codes(sorted(getattr(base, "__abstractmethods__", ())))
        yield from (f"### `{base.__name__}`", "", f"A connector has to write {written}.", "")
        yield from table(("node", "elements", "called with each", "called at the end"), rows)
        yield ""


def _nodes(topology: ServiceTopology) -> Iterator[str]:
    """The names of the nodes, each before those below it."""
    waiting = ["root"]
    for name in waiting:
        yield name
        waiting += getattr(topology, name).children or ()


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    **{f"compat-{area}": partial(_modules, area) for area in AREAS if area != "importable"},
    "compat-importable": _importable,
    "compat-methods": _methods,
    "compat-missing": _missing,
    "compat-earlier": _earlier,
    "compat-members": _members,
    "compat-hooks": _hooks,
}
