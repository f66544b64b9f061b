"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.config.families import (
    ApiSourceConfig as ApiSourceConfig,
    DashboardSourceConfig as DashboardSourceConfig,
    DriveSourceConfig as DriveSourceConfig,
    MessagingSourceConfig as MessagingSourceConfig,
    MlModelSourceConfig as MlModelSourceConfig,
    PipelineSourceConfig as PipelineSourceConfig,
    SearchSourceConfig as SearchSourceConfig,
    StorageSourceConfig as StorageSourceConfig,
)
from om_ingest.config.settings import (
    DatabaseSourceConfig as DatabaseSourceConfig,
    FilterPattern as FilterPattern,
    Settings as Settings,
    SourceConfig as SourceConfig,
)
from om_ingest.config.validation import (
    fields_of as fields_of,
    models_in as models_in,
    summary as summary,
    validated as validated,
)
