"""The embedded catalog: OpenMetadata's entities in one SQLite file, without a server.

`Catalog` is a `MetadataStore`. For plugins that serve or read catalogs, `Collection` is a REST
collection of one kind of entity, `Attachments` holds samples, profiles, usage, runs, followers
and votes, and `Edges` holds lineage.

Each internal package imports only those after it: `browsing`, what the command prints; `rest` and
`store`, the two interfaces; `patching`; `writing`, which changes rows, and `documents`, which
renders them; `attachments`, data kept apart from entities; `rules`, the validation and merging of
requests; `rows`, the file.
"""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)

DEFAULT_CATALOG = "om-ingest.db"
"""Default name of the catalog file, in the working directory."""
