"""`om_ingest` is a flat list of names that are loaded when first used."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import om_ingest

TREE = ast.parse(Path(str(om_ingest.__file__)).read_text("utf-8"))


def typed_imports() -> dict[str, str]:
    """Name -> module, as a type checker reads them below `if TYPE_CHECKING`."""
    (block,) = (
        node
        for node in TREE.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imports = (node for node in block.body if isinstance(node, ast.ImportFrom))
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def lazy_table() -> dict[str, str]:
    """Name -> module, as the module itself looks them up when it runs."""
    (table,) = (
        ast.literal_eval(node.value)
        for node in TREE.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOMES"
    )
    return {name: module for module, names in table.items() for name in names}


def test_public_names_are_sorted_and_unique() -> None:
    """`om_ingest.__all__` is sorted and names nothing twice."""
    assert om_ingest.__all__ == sorted(set(om_ingest.__all__))


def test_public_names_resolve() -> None:
    """Every public name can be loaded, and is what the type checker takes it for."""
    for name, module in typed_imports().items():
        loaded = getattr(om_ingest, name)
        assert loaded is getattr(importlib.import_module(module), name), name
    assert om_ingest.__version__


def test_type_checkers_and_programs_see_the_same_names() -> None:
    """The table of lazy names equals the imports for type checkers, and both equal `__all__`."""
    typed = typed_imports()
    modules = {name for name in typed if name == "fqn"}  # a module is loaded, not looked up
    assert lazy_table() == {name: typed[name] for name in typed if name not in modules}
    assert {*typed, "__version__"} == set(om_ingest.__all__)


def test_unknown_names_are_attribute_errors() -> None:
    """A name that is not public is an ordinary AttributeError, as `hasattr` needs it."""
    assert not hasattr(om_ingest, "no_such_name")
