"""OpenMetadata's REST interface on the embedded catalog; `om-ingest serve` starts it.

`om_ingest_catalog_server.application.Application` is the ASGI application, for use in other
ASGI servers.
"""
