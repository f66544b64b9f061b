"""Attribute docstrings of models, read from the source text when somebody wants the manual.

`Settings` does not collect them when the class is made: that would cost each run its time.
"""

from __future__ import annotations

import ast
import inspect
import textwrap

from pydantic import BaseModel


def of_attributes(model: type[BaseModel]) -> dict[str, str]:
    """The docstring of each field that has one, by the field's name, inherited ones included."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            found.update(_own(cls))
    return {name: text for name, text in found.items() if name in model.model_fields}


def _own(cls: type[BaseModel]) -> dict[str, str]:
    try:
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    except (OSError, TypeError, SyntaxError, ValueError):  # no source text, or not by itself
        return {}
    if not isinstance(node, ast.ClassDef):
        return {}
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in zip(node.body, node.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
