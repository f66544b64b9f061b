"""The embedded catalog: OpenMetadata's entities in one SQLite file, without a server.

`Catalog` is a `MetadataStore`. `Collection` shows one kind of entity in it as a REST
collection does, `Attachments` what lies beside entities and `Edges` what lies between them, for
plugins that serve or read catalogs.

Inside, each package uses only those below it: `rest` and `store`, the two faces; `patching`;
`writing`, which changes rows, and `documents`, which shows them; `beside`, what is no part of an
entity; `rules` of requests; `rows` of the file.
"""

from om_ingest.catalog.actor import Actor
from om_ingest.catalog.bulk import BulkResult
from om_ingest.catalog.documents.compose import Document, Stored
from om_ingest.catalog.documents.filters import Include
from om_ingest.catalog.documents.listing import Page
from om_ingest.catalog.documents.secrets import mask_secrets
from om_ingest.catalog.rest.attachments import Attachments, Vote
from om_ingest.catalog.rest.collection import Collection
from om_ingest.catalog.rest.edges import Edges, End
from om_ingest.catalog.rest.measurements import ProfileType
from om_ingest.catalog.rows.reading import Key
from om_ingest.catalog.rows.search import SearchHit
from om_ingest.catalog.store import Catalog

__all__ = [
    "Actor",
    "Attachments",
    "BulkResult",
    "Catalog",
    "Collection",
    "Document",
    "Edges",
    "End",
    "Include",
    "Key",
    "Page",
    "ProfileType",
    "SearchHit",
    "Stored",
    "Vote",
    "mask_secrets",
]
