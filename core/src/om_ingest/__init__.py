"""The public names for connector authors.

They are loaded when first used: commands that need no models stay fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from om_ingest.cancellation import Cancellation
    from om_ingest.delivery import RunEnd, SinkContext
    from om_ingest.errors import (
        ConflictError,
        DeliveryError,
        NotFoundError,
        OmIngestError,
        PluginError,
        PreconditionError,
        RecordError,
        ServerError,
        SourceError,
        WorkflowError,
    )
    from om_ingest.hookspecs import hookimpl
    from om_ingest.model import fqn
    from om_ingest.model.database import (
        CreateDatabaseRequest,
        CreateDatabaseSchemaRequest,
        CreateDatabaseServiceRequest,
    )
    from om_ingest.model.entity import Entity, EntityReference
    from om_ingest.model.records import Record, ScopeComplete
    from om_ingest.model.table import CreateTableRequest
    from om_ingest.openmetadata.config import MetadataServerConfig
    from om_ingest.openmetadata.services import get_service_or_create
    from om_ingest.openmetadata.store import REST
    from om_ingest.sink import MetadataStore, Outcome, Processor, Sink, WriteResult
    from om_ingest.source import (
        Closeable,
        ConfiguredSource,
        ConnectorConfig,
        Source,
        SourceStatus,
        WorkflowContext,
    )

_HOMES = {
    "om_ingest.cancellation": ("Cancellation",),
    "om_ingest.delivery": ("RunEnd", "SinkContext"),
    "om_ingest.errors": (
        "ConflictError",
        "DeliveryError",
        "NotFoundError",
        "OmIngestError",
        "PluginError",
        "PreconditionError",
        "RecordError",
        "ServerError",
        "SourceError",
        "WorkflowError",
    ),
    "om_ingest.hookspecs": ("hookimpl",),
    "om_ingest.model.database": (
        "CreateDatabaseRequest",
        "CreateDatabaseSchemaRequest",
        "CreateDatabaseServiceRequest",
    ),
    "om_ingest.model.entity": ("Entity", "EntityReference"),
    "om_ingest.model.records": ("Record", "ScopeComplete"),
    "om_ingest.model.table": ("CreateTableRequest",),
    "om_ingest.openmetadata.config": ("MetadataServerConfig",),
    "om_ingest.openmetadata.services": ("get_service_or_create",),
    "om_ingest.openmetadata.store": ("REST",),
    "om_ingest.sink": (
        "MetadataStore",
        "Outcome",
        "Processor",
        "Sink",
        "WriteResult",
    ),
    "om_ingest.source": (
        "Closeable",
        "ConfiguredSource",
        "ConnectorConfig",
        "Source",
        "SourceStatus",
        "WorkflowContext",
    ),
}

__all__ = [
    "Cancellation",
    "Closeable",
    "ConfiguredSource",
    "ConflictError",
    "ConnectorConfig",
    "CreateDatabaseRequest",
    "CreateDatabaseSchemaRequest",
    "CreateDatabaseServiceRequest",
    "CreateTableRequest",
    "DeliveryError",
    "Entity",
    "EntityReference",
    "MetadataServerConfig",
    "MetadataStore",
    "NotFoundError",
    "OmIngestError",
    "Outcome",
    "PluginError",
    "PreconditionError",
    "Processor",
    "REST",
    "Record",
    "RecordError",
    "RunEnd",
    "ScopeComplete",
    "ServerError",
    "Sink",
    "SinkContext",
    "Source",
    "SourceError",
    "SourceStatus",
    "WorkflowContext",
    "WorkflowError",
    "WriteResult",
    "__version__",
    "fqn",
    "get_service_or_create",
    "hookimpl",
]


def __getattr__(name: str) -> Any:
    import importlib

    if name == "__version__":
        from importlib.metadata import version

        return version("om-ingest")
    if name == "fqn":
        return importlib.import_module("om_ingest.model.fqn")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
