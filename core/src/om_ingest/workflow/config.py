"""The workflow file as pydantic models: the short form, and that of `metadata ingest -c`.

Fields and semantics of the long form: OpenMetadata REST contract §11.2, §11.3.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import Field

from om_ingest.config.choice import OF_HOST
from om_ingest.config.settings import Settings
from om_ingest.config.validation import KeyPath
from om_ingest.errors import Problem
from om_ingest.model.naming import EntityName
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.registry import class_path

SETTINGS: KeyPath = ("source", "sourceConfig", "config")
CONNECTION: KeyPath = ("source", "serviceConnection", "config")
OPTIONS: KeyPath = (*CONNECTION, "connectionOptions")


class SourceConfigBlock(Settings):
    """Wrapper around the settings of the source."""

    config: dict[str, Any] = {}
    """Filter patterns and include flags; reaches the source as `ctx.source_config`."""


class ServiceConnection(Settings):
    """Wrapper around the connection of the long form."""

    config: dict[str, Any] = {}
    """`type`, `sourcePythonClass`, `connectionOptions`, and the connector's own keys."""


class SourceBlock(Settings):
    """What to read."""

    type: str = Field(min_length=1)
    """Name of an installed source, `distribution:name`, or `module:Class`."""

    serviceName: EntityName | None = None
    """Service that the entities are filed under; default: the name of the source."""

    config: dict[str, Any] = {}
    """The connector's config; see `om-ingest show NAME`."""

    serviceConnection: ServiceConnection | None = None
    """The connector's config in the long form."""

    sourceConfig: SourceConfigBlock = SourceConfigBlock()
    """Filter patterns and include flags."""


class StepBlock(Settings):
    """A processor or a sink, by name."""

    type: str = Field(min_length=1)
    """Name of an installed sink or processor."""

    config: dict[str, Any] = {}
    """Its config."""


DEFAULT_SINK = StepBlock(type="catalog")
"""Where records go when the workflow names no sink: the embedded catalog, which is a plugin."""


class WorkflowBlock(Settings):
    """Settings of the run."""

    loggerLevel: Literal["DEBUG", "INFO", "WARN", "ERROR"] = "INFO"
    """Least important level that is logged."""

    raiseOnError: bool = True
    """Whether failed records make the exit code 1."""

    successThreshold: int | None = Field(default=None, ge=0, le=100)
    """Share of records, in percent, that must succeed; without it any failure counts."""

    openMetadataServerConfig: MetadataServerConfig | None = None
    """The server to deliver to."""

    config: dict[str, Any] | None = None
    """Kept for existing files."""


FolderName = Annotated[str, Field(min_length=1)]


class PluginsBlock(Settings):
    """Which plugins may be used."""

    allow: list[str] | None = None
    """Distributions that may be imported, by name or `name==version`; default: all."""

    path: FolderName | list[FolderName] = []
    """Folders whose code is found for this run alone, relative to the file: `--path`."""

    strict: bool = False
    """Refuse a source of which something works only in part, as `om-ingest check` tells."""


class FilesBlock(Settings):
    """The files that a run creates: catalog, journal, failed records, report."""

    readableBy: Literal["owner", "group", "everyone"] = "owner"
    """Who may read new ones: their mode is 0600, 0640 or 0644. `OM_INGEST_UMASK` wins over it."""


FAIL_SAFE_PERCENT = 25
"""A source that suddenly lacks more than a quarter has more likely failed to read it."""


class StaleBlock(Settings):
    """What becomes of entities that are gone from the source (see `markDeletedTables`)."""

    failSafePercent: int = Field(default=FAIL_SAFE_PERCENT, ge=0, le=100)
    """A run that would mark more of a kind as deleted marks nothing, and fails. The same holds for
    each database, schema and so on, unless it loses no more than five."""

    leftOut: Literal["keep", "markDeleted"] = "keep"
    """What becomes of entities that a filter pattern, an include flag or a processor leaves out:
    they stay as they are, or are marked as deleted as if they were gone from the source."""


