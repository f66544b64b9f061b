"""Holds the table of modules against real releases of openmetadata-ingestion; run by hand.

    python plugins/compat/tests/upstream_names.py FOLDER…

Each folder holds a release: an unpacked wheel, or the `site-packages` that pip has put it into.
Only names are read, and nothing is imported. It ends with 1 if the table has a module or name that
none of these releases has, or lacks a module of the packages that connectors import from; and if a
generated model does not take a field of one of them, or an enum lacks a member.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from om_ingest.model import Model
from om_ingest_compat.models import core_of, earlier
from om_ingest_compat.modules.names import resolved
from om_ingest_compat.modules.table import AREAS, MODULES
from om_ingest_compat.modules.table.importable import PACKAGES

LEFT_OUT = {
    "metadata.ingestion.source.database.extended_sample_data",
    "metadata.ingestion.source.database.sample_data",
    "metadata.ingestion.source.database.sample_usage",
    "metadata.ingestion.source.ldap_users",
}
"""Connectors of the framework itself that lie beside what other connectors import."""


def modules_in(folder: Path) -> Iterator[tuple[str, dict[str, bool]]]:
    """Each module of a release in a package of the table, with its names."""
    for file in (folder / "metadata").rglob("*.py"):
        module = ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        is_plain = file.name != "__init__.py"
        if module in MODULES or (is_plain and module.rpartition(".")[0] in PACKAGES):
            yield module, names_in(ast.parse(file.read_bytes()))


def names_in(tree: ast.AST) -> dict[str, bool]:
    """What the statements of a module define, and import (False): not those within functions."""
    found: dict[str, bool] = {}
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found[node.name] = True
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                found[(alias.asname or alias.name).partition(".")[0]] = False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = True
        else:
            found |= names_in(node)
    return found


def findings(releases: list[dict[str, dict[str, bool]]]) -> Iterator[str]:
    """What is wrong with the table."""
    for module, names in MODULES.items():
        found = [release[module] for release in releases if module in release]
        if not found:
            yield f"{module} is in none of them"
        for name in names if found else ():
            if not any(name in each for each in found):
                yield f"{module}.{name} is in none of them"
    for module in sorted(set().union(*releases) - set(MODULES) - LEFT_OUT):
        yield f"{module} cannot be imported"


def lacking(folder: Path) -> Iterator[str]:
    """The fields and members of a release that our models and enums do not have."""
    for module, names in AREAS["generated"].items():
        file = folder.joinpath(*module.split(".")).with_suffix(".py")
        for node in ast.parse(file.read_bytes()).body if file.exists() else ():
            if isinstance(node, ast.ClassDef) and node.name in names:
                ours = resolved(module, node.name, names[node.name])
                known = _known(ours)
                for name in names_in(node) if known else ():
                    if name not in known and not name.startswith("__"):
                        yield f"{folder.name}: {module}.{node.name} has {name}"


def _known(ours: Any) -> set[str]:
    """What a model takes, or an enum has; empty for what takes anything."""
    if isinstance(ours, type) and issubclass(ours, Enum):
        return {*dir(ours), *vars(ours)}  # also by earlier names
    if not isinstance(ours, type) or not issubclass(ours, Model):
        return set()
    core = core_of(ours)
    aliases = {field.alias for field in ours.model_fields.values() if field.alias}
    earlier_ones = {*earlier.of_model(core), *earlier.IGNORED.get(core.__name__, ())}
    rewritten = earlier.REWRITES.get(core.__name__, ((), None))[0]
    own = {"Config", "model_config", "root"}
    return {*ours.model_fields, *aliases, *earlier_ones, *rewritten, *own}


def coverage(releases: list[dict[str, dict[str, bool]]]) -> Iterator[str]:
    """How many of the names that releases define in the modules of an area are there."""
    for area, modules in AREAS.items():
        upstream = {
            f"{module}.{name}"
            for release in releases
            for module in modules
            for name, is_defined in release.get(module, {}).items()
            if is_defined or name in modules[module]
        }
        count = sum(map(len, modules.values()))
        yield f"{area}: {count:,} of {len(upstream):,} names, in {len(modules):,} modules"


def main(folders: list[str]) -> int:
    """Print coverage and findings."""
    warnings.simplefilter("ignore")  # Python warns of some of these files
    releases = [dict(modules_in(Path(folder))) for folder in folders]
    print(*coverage(releases), sep="\n")
    found = [*findings(releases), *(line for each in folders for line in lacking(Path(each)))]
    print(*found, sep="\n")
    return 1 if found or not releases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
