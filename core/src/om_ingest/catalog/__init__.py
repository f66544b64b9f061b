"""The embedded catalog: OpenMetadata's entities in one SQLite file, without a server.

`Catalog` is a `MetadataStore`. `Collection` shows one kind of entity in it as a REST
collection does, `Attachments` what lies beside entities and `Edges` what lies between them, for
plugins that serve or read catalogs.
"""

from om_ingest.catalog.actor import Actor
from om_ingest.catalog.attachments import Attachments, Vote
from om_ingest.catalog.bulk import BulkResult
from om_ingest.catalog.collection import Collection
from om_ingest.catalog.documents import Document, Stored
from om_ingest.catalog.edges import Edges, End
from om_ingest.catalog.filters import Include
from om_ingest.catalog.listing import Page
from om_ingest.catalog.measurements import ProfileType
from om_ingest.catalog.reading import Key
from om_ingest.catalog.search import SearchHit
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
]
