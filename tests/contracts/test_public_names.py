"""Packages with a `__init__.pyi` are flat lists of names that are loaded when first used."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import om_ingest
import pytest

SOURCE = Path(str(om_ingest.__file__)).parent
PACKAGES = sorted(
    ".".join(("om_ingest", *stub.parent.relative_to(SOURCE).parts))
    for stub in SOURCE.rglob("__init__.pyi")
)


def typed_imports(package: str) -> list[tuple[str, str]]:
    """Name and module of each line of the stub, as a type checker reads them."""
    stub = Path(str(importlib.import_module(package).__file__)).with_suffix(".pyi")
    imports = (
        node for node in ast.parse(stub.read_text("utf-8")).body if isinstance(node, ast.ImportFrom)
    )
    return [(alias.asname or "", str(node.module)) for node in imports for alias in node.names]


def test_the_public_packages_are_known() -> None:
    """The packages that this module looks at are there, `om_ingest` among them."""
    assert {"om_ingest", "om_ingest.kinds", "om_ingest.model", "om_ingest.sinks"} <= {*PACKAGES}


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_are_sorted_and_unique(package: str) -> None:
    """`__all__` is sorted and names nothing twice, `dir` shows it; the stub repeats nothing."""
    names = importlib.import_module(package).__all__
    assert names == sorted(set(names))
    assert {*names} - {"__version__"} <= {*dir(importlib.import_module(package))}
    typed = [name for name, _ in typed_imports(package)]
    assert sorted(typed) == sorted(set(typed))


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_resolve(package: str) -> None:
    """Every public name can be loaded, and is what the type checker takes it for."""
    loaded = importlib.import_module(package)
    for name, home in typed_imports(package):
        module = importlib.import_module(home)
        expected = getattr(module, name, None) or importlib.import_module(f"{home}.{name}")
        assert getattr(loaded, name) is expected, name
    assert om_ingest.__version__


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_and_programs_see_the_same_names(package: str) -> None:
    """The names of the stub equal those that the package has when it runs."""
    typed = {name for name, _ in typed_imports(package)}
    names = {*importlib.import_module(package).__all__} - {"__version__"}
    assert names == typed


def test_unknown_names_are_attribute_errors() -> None:
    """A name that is not public is an ordinary AttributeError, as `hasattr` needs it."""
    assert not hasattr(om_ingest, "no_such_name")
