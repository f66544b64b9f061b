"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest_catalog.actor import (
    Actor as Actor,
)
from om_ingest_catalog.bulk import (
    BulkResult as BulkResult,
)
from om_ingest_catalog.documents.compose import (
    Document as Document,
)
from om_ingest_catalog.documents.compose import (
    Stored as Stored,
)
from om_ingest_catalog.documents.filters import (
    Include as Include,
)
from om_ingest_catalog.documents.listing import (
    Page as Page,
)
from om_ingest_catalog.documents.secrets import (
    mask_secrets as mask_secrets,
)
from om_ingest_catalog.rest.attachments import (
    Attachments as Attachments,
)
from om_ingest_catalog.rest.attachments import (
    Vote as Vote,
)
from om_ingest_catalog.rest.collection import (
    Collection as Collection,
)
from om_ingest_catalog.rest.edges import (
    Edges as Edges,
)
from om_ingest_catalog.rest.edges import (
    End as End,
)
from om_ingest_catalog.rest.measurements import (
    ProfileType as ProfileType,
)
from om_ingest_catalog.rows.reading import (
    Key as Key,
)
from om_ingest_catalog.rows.search import (
    SearchHit as SearchHit,
)
from om_ingest_catalog.store import (
    Catalog as Catalog,
)

DEFAULT_CATALOG: str
