"""The client that connectors know, on the store of the run."""

from om_ingest_compat.client.open_metadata import OpenMetadata as OpenMetadata
