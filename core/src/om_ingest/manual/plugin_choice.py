"""Schemas of `type` in a workflow file, and conditions that select a plugin by its type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from om_ingest.manual.model_schema import Schema
from om_ingest.registry import InstalledPlugin, InstalledSource

CUSTOM = "^[cC][uU][sS][tT][oO][mM]"
"""Types of the long form that take `sourcePythonClass` (contract §12.3)."""


@dataclass
class Choice:
    """A plugin that a workflow file names by its type."""

    name: str
    pattern: str
    """Matches every spelling of the name."""

    about: str
    key: str
    """Key of its config in `$defs`."""

    target: str = ""
    """Class of a source, as in `sourcePythonClass`."""

    typed: bool = False
    """Whether the keys of its config are known."""


def choice_of(source: InstalledSource, installed: Sequence[InstalledSource]) -> Choice:
    """A source, by its name, or `distribution:name` if another has that name, or its class."""
    alone = sum(other.name == source.name for other in installed) < 2
    name = source.name if alone else source.qualified_name
    if source.origin == "explicit":
        name = source.target
    before = f"({_spelled(source.distribution)}:)" + ("?" if alone else "")
    return Choice(
        name,
        f"^{before if source.distribution else ''}{_spelled(source.name)}$",
        f"{source.distribution} {source.version}".strip(),
        f"source:{name}",
        source.target,
    )


def step_choice(plugin: InstalledPlugin) -> Choice:
    """A sink or processor, by its name."""
    return Choice(
        plugin.name,
        f"^{_spelled(plugin.name)}$",
        f"{plugin.distribution} {plugin.version}",
        f"{plugin.kind}:{plugin.name}",
    )


def _spelled(name: str) -> str:
    """A pattern for every spelling of a name: any case, any of `-_.` as separator."""
    return "".join(
        f"[{char.lower()}{char.upper()}]" if char.isalpha() else "[-_.]+" if char in "-_." else char
        for char in name
    )


def escaped(name: str) -> str:
    """A property's name, escaped for a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def type_of(choices: Sequence[Choice], *patterns: str) -> Schema:
    """The schema of `type`: the known names, and patterns of other valid values."""
    other = "|".join([*(choice.pattern for choice in choices), *patterns])
    listed = {
        "enum": [choice.name for choice in choices],
        "enumDescriptions": [choice.about for choice in choices],
    }
    texts = {
        "type": "string",
        "pattern": rf"{other}|\$[{{\w]",
        "patternErrorMessage": "This schema knows no plugin of that name.",
    }
    return {"anyOf": [*([listed] if choices else []), texts]}


def is_type(pattern: str) -> Schema:
    """Condition: `type` matches the pattern."""
    return {"properties": {"type": {"type": "string", "pattern": pattern}}, "required": ["type"]}


def is_source(choice: Choice) -> Schema:
    """Condition: `source` names this source, by its name or by its class."""
    module, _, name = choice.target.partition(":")
    dotted = module.replace(".", "\\.")
    by_class = {"sourcePythonClass": {"pattern": rf"^{dotted}[.:]{name or '[^.]+'}$"}}
    inner = {"properties": by_class, "required": list(by_class)}
    connection = {"properties": {"config": inner}, "required": ["config"]}
    custom = is_type(CUSTOM)
    custom["properties"]["serviceConnection"] = connection
    custom["required"] = ["type", "serviceConnection"]
    named = is_type(f"{choice.pattern}|^{dotted}:{name or '[^.]+'}$")
    return {"anyOf": [named, custom]}


def in_either(name: str) -> Schema:
    """Condition: a key is in `serviceConnection.config` or in its `connectionOptions`."""
    inside = {"properties": {"connectionOptions": {"required": [name]}}}
    return {"anyOf": [{"required": [name]}, {**inside, "required": ["connectionOptions"]}]}