class Workflow(Settings):
    """A whole workflow file."""

    source: SourceBlock
    """What to read."""

    processor: StepBlock | None = None
    """One processor, as the long form has it."""

    processors: list[StepBlock] = []
    """Processors in their order."""

    sink: StepBlock | None = None
    """Where to; default: the embedded catalog `om-ingest.db`."""

    stage: StepBlock | None = None
    """Not used for metadata; kept for existing files."""

    bulkSink: StepBlock | None = None
    """Not used for metadata; kept for existing files."""

    plugins: PluginsBlock = PluginsBlock()
    """Which plugins may be used."""

    files: FilesBlock = FilesBlock()
    """The files that a run creates."""

    staleEntities: StaleBlock = StaleBlock()
    """What becomes of entities that are gone from the source."""

    workflowConfig: WorkflowBlock = WorkflowBlock()
    """Settings of the run."""

    ingestionPipelineFQN: str | None = None
    """Pipeline that the run is reported to on the server."""

    pipelineRunId: str | None = Field(default=None, pattern=r"^[\w.-]+$")
    """Id of the run, a UUID; default: a new one. Names the file of failed records."""

    enableStreamableLogs: bool = False
    """Kept for existing files."""

    ingestionRunnerName: str | None = None
    """Kept for existing files."""

    @property
    def sink_or_default(self) -> StepBlock:
        """The sink that the file names, or else the default."""
        return self.sink or DEFAULT_SINK

    @property
    def steps(self) -> list[tuple[KeyPath, StepBlock]]:
        """All processors in their order, each with its key path."""
        single: list[tuple[KeyPath, StepBlock]] = []
        if self.processor:
            single.append((("processor",), self.processor))
        return [*single, *((("processors", i), step) for i, step in enumerate(self.processors))]

    @property
    def source_type(self) -> str:
        """What names the source: `sourcePythonClass` of a custom type, or `type` (§12.3)."""
        connection = self._connection()
        python_class = connection.get("sourcePythonClass")
        if python_class and self._is_custom:
            return class_path(str(python_class), is_class=True)
        return class_path(self.source.type)

    @property
    def type_path(self) -> KeyPath:
        """Where the file names the source."""
        is_class = self._is_custom and self._connection().get("sourcePythonClass")
        return (*CONNECTION, "sourcePythonClass") if is_class else ("source", "type")

    @property
    def lacking_class(self) -> Problem | None:
        """What is wrong with a custom type that names no class; None for all others."""
        connection = self._connection()
        if not self._is_custom or connection.get("sourcePythonClass"):
            return None
        needs = f"the type {self.source.type} needs sourcePythonClass"
        if self.source.serviceConnection is None:
            what = f"{needs} below serviceConnection.config, and there is none"
            return Problem(("source", "type"), what)
        for place, block in ((CONNECTION, connection), *self._places()):
            if near := get_close_matches("sourcePythonClass", map(str, block), n=1):
                is_same = near[0] == "sourcePythonClass" and place != CONNECTION
                said = "which belongs into serviceConnection.config" if is_same else ""
                said = said or f"did you mean that by {near[0]!r}?"
                return Problem((*place, near[0]), f"{needs}{',' if is_same else ';'} {said}")
        return Problem(CONNECTION, f"{needs}, the class path of the connector")

    @property
    def _is_custom(self) -> bool:
        return self.source.type.lower().startswith("custom")

    @property
    def source_values(self) -> dict[str, Any]:
        """The connector's own config: all places merged, `connectionOptions` flattened."""
        return {key: value for _, block in self._places() for key, value in block.items()}

    def values_for(self, known: Collection[str]) -> dict[str, Any]:
        """`source_values` for a connector that declares these keys.

        What OpenMetadata has beside `connectionOptions` is left out, and what is empty there.
        With a key `connectionOptions` they stay below it: they are options of a driver then.
        """
        return {
            key: value
            for place, block in self._places(known)
            for key, value in block.items()
            if place != CONNECTION
            or key in known
            or not (value in (None, {}) or re.fullmatch(OF_HOST, key))
        }

    @property
    def config_path(self) -> KeyPath:
        """The key path that `source_values` mostly come from, for messages."""
        return self.place_of(())

    def place_of(self, path: KeyPath, known: Collection[str] = ()) -> KeyPath:
        """The full path of a key in the connector's config: where the value that counts stands.

        For a key that stands nowhere, it is where most of them stand. `known` is as in
        `values_for`.
        """
        places = self._places(known)
        found = (place for place, block in reversed(places) if path and path[0] in block)
        below = [place for place, block in places[:-1] if block or place == CONNECTION]
        return (*next(found, below[-1] if below else places[-1][0]), *path)

    def _places(self, known: Collection[str] = ()) -> list[tuple[KeyPath, dict[str, Any]]]:
        """Where the connector's config stands, each with its keys; the later ones win."""
        below: list[tuple[KeyPath, dict[str, Any]]] = []
        if self.source.serviceConnection is not None:
            connection = dict(self._connection())
            for key in ("type", "sourcePythonClass"):
                connection.pop(key, None)
            below = [(CONNECTION, connection)]
            if "connectionOptions" not in known:
                below.append((OPTIONS, connection.pop("connectionOptions", None) or {}))
        return [*below, (("source", "config"), self.source.config)]

    def _connection(self) -> dict[str, Any]:
        connection = self.source.serviceConnection
        return connection.config if connection else {}
