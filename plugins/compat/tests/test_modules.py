"""The upstream modules that a connector imports."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from typing import Any

import pytest
from om_ingest_compat import hooks
from om_ingest_compat.imitations import IMITATIONS


class Finder:
    """Asks the plugin for modules that nobody has, as the host does."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """A module of the framework."""
        return hooks.om_ingest_find_module(name) if name.startswith("metadata") else None


@pytest.fixture(autouse=True)
def finder() -> Iterator[None]:
    """Upstream modules can be imported in a test, and are forgotten afterwards."""
    before, finder = dict(sys.modules), Finder()
    sys.meta_path.append(finder)
    IMITATIONS.clear()
    yield
    sys.meta_path.remove(finder)
    for name in set(sys.modules) - set(before):
        if name.startswith("metadata"):
            del sys.modules[name]


def executed(code: str) -> dict[str, Any]:
    """The names that the code of a connector leaves."""
    found: dict[str, Any] = {"__name__": "connector"}
    exec(compile(code, "connector.py", "exec"), found)  # noqa: S102 # code of this test
    return found


def test_unknown_module() -> None:
    """A module that no release has is not found."""
    with pytest.raises(ModuleNotFoundError, match=r"metadata\.no_such"):
        importlib.import_module("metadata.no_such.thing")
