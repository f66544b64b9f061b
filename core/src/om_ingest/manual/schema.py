"""The JSON Schema of a workflow file, for the plugins that are installed.

`source.type` selects the schema of `source.config`, and of `source.serviceConnection.config` in
the form of `metadata ingest -c`; the type of a sink or processor selects that of its config.
The configs are in `$defs` as `source:NAME`, `sink:NAME`, `processor:NAME`. Selection is by `if`
and `then`, which editors complete and explain better than other ways of JSON Schema.
"""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel

from om_ingest.config.choice import ELSEWHERE, FORMER, OF_HOST
from om_ingest.config.families import FAMILIES
from om_ingest.errors import OmIngestError, WorkflowError
from om_ingest.host import loading
from om_ingest.host.hooks import Hooks
from om_ingest.manual.model_schema import (
    DEFINITIONS,
    SHARED,
    Schema,
    of_model,
    optional,
    resolved,
)
from om_ingest.manual.plugin_choice import (
    CUSTOM,
    Choice,
    choice_of,
    escaped,
    in_either,
    is_source,
    is_type,
    step_choice,
    type_of,
)
from om_ingest.openmetadata.config import UNUSED_SERVER_KEYS
from om_ingest.registry import OK, InstalledPlugin, InstalledSource, host_version, installed_plugins
from om_ingest.sinks.spool import check_replaceable
from om_ingest.workflow.config import Workflow

_BEGINNING = '{\n  "$comment": "Made by om-ingest '
"""Beginning of every schema file made here; other files are not overwritten."""

_WORKFLOW = "workflow"


