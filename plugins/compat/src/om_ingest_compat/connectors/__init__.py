"""Base classes of connectors, and their adaption to `om_ingest.Source`."""
