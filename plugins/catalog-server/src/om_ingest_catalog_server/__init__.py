"""OpenMetadata's REST interface on the embedded catalog; `om-ingest serve` starts it.

`Route`, `ApiCall` and what they are made of are for plugins that add routes to the server.
`Application` is the ASGI application, for use in other ASGI servers.
"""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)
