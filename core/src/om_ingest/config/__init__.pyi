"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.config.families import (
    ApiSourceConfig as ApiSourceConfig,
)
from om_ingest.config.families import (
    DashboardSourceConfig as DashboardSourceConfig,
)
from om_ingest.config.families import (
    DriveSourceConfig as DriveSourceConfig,
)
from om_ingest.config.families import (
    MessagingSourceConfig as MessagingSourceConfig,
)
from om_ingest.config.families import (
    MlModelSourceConfig as MlModelSourceConfig,
)
from om_ingest.config.families import (
    PipelineSourceConfig as PipelineSourceConfig,
)
from om_ingest.config.families import (
    SearchSourceConfig as SearchSourceConfig,
)
from om_ingest.config.families import (
    StorageSourceConfig as StorageSourceConfig,
)
from om_ingest.config.settings import (
    DatabaseSourceConfig as DatabaseSourceConfig,
)
from om_ingest.config.settings import (
    FilterPattern as FilterPattern,
)
from om_ingest.config.settings import (
    Settings as Settings,
)
from om_ingest.config.settings import (
    SourceConfig as SourceConfig,
)
from om_ingest.config.validation import (
    fields_of as fields_of,
)
from om_ingest.config.validation import (
    models_in as models_in,
)
from om_ingest.config.validation import (
    summary as summary,
)
from om_ingest.config.validation import (
    validated as validated,
)
