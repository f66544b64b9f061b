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

from om_ingest.errors import WorkflowError
from om_ingest.host import loading
from om_ingest.host.hooks import Hooks
from om_ingest.manual import schema
from om_ingest.manual.model_schema import attribute_docstrings
from om_ingest.registry import InstalledSource


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


def fields(config: type[BaseModel] | None) -> list[ConfigField]:
    """The keys of a config model, in their order; none for a source that declares none."""
    if config is None:
        return []
    meanings = attribute_docstrings(config)
    return [
        _field(name, info, info.description or meanings.get(name, ""))
        for name, info in config.model_fields.items()
    ]


def key_of(name: str, info: FieldInfo) -> str:
    """The key of a field in a workflow file: its alias, if it has one."""
    given = info.validation_alias
    return given if isinstance(given, str) else info.alias or name


def example(source: InstalledSource, hooks: Hooks | None = None, path: Path | None = None) -> str:
    """A workflow file for a source: required keys empty, optional ones as comments.

    It runs once the required values are filled in; `path` is the file's future name. Imports
    the source; raises `PluginError` if that fails.
    """
    config = fields(loading.config_class(loading.source_class(source, hooks)))
    name = source.name
    lines = [
        f"# {name}: {source.distribution} {source.version}".rstrip(": "),
        f"# {next_step(path or Path(f'{name}.yaml'))}",
        "source:",
        f"  type: {source.target if source.origin == 'explicit' else name}",
        f"  serviceName: {name}",
    ]
    required = [field for field in config if field.required]
    optional = [field for field in config if not field.required]
    lines.append("  config:" if required else "  config: {}")
    for field in required:
        value = f" ${{{_variable(name, field.name)}}}" if field.secret else ""
        lines += [_comment(field), f"    {field.name}:{value}  # required"]
    for field in optional:
        lines += [_comment(field), f"    # {field.name}: {field.default}"]
    lines += [
        "sink:",
        "  type: catalog",
        "  config:",
        f"    path: {name}.db",
    ]
    if not required and optional:
        index = lines.index("  config: {}")
        lines[index] = "  config: {}  # to set one of these, remove the {} and the # before it"
    return "\n".join(lines) + "\n"


def next_step(path: Path) -> str:
    """A sentence on how to go on with an example file."""
    return f"Fill in what is required, then: om-ingest run {shlex.quote(str(path))}"


def _field(name: str, info: FieldInfo, meaning: str) -> ConfigField:
    annotation = _readable(info.annotation)
    return ConfigField(
        name=key_of(name, info),
        type=annotation,
        default="" if info.is_required() else _default(info),
        required=info.is_required(),
        meaning=" ".join(meaning.split()),
        secret="Secret" in annotation,
    )


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


def _variable(source: str, field: str) -> str:
    return re.sub(r"\W", "_", f"{source}_{field}").upper()


def _comment(field: ConfigField) -> str:
    return "    # " + " ".join(f"{field.meaning} ({field.type})".split())


def write_example(path: Path, source: InstalledSource, hooks: Hooks | None = None) -> Path:
    """Write an example workflow file, and next to it the JSON Schema that its first line names.

    Returns the path of the schema. An existing file is not overwritten, except a schema made
    by om-ingest. Raises `WorkflowError`, or `PluginError` if the source cannot be imported.
    """
    beside = path.with_name(f"{path.stem}.schema.json")
    schema.check(beside)
    made = schema.WorkflowSchema([source], hooks).text()
    _write_new(path, f"{schema.line(beside)}\n{example(source, hooks, path)}")
    schema.write(beside, made)
    return beside


def _write_new(path: Path, text: str) -> None:
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise WorkflowError(
            f"{path} is not the name of a YAML file", "Use a name that ends in .yaml."
        )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise WorkflowError(
            f"{path} exists already", "Name another file with -o, or remove it first."
        ) from None
    except OSError as error:
        raise WorkflowError(
            f"Cannot write {path}: {error.strerror}", "Name a file that you may write."
        ) from None
