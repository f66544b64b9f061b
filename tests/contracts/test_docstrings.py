"""What is public is explained."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import om_ingest


def public_objects() -> Iterator[tuple[str, object]]:
    """Every public class, function and method that core defines, with its dotted name."""
    for info in pkgutil.walk_packages(om_ingest.__path__, "om_ingest."):
        if info.name.endswith(".__main__"):  # would run the command
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            own = getattr(value, "__module__", None) == info.name
            if name.startswith("_") or not own:
                continue
            if inspect.isclass(value):
                yield f"{info.name}.{name}", value
                for attribute, member in vars(value).items():
                    callable_ = inspect.isroutine(member) or isinstance(member, property)
                    if callable_ and not attribute.startswith("_"):
                        yield f"{info.name}.{name}.{attribute}", getattr(value, attribute)
            elif inspect.isroutine(value):
                yield f"{info.name}.{name}", value


def test_public_code_has_docstrings() -> None:
    """Every public class and function has a docstring; a method may inherit its own."""
    found = dict(public_objects())
    assert len(found) > 100, "the walk over core's modules finds too little to prove anything"
    bare = [
        name
        for name, value in found.items()
        # A class would inherit the docstring of object or BaseModel, which explains nothing.
        if not (value.__doc__ if inspect.isclass(value) else inspect.getdoc(value))
    ]
    assert not bare, f"Say what the caller gets: {bare}"
