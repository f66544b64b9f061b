"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest_catalog.documents.compose import (
    EntityDocument as EntityDocument,
    StoredEntity as StoredEntity,
)
from om_ingest_catalog.documents.filters import (
    Include as Include,
)
from om_ingest_catalog.documents.listing import (
    Page as Page,
    is_cursor as is_cursor,
)
from om_ingest_catalog.documents.projection import (
    mask_secrets as mask_secrets,
)
from om_ingest_catalog.patching.json_patch import (
    PatchError as PatchError,
)
from om_ingest_catalog.rest.attachments import (
    Attachments as Attachments,
    Vote as Vote,
)
from om_ingest_catalog.rest.collection import (
    Collection as Collection,
)
from om_ingest_catalog.rest.edges import (
    Edges as Edges,
    End as End,
)
from om_ingest_catalog.rest.measurements import (
    ProfileType as ProfileType,
)
from om_ingest_catalog.rows.reading import (
    Key as Key,
    UnreadableError as UnreadableError,
)
from om_ingest_catalog.rows.search import (
    SearchHit as SearchHit,
)
from om_ingest_catalog.rules.merge import (
    AFTER_RECORDED as AFTER_RECORDED,
    NEWEST as NEWEST,
    Release as Release,
)
from om_ingest_catalog.store import (
    Catalog as Catalog,
)
from om_ingest_catalog.writing.options import (
    Actor as Actor,
    BulkResult as BulkResult,
)

DEFAULT_CATALOG: str
