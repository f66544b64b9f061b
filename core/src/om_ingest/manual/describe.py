"""Describes the config of a source; writes example workflow files."""

from __future__ import annotations

import json
import re
import shlex
import typing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from om_ingest.config.validation import models_in
from om_ingest.errors import WorkflowError
from om_ingest.host import loading
from om_ingest.host.hooks import Hooks
from om_ingest.manual import schema
from om_ingest.manual.model_schema import attribute_docstrings
from om_ingest.registry import SINK_GROUP, InstalledSource, is_declared


@dataclass(frozen=True)
class ConfigField:
    """One key of a connector's config."""

    name: str
    type: str
    """The annotation: `str`, `int | None`, `list[str]` …"""

    default: str
    """As YAML writes it; empty for a required key."""

    required: bool
    meaning: str
    """The attribute's docstring, on one line."""

    secret: bool
    """Whether the value is secret."""

    deprecated: bool = False
    """Whether it is kept for existing files: `json_schema_extra={"deprecated": True}`."""


def fields(config: type[BaseModel] | None) -> list[ConfigField]:
    """The keys of a config model, in their order; none for a source that declares none."""
    if config is None:
        return []
    meanings = attribute_docstrings(config)
    found = []
    for name, info in config.model_fields.items():
        annotation = _readable(info.annotation)
        found.append(
            ConfigField(
                name=key_of(name, info),
                type=annotation,
                default="" if info.is_required() else _default(info),
                required=info.is_required(),
                meaning=" ".join((info.description or meanings.get(name, "")).split()),
                secret="Secret" in annotation,
                deprecated=isinstance(info.json_schema_extra, dict)
                and info.json_schema_extra.get("deprecated") is True,
            )
        )
    return found


def models(
    config: type[BaseModel], known: list[type[BaseModel]] | None = None
) -> list[type[BaseModel]]:
    """A config model and those inside its fields, each once, outermost first.

    Those in `known` are passed over; what is found is added to it.
    """
    known = [] if known is None else known
    known.append(config)
    for info in config.model_fields.values():
        for found in models_in(info.annotation):
            if found not in known:
                models(found, known)
    return known


def key_of(name: str, info: FieldInfo) -> str:
    """The key of a field in a workflow file: its alias, if it has one."""
    given = info.validation_alias
    return given if isinstance(given, str) else info.alias or name


def example(source: InstalledSource, hooks: Hooks | None = None, path: Path | None = None) -> str:
    """A workflow file for a source: required keys empty, optional ones as comments.

    It runs once the required values are filled in; `path` is the file's future name. Keys that
    are kept for existing files are left out. Imports the source; raises `PluginError` if that
    fails.
    """
    config = fields(loading.config_class(loading.source_class(source, hooks)))
    name = source.name
    required = [field for field in config if field.required]
    optional = [field for field in config if not (field.required or field.deprecated)]
    hint = "  # to set one of these, remove the {} and the # before it" if optional else ""
    lines = [
        f"# {name}: {source.owner}".rstrip(": "),
        f"# {next_step(path or Path(f'{name}.yaml'))}",
        "source:",
        f"  type: {source.target if source.origin == 'explicit' else name}",
        f"  serviceName: {name}",
        "  config:" if required else "  config: {}" + hint,
    ]
    for field in (*required, *optional):
        lines.append("    # " + " ".join(f"{field.meaning} ({field.type})".split()))
        variable = re.sub(r"\W", "_", f"{name}_{field.name}").upper()
        is_text = field.secret and (field.required or field.default == "null")
        value = f" ${{{variable}}}" if is_text else ""
        if field.required:
            lines.append(f"    {field.name}:{value}  # required")
        else:
            lines.append(f"    # {field.name}:{value or f' {field.default}'}")
    sink, ending = ("catalog", "db") if is_declared(SINK_GROUP, "catalog") else ("jsonl", "jsonl")
    lines += ["sink:", f"  type: {sink}", "  config:", f"    path: {name}.{ending}"]
    return "\n".join(lines) + "\n"


def next_step(path: Path) -> str:
    """A sentence on how to go on with an example file."""
    return f"Fill in what is required, then: om-ingest run {shlex.quote(str(path))}"


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return ""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if value is None or isinstance(value, (bool, int, float, list, dict, str)):
        return json.dumps(value, ensure_ascii=False)
    return str(getattr(value, "value", value))


def _readable(annotation: Any) -> str:
    """An annotation as text: `int | None`, `list[str]`, `"a" | "b"`."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is None or annotation is NoneType:
        return "None"
    if origin is Annotated:
        return _readable(arguments[0])
    if origin in (Union, UnionType):
        return " | ".join(map(_readable, arguments))
    if origin is Literal:
        return " | ".join(json.dumps(argument) for argument in arguments)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " | ".join(json.dumps(member.value) for member in annotation)
    name = getattr(origin or annotation, "__name__", str(annotation))
    return f"{name}[{', '.join(map(_readable, arguments))}]" if arguments else name


def write_example(path: Path, source: InstalledSource, hooks: Hooks | None = None) -> Path:
    """Write an example workflow file, and next to it the JSON Schema that its first line names.

    Returns the path of the schema. An existing file is not overwritten, except a schema made
    by om-ingest. Raises `WorkflowError`, or `PluginError` if the source cannot be imported.
    """
    schema_path = path.with_name(f"{path.stem}.schema.json")
    schema.check(schema_path)
    made = schema.WorkflowSchema([source], hooks).text()
    text = f"{schema.line(schema_path)}\n{example(source, hooks, path)}"
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise WorkflowError(
            f"{path} is not the name of a YAML file", "Use a name that ends in .yaml."
        )
    with schema.writing(path), path.open("x", encoding="utf-8") as file:
        file.write(text)
    schema.write(schema_path, made)
    return schema_path
