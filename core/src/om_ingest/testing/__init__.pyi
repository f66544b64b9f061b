"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.testing.command import (
    Command as Command,
)
from om_ingest.testing.command import (
    CommandResult as CommandResult,
)
from om_ingest.testing.double import (
    Call as Call,
)
from om_ingest.testing.double import (
    OpenMetadataDouble as OpenMetadataDouble,
)
from om_ingest.testing.rules import (
    RULES as RULES,
)
from om_ingest.testing.rules import (
    Rule as Rule,
)
from om_ingest.testing.server import (
    CatalogServer as CatalogServer,
)
from om_ingest.testing.suite import (
    SourceSuite as SourceSuite,
)
