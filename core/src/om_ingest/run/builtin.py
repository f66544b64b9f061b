"""Jobs whose source is the host's own: it reads a file that om-ingest has written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from om_ingest.config.validation import validated
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.registry import InstalledSource, host_version
from om_ingest.run.job import Job
from om_ingest.source import ConnectorConfig, Source
from om_ingest.workflow.config import (
    PluginsBlock,
    SourceBlock,
    StepBlock,
    Workflow,
    WorkflowBlock,
)


class FileConfig(ConnectorConfig):
    """Config of a source that reads one file of records."""

    path: Path
    """The file."""


def job(
    name: str,
    source: type[Source],
    path: Path,
    sink: StepBlock | None,
    *,
    service_name: str | None = None,
    server: MetadataServerConfig | None = None,
    allow: list[str] | None = None,
    **options: Any,
) -> Job:
    """The job that delivers `path` with one of the host's sources; `options` are those of `Job`."""
    installed = InstalledSource(
        name=name,
        service_type="",
        distribution="om-ingest",
        version=host_version(),
        origin="built in",
        target=f"{source.__module__}:{source.__qualname__}",
    )
    block = {"type": name, "serviceName": service_name or name, "config": {"path": str(path)}}
    workflow = Workflow(
        source=validated(SourceBlock, block, ("source",)),
        sink=sink,
        plugins=PluginsBlock(allow=allow),
        workflowConfig=WorkflowBlock(openMetadataServerConfig=server),
    )
    return Job(workflow, installed=installed, **options)
