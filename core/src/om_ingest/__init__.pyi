"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.cancellation import (
    Cancellation as Cancellation,
)
from om_ingest.delivery import (
    DeliveryJournal as DeliveryJournal,
)
from om_ingest.delivery import (
    RunEnd as RunEnd,
)
from om_ingest.delivery import (
    SinkContext as SinkContext,
)
from om_ingest.delivery import (
    StepCount as StepCount,
)
from om_ingest.errors import (
    ConflictError as ConflictError,
)
from om_ingest.errors import (
    DeliveryError as DeliveryError,
)
from om_ingest.errors import (
    NotFoundError as NotFoundError,
)
from om_ingest.errors import (
    OmIngestError as OmIngestError,
)
from om_ingest.errors import (
    PluginError as PluginError,
)
from om_ingest.errors import (
    PreconditionError as PreconditionError,
)
from om_ingest.errors import (
    RecordError as RecordError,
)
from om_ingest.errors import (
    ServerError as ServerError,
)
from om_ingest.errors import (
    SourceError as SourceError,
)
from om_ingest.errors import (
    WorkflowError as WorkflowError,
)
from om_ingest.hookspecs import (
    hookimpl as hookimpl,
)
from om_ingest.model import (
    fqn as fqn,
)
from om_ingest.model.database import (
    CreateDatabaseRequest as CreateDatabaseRequest,
)
from om_ingest.model.database import (
    CreateDatabaseSchemaRequest as CreateDatabaseSchemaRequest,
)
from om_ingest.model.database import (
    CreateDatabaseServiceRequest as CreateDatabaseServiceRequest,
)
from om_ingest.model.entity import (
    Entity as Entity,
)
from om_ingest.model.entity import (
    EntityReference as EntityReference,
)
from om_ingest.model.records import (
    Record as Record,
)
from om_ingest.model.records import (
    ScopeComplete as ScopeComplete,
)
from om_ingest.model.table import (
    CreateTableRequest as CreateTableRequest,
)
from om_ingest.openmetadata.config import (
    MetadataServerConfig as MetadataServerConfig,
)
from om_ingest.openmetadata.services import (
    get_service_or_create as get_service_or_create,
)
from om_ingest.openmetadata.store import (
    REST as REST,
)
from om_ingest.sink import (
    Processor as Processor,
)
from om_ingest.sink import (
    Sink as Sink,
)
from om_ingest.source import (
    ConfiguredSource as ConfiguredSource,
)
from om_ingest.source import (
    ConnectorConfig as ConnectorConfig,
)
from om_ingest.source import (
    Source as Source,
)
from om_ingest.source import (
    SourceStatus as SourceStatus,
)
from om_ingest.source import (
    WorkflowContext as WorkflowContext,
)
from om_ingest.store import (
    Closeable as Closeable,
)
from om_ingest.store import (
    ForwardingStore as ForwardingStore,
)
from om_ingest.store import (
    MetadataStore as MetadataStore,
)
from om_ingest.store import (
    Outcome as Outcome,
)
from om_ingest.store import (
    WriteResult as WriteResult,
)

__version__: str
