"""Tables of what `om-ingest-compat` covers, from the table that its finder uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from om_ingest_compat.modules.table import AREAS, MODULES
from tables import codes, table


def _modules(area: str) -> Iterator[str]:
    """The modules of an area with the names that they have."""
    rows = [(f"`{module}`", codes(sorted(names))) for module, names in sorted(AREAS[area].items())]
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


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    **{f"compat-{area}": partial(_modules, area) for area in AREAS if area != "importable"},
    "compat-importable": _importable,
}
