"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.cancellation import (
    Cancellation as Cancellation,
)
from om_ingest.delivery import (
    DeliveryJournal as DeliveryJournal,
    RunEnd as RunEnd,
    SinkContext as SinkContext,
    StepCount as StepCount,
)
from om_ingest.errors import (
    ConflictError as ConflictError,
    DeliveryError as DeliveryError,
    NotFoundError as NotFoundError,
    OmIngestError as OmIngestError,
    PluginError as PluginError,
    PreconditionError as PreconditionError,
    RecordError as RecordError,
    ServerError as ServerError,
    SourceError as SourceError,
    WorkflowError as WorkflowError,
)
from om_ingest.hookspecs import (
    hookimpl as hookimpl,
)
from om_ingest.kinds import (
    fqn as fqn,
)
from om_ingest.model.database import (
    CreateDatabaseRequest as CreateDatabaseRequest,
    CreateDatabaseSchemaRequest as CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest as CreateDatabaseServiceRequest,
)
from om_ingest.model.entity import (
    Entity as Entity,
    EntityReference as EntityReference,
)
from om_ingest.model.records import (
    Record as Record,
    ScopeComplete as ScopeComplete,
)
from om_ingest.model.table import (
    CreateTableRequest as CreateTableRequest,
)
from om_ingest.openmetadata.config import (
    MetadataServerConfig as MetadataServerConfig,
)
from om_ingest.openmetadata.store import (
    REST as REST,
    get_service_or_create as get_service_or_create,
)
from om_ingest.selection import Selection as Selection
from om_ingest.sink import (
    Processor as Processor,
    ProcessorStatus as ProcessorStatus,
    Sink as Sink,
)
from om_ingest.source import (
    ConfiguredSource as ConfiguredSource,
    ConnectorConfig as ConnectorConfig,
    Source as Source,
    SourceStatus as SourceStatus,
    WorkflowContext as WorkflowContext,
)
from om_ingest.state import JobState as JobState
from om_ingest.store import (
    Closeable as Closeable,
    ForwardingStore as ForwardingStore,
    MetadataStore as MetadataStore,
    Outcome as Outcome,
    WriteResult as WriteResult,
)

__version__: str
