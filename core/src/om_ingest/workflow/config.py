"""The workflow file as pydantic models: the short form, and that of `metadata ingest -c`.

Fields and semantics of the long form: OpenMetadata REST contract §11.2, §11.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field, ValidationError

from om_ingest.config.families import source_config_class
from om_ingest.config.settings import Settings, SourceConfig
from om_ingest.config.validation import KeyPath, explain
from om_ingest.errors import Problem
from om_ingest.model.naming import EntityName
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.workflow.reading import Document, Interpolation


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


class PluginsBlock(Settings):
    """Which plugins may be used."""

    allow: list[str] | None = None
    """Distributions that may be imported, by name or `name==version`; default: all."""


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
        if python_class and self.source.type.lower().startswith("custom"):
            module, _, name = str(python_class).rpartition(".")
            return str(python_class) if ":" in str(python_class) else f"{module}:{name}"
        return self.source.type

    @property
    def source_values(self) -> dict[str, Any]:
        """The connector's own config: both places merged, `connectionOptions` flattened."""
        connection = dict(self._connection())
        for key in ("type", "sourcePythonClass"):
            connection.pop(key, None)
        options = connection.pop("connectionOptions", None) or {}
        return {**connection, **options, **self.source.config}

    @property
    def config_path(self) -> KeyPath:
        """The key path that `source_values` mostly come from, for messages."""
        if self.source.serviceConnection is None:
            return ("source", "config")
        options = self._connection().get("connectionOptions")
        below: KeyPath = ("source", "serviceConnection", "config")
        return (*below, "connectionOptions") if options else below

    def _connection(self) -> dict[str, Any]:
        connection = self.source.serviceConnection
        return connection.config if connection else {}


def load(
    document: Document, override: Callable[[dict[str, Any]], None] = lambda data: None
) -> tuple[Workflow, SourceConfig, set[str]]:
    """The workflow in a document, the source's settings, and secrets found in files.

    `override` may change the data once variables are replaced: a shell has done so already
    in what stands on the command line. Raises `WorkflowError` with every problem at once,
    each with its position.
    """
    source = document.data.get("source")
    long_form = "workflowConfig" in document.data or (
        isinstance(source, dict) and "serviceConnection" in source
    )
    interpolation = Interpolation()
    data = interpolation.apply(document.data, bare=long_form)
    override(data)
    problems = [*document.problems, *interpolation.problems]
    if not isinstance(_below(data, _OPTIONS), dict | None):
        problems.append(Problem(_OPTIONS, "Input should be a valid dictionary"))
    workflow: Workflow | None = None
    try:
        workflow = Workflow.model_validate(data)
    except ValidationError as error:
        problems += explain(error, Workflow)
    settings = SourceConfig()
    raw = _below(data, _SETTINGS)
    if isinstance(raw, dict) and raw:
        family = source_config_class(raw)
        if family is SourceConfig:
            settings = SourceConfig(
                type=str(raw["type"]), overrideMetadata=bool(raw.get("overrideMetadata")), extra=raw
            )
        else:
            try:
                settings = family.model_validate(raw)
            except ValidationError as error:
                problems += explain(error, family, _SETTINGS)
    if problems or workflow is None:
        raise document.error(_unique(problems))
    return workflow, settings, interpolation.secrets


_SETTINGS = ("source", "sourceConfig", "config")
_OPTIONS = ("source", "serviceConnection", "config", "connectionOptions")


def _below(data: Any, path: KeyPath) -> Any:
    """The value at a key path; None if there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _unique(problems: list[Problem]) -> list[Problem]:
    """One problem per key: an unset variable also leaves a value that fits no type."""
    seen: dict[KeyPath, Problem] = {}
    for problem in problems:
        seen.setdefault(problem.path, problem)
    return list(seen.values())
