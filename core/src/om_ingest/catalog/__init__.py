"""The embedded catalog: OpenMetadata's entities in one SQLite file, without a server."""

from om_ingest.catalog.search import SearchHit
from om_ingest.catalog.store import Catalog

__all__ = ["Catalog", "SearchHit"]
