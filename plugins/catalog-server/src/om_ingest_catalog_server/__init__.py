"""OpenMetadata's REST interface on the embedded catalog; `om-ingest serve` starts it.

`om_ingest_catalog_server.application.Application` is the ASGI application, for whoever
wants to run it in another process than the command's.
"""
