"""The embedded catalog: OpenMetadata's entities in one SQLite file, without a server.

`Catalog` is a `MetadataStore`. `Collection` shows one kind of entity in it as a REST
collection does, `Attachments` what lies beside entities and `Edges` what lies between them, for
plugins that serve or read catalogs.

Inside, each package uses only those below it: `rest` and `store`, the two faces; `patching`;
`writing`, which changes rows, and `documents`, which shows them; `beside`, what is no part of an
entity; `rules` of requests; `rows` of the file.
"""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)

DEFAULT_CATALOG = "om-ingest.db"
"""The catalog file in the working directory that is used where nobody names one."""
