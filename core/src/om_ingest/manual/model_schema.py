"""JSON Schema and attribute docstrings of one settings model, for editors and pages."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Set
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

Schema: TypeAlias = dict[str, Any]

DEFINITIONS = "#/$defs/"
"""Prefix of a reference to a definition."""

VARIABLE: Schema = {"$ref": f"{DEFINITIONS}variable"}
"""Alternative to every value that is not any text: a run replaces variables first."""

_VARIABLE_PATTERN = r"\$[{\w]"
SHARED: dict[str, Schema] = {
    "variable": {
        "type": "string",
        "pattern": _VARIABLE_PATTERN,
        "title": "Variable",
        "description": "`${NAME}`, `${NAME:-text}` or `${file:/run/secrets/x}`.",
    }
}
"""Definitions that all schemas refer to."""

_TEXTS = {
    "integer": rf"{_VARIABLE_PATTERN}|^\s*[-+]?[0-9_]+\s*$",
    "number": rf"{_VARIABLE_PATTERN}|^\s*[-+.]?[0-9]",
    # Editors read YAML 1.2, where `yes` is a word; a run reads 1.1, where it is a flag.
    "boolean": rf"{_VARIABLE_PATTERN}|^([Yy]es|[Nn]o|[Oo]n|[Oo]ff|[Tt]rue|[Ff]alse)$",
}
"""Texts accepted for a value of each type: variables, and texts that a run converts."""

_NARROW = {"enum", "const", "pattern"}
_WIDE_FORMATS = {"password", "path", "binary"}
"""Formats that accept every text."""

_ABOUT = ("title", "description", "markdownDescription", "default")

_OPTIONAL = ".optional"
"""Suffix of a definition that is an object or null."""


class _Documented(GenerateJsonSchema):
    """Adds attribute docstrings as descriptions."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        properties = made.get("properties", {})
        for name, text in attribute_docstrings(model).items():
            field = model.model_fields[name]
            for key in (name, field.alias, field.validation_alias):
                if isinstance(key, str) and key in properties:
                    properties[key].setdefault("description", text)
        for part in (made, *properties.values()):
            if "description" in part:
                part.update(_told(part["description"]))
        return made


def _told(description: str) -> Schema:
    """A description with each paragraph on one line, and as Markdown for VS Code."""
    text = "\n\n".join(" ".join(part.split()) for part in description.split("\n\n"))
    return {"description": text, **({"markdownDescription": text} if "`" in text else {})}


def of_model(model: type[BaseModel], key: str) -> tuple[Schema, dict[str, Schema]]:
    """A model's schema, and the definitions that it refers to, named `<key>.<Model>`.

    Variables are allowed wherever a run replaces them.
    """
    whole = model.model_json_schema(
        schema_generator=_Documented, ref_template=f"{DEFINITIONS}{key}.{{model}}"
    )
    parts = {f"{key}.{name}": part for name, part in whole.pop("$defs", {}).items()}
    objects = {DEFINITIONS + name for name, part in parts.items() if part.get("type") == "object"}
    whole = _accepting(whole, objects)
    parts = {name: _accepting(part, objects) for name, part in parts.items()}
    parts.update({f"{name}{_OPTIONAL}": optional(part) for name, part in parts.items()})
    used = json.dumps([whole, parts])
    return whole, {name: part for name, part in parts.items() if f'"{DEFINITIONS}{name}"' in used}


def optional(schema: Schema) -> Schema:
    """The schema of an object or null."""
    return {**schema, "type": ["object", "null"]}


def resolved(key: str, parts: dict[str, Schema]) -> tuple[Schema, str]:
    """The object at a key of `$defs`, and its final key: a recursive model is a reference."""
    while reference := parts[key].get("$ref"):
        key = reference.removeprefix(DEFINITIONS)
    return parts[key], key


def _accepting(schema: Schema, objects: Set[str]) -> Schema:
    """The schema with a variable allowed in place of each value, at any depth."""
    schema = {
        key: _below(key, value, objects)
        for key, value in _one_type(schema, objects).items()
        if key != "discriminator"
    }
    kind = schema.get("type")
    if not _is_narrow(schema):
        if isinstance(kind, str) and kind in _TEXTS:
            told = {
                "pattern": _TEXTS[kind],
                "patternErrorMessage": f"Expected: {kind}, or ${{NAME}}",
            }
            return {**schema, "type": [kind, "string"], **told}
        return schema
    told = {key: schema.pop(key) for key in _ABOUT if key in schema}
    return {**told, "anyOf": [schema, VARIABLE]}


def _below(key: str, value: Any, objects: Set[str]) -> Any:
    if key in ("properties", "patternProperties"):
        return {name: _accepting(part, objects) for name, part in value.items()}
    if key in ("items", "additionalProperties") and isinstance(value, dict):
        return _accepting(value, objects)
    if key in ("anyOf", "allOf", "prefixItems"):
        return [_accepting(part, objects) for part in value]
    return value


def _one_type(schema: Schema, objects: Set[str]) -> Schema:
    """The schema; one of something or null becomes a single type.

    An editor that has to choose between two schemas complains about a value as a whole, and
    not about what is wrong inside it.
    """
    if "oneOf" in schema:  # a variable would fit several of them
        schema = {("anyOf" if key == "oneOf" else key): part for key, part in schema.items()}
    choice = schema.get("anyOf", ())
    if len(choice) != 2 or choice[1] != {"type": "null"}:
        return schema
    told = {key: value for key, value in schema.items() if key != "anyOf"}
    reference, kind = choice[0].get("$ref"), choice[0].get("type")
    if reference in objects:
        return {**told, "$ref": reference + _OPTIONAL}
    if kind in ("array", "object"):
        return {**choice[0], **told, "type": [kind, "null"]}
    return schema


def _is_narrow(schema: Schema) -> bool:
    """Whether it accepts only some texts, or values of a list."""
    return bool(_NARROW & schema.keys()) or schema.get("format", "path") not in _WIDE_FORMATS


def attribute_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The docstring of each field that has one, by the field's name, inherited ones included.

    They are read from the source text here: `Settings` does not collect them when a class is
    made, which would slow down every run.
    """
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            found.update(_own_docstrings(cls))
    return {name: text for name, text in found.items() if name in model.model_fields}


def _own_docstrings(cls: type[BaseModel]) -> dict[str, str]:
    try:
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    except (OSError, TypeError, SyntaxError, ValueError):  # no source text, or not a whole class
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