class WorkflowSchema:
    """Builds the schema; `problems` lists plugins whose config accepts any keys, and why."""

    def __init__(self, sources: Sequence[InstalledSource] = (), hooks: Hooks | None = None) -> None:
        """Import these sources, by default all, and every sink and processor.

        Raises `PluginError` if one of `sources` cannot be used.
        """
        self.problems: list[str] = []
        self._definitions: dict[str, Schema] = dict(SHARED)
        hooks = Hooks() if hooks is None else hooks
        installed = hooks.sources()
        self._sources = [choice_of(source, installed) for source in sources or installed]
        for choice, source in zip(self._sources, sources or installed, strict=True):
            with contextlib.nullcontext() if sources else self._left_open():
                self._read_source(choice, source, hooks)
        plugins = installed_plugins(hooks.allow)
        self._sinks = [self._step(plugin) for plugin in plugins if plugin.kind == "sink"]
        self._processors = [self._step(plugin) for plugin in plugins if plugin.kind == "processor"]

    def as_dict(self) -> Schema:
        """The whole schema (draft 2020-12)."""
        root, parts = of_model(Workflow, _WORKFLOW)
        source, step = parts[f"{_WORKFLOW}.SourceBlock"], parts[f"{_WORKFLOW}.StepBlock"]
        parts[f"{_WORKFLOW}.SourceConfigBlock"]["properties"]["config"] |= {
            "allOf": list(self._settings())
        }
        unused = f"^({UNUSED_SERVER_KEYS.pattern})$"
        for name, part in parts.items():
            if name.startswith(f"{_WORKFLOW}.MetadataServerConfig"):
                part["patternProperties"] = {unused: {}}
        source["properties"]["type"] |= type_of(self._sources, ":", CUSTOM)
        source["allOf"] = [self._source_branch(choice) for choice in self._sources if choice.typed]
        for name, choices in (("sink", self._sinks), ("processor", self._processors)):
            block = copy.deepcopy(step)
            block["properties"]["type"] |= type_of(choices)
            block["allOf"] = [self._step_branch(choice) for choice in choices if choice.typed]
            parts |= {f"{_WORKFLOW}.{name}": block, f"{_WORKFLOW}.{name}.optional": optional(block)}
            root["properties"][name]["$ref"] = f"{DEFINITIONS}{_WORKFLOW}.{name}.optional"
            root["properties"][name].pop("anyOf", None)
        root["properties"]["processors"]["items"] = {"$ref": f"{DEFINITIONS}{_WORKFLOW}.processor"}
        made_for = ", ".join(choice.name for choice in self._sources) or "no source"
        return {
            "$comment": f"Made by om-ingest {host_version()}, for {made_for}",
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **root,
            "title": "Workflow of om-ingest",
            "$defs": {**parts, **self._definitions},
        }

    def text(self) -> str:
        """The schema as a file holds it."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"

    @contextlib.contextmanager
    def _left_open(self) -> Iterator[None]:
        """Note the error of a plugin that cannot be used: its config accepts any keys."""
        try:
            yield
        except OmIngestError as error:
            self.problems.append(error.what)

    def _read_source(self, choice: Choice, source: InstalledSource, hooks: Hooks) -> None:
        if source.status != OK:
            hooks.find_source(source.qualified_name)  # raises unless the name is unique
        source_class = loading.source_class(source, hooks)
        self._configure(choice, loading.config_class(source_class), f"the source {choice.name!r}")
        about = (source_class.__doc__ or "").strip().partition("\n")[0]
        choice.about = f"{choice.about}: {about}".strip(": ")

    def _step(self, plugin: InstalledPlugin) -> Choice:
        choice = step_choice(plugin)
        load = loading.sink_class if plugin.kind == "sink" else loading.processor_class
        what = f"the {plugin.kind} {plugin.name!r} of {choice.about}"
        with self._left_open():
            self._configure(choice, load(plugin.name).config_class, what)
        return choice

    def _configure(self, choice: Choice, config: type[BaseModel] | None, what: str) -> None:
        if config is None:
            self._definitions[choice.key] = {"type": "object"}
            return
        with loading.blamed(f"The config of {what}"):
            self._define(config, choice.key)
        choice.typed = True

    def _define(self, model: type[BaseModel], key: str) -> None:
        whole, parts = of_model(model, key)
        self._definitions |= {key: whole, **parts}

    def _settings(self) -> Iterator[Schema]:
        """Branches of `sourceConfig.config`: by its type, or without one by its keys."""
        untyped = []
        for kind, family in FAMILIES.items():
            key = f"sourceConfig:{kind}"
            self._define(family, key)
            definition = self._definitions[key]
            definition["properties"].pop("extra")  # for sources alone
            definition["patternProperties"] = {_any_of(FORMER.get(kind, ())): {}}
            yield {"if": is_type(f"^{kind}$"), "then": {"$ref": DEFINITIONS + key}}
            properties = {
                name: {"$ref": f"{DEFINITIONS}{key}/properties/{name}"}
                for name in definition["properties"]
            }
            others: Schema = {_any_of((*ELSEWHERE, *FORMER.get(kind, ()))): {}}
            untyped.append({**definition, "properties": properties, "patternProperties": others})
        yield {"if": {"not": {"required": ["type"]}}, "then": {"anyOf": untyped}}

    def _source_branch(self, choice: Choice) -> Schema:
        config, key = resolved(choice.key, self._definitions)
        known = {
            name: {"$ref": f"{DEFINITIONS}{key}/properties/{escaped(name)}"}
            for name in config.get("properties", {})
        }
        partial = {**config, "properties": known}
        required = partial.pop("required", [])
        options = f"{choice.key}.connectionOptions"
        self._definitions[options] = partial
        self._definitions[f"{choice.key}.connection"] = {
            **partial,
            "properties": {
                "type": {"type": "string"},
                "sourcePythonClass": {"type": "string"},
                "connectionOptions": {"$ref": DEFINITIONS + options},
                "connectionArguments": {"type": ["object", "null"], "maxProperties": 0},
                **known,
            },
            "patternProperties": {f"^({OF_HOST})$": {}},
        }
        connection = {"config": {"$ref": f"{DEFINITIONS}{choice.key}.connection"}}
        then: Schema = {
            "properties": {"serviceConnection": {"properties": connection}},
            "if": {"required": ["serviceConnection"]},
            "then": {"properties": {"config": {"$ref": DEFINITIONS + options}}},
            "else": {"properties": {"config": {"$ref": DEFINITIONS + choice.key}}},
        }
        if required:
            then["else"]["required"] = ["config"]
            # The three places are merged: each required key may be in any of them.
            alone: Schema = {"allOf": [in_either(name) for name in required]}
            if "connectionOptions" in known:  # they are options of a driver
                alone = {"required": required}
            then["then"] |= {
                "if": {"not": {"required": ["config"]}},
                "then": {"properties": {"serviceConnection": {"properties": {"config": alone}}}},
            }
        return {"if": is_source(choice), "then": then}

    def _step_branch(self, choice: Choice) -> Schema:
        then: Schema = {"properties": {"config": {"$ref": DEFINITIONS + choice.key}}}
        if resolved(choice.key, self._definitions)[0].get("required"):
            then["required"] = ["config"]
        return {"if": is_type(choice.pattern), "then": then}


def _any_of(names: Iterable[str]) -> str:
    """A pattern for keys with one of these names."""
    return f"^({'|'.join(sorted(names))})$"


def write(path: Path, text: str) -> None:
    """Write a schema file; overwrites an earlier one. Raises `WorkflowError`."""
    check(path)
    with writing(path):
        path.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise `WorkflowError` in place of the errors of the file system."""
    try:
        yield
    except FileExistsError:
        raise WorkflowError(
            f"{path} exists already", "Name another file with -o, or remove it first."
        ) from None
    except OSError as error:
        raise WorkflowError(
            f"Cannot write {path}: {error.strerror}", "Name a file that you may write."
        ) from None


def line(path: Path) -> str:
    """The first line of a workflow file: a comment that names its schema for editors.

    The file's name is quoted as a URL, as yaml-language-server requires.
    """
    return f"# yaml-language-server: $schema={quote(path.name)}"


def check(path: Path) -> None:
    """Raise `WorkflowError` if the file exists and was not made here."""
    check_replaceable(path, _BEGINNING.encode())
