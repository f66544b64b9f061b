"""The workflow file as models: `Source.model_validate(config_dict)` is how connectors begin."""

from __future__ import annotations

import re
from typing import Any

import om_ingest.model
from om_ingest.model import LogLevels as LogLevels
from pydantic import BaseModel, model_serializer, model_validator

from om_ingest_compat.models.connections import OpenMetadataConnection, family_of
from om_ingest_compat.models.open_models import OpenModel
from om_ingest_compat.models.own import OwnModel
from om_ingest_compat.models.pipelines import pipeline_of
from om_ingest_compat.models.roots import RootDict, RootUUID
from om_ingest_compat.models.spelling import spelled

_OF_URLS = ("dashboard", "pipeline")
"""Families in whose connections upstream has a URL for `hostPort`."""

_ORIGIN = re.compile(r"https?://[^/]+")

Connection = spelled(om_ingest.model.DatabaseConnection)


class ServiceConnection(OwnModel):
    """The connection of a service of any family: `serviceConnection.root.config`."""

    root: Any

    @model_validator(mode="before")
    @classmethod
    def _of_config(cls, given: Any) -> Any:
        if isinstance(given, dict):
            given = given.get("root", given.get("__root__", given))
        if isinstance(given, dict):
            given = Connection(**given)
        return {"root": given}

    @model_serializer
    def _as_root(self) -> Any:
        return self.root.model_dump() if isinstance(self.root, BaseModel) else self.root

    @property
    def config(self) -> Any:
        """The connection itself."""
        return self.root.config


type.__setattr__(ServiceConnection, "__root__", property(lambda connection: connection.root))


class ServiceConnectionModel(OwnModel):
    """A connection on its own."""

    serviceConnection: ServiceConnection | None = None


class SourceConfig(OwnModel):
    """What the connector reads and leaves out, by the family of its service."""

    config: Any = None

    @model_validator(mode="after")
    def _typed(self) -> SourceConfig:
        if isinstance(self.config, dict) and self.config.get("type"):
            self.__dict__["config"] = _pipeline(self.config, "")
        return self


def _pipeline(config: dict[str, Any], family: str) -> Any:
    return pipeline_of(str(config.get("type") or ""), family).model_validate(dict(config))


class Source(OwnModel):
    """The `source` block of a workflow."""

    type: str
    serviceName: str | None = None
    serviceConnection: ServiceConnection | None = None
    sourceConfig: SourceConfig = SourceConfig()

    @model_validator(mode="after")
    def _typed(self) -> Source:
        config = self.sourceConfig.config
        if config is None or isinstance(config, dict):
            family = family_of(self.type)
            connection = self.serviceConnection.config if self.serviceConnection else None
            if not family and connection is not None:
                family = family_of(str(connection.type))
            self.sourceConfig = SourceConfig(config=_pipeline(config or {}, family))
        return self

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Any:
        """The block as releases from 1.5 on read it: a URL without a path ends with a slash."""
        made = super().model_validate(obj, **options)
        connection = made.serviceConnection.config if made.serviceConnection else None
        if isinstance(connection, OpenModel) and family_of(str(connection.type)) in _OF_URLS:
            host = connection.get("hostPort")
            if isinstance(host, str) and _ORIGIN.fullmatch(host):
                connection["hostPort"] = f"{host}/"  # as the URLs of pydantic 2 are written
        return made

    @classmethod
    def parse_obj(cls, obj: Any) -> Any:
        """The block as releases up to 1.4 read it."""
        return super().model_validate(obj)


class _Step(OwnModel):
    type: str
    config: RootDict | None = None


class Sink(_Step):
    """The `sink` block of a workflow."""


class Processor(_Step):
    """The `processor` block of a workflow."""


class Stage(_Step):
    """The `stage` block of a workflow."""


class BulkSink(_Step):
    """The `bulkSink` block of a workflow."""


class WorkflowConfig(OwnModel):
    """The `workflowConfig` block of a workflow."""

    loggerLevel: LogLevels | None = LogLevels.INFO
    raiseOnError: bool | None = True
    successThreshold: int | None = 90
    openMetadataServerConfig: OpenMetadataConnection | None = None
    config: RootDict | None = None


class OpenMetadataWorkflowConfig(OwnModel):
    """A whole workflow."""

    source: Source
    processor: Processor | None = None
    sink: Sink | None = None
    stage: Stage | None = None
    bulkSink: BulkSink | None = None
    workflowConfig: WorkflowConfig = WorkflowConfig()
    ingestionPipelineFQN: str | None = None
    pipelineRunId: RootUUID | None = None
