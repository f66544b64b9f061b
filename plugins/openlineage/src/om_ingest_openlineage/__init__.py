"""Run events of OpenLineage: `om-ingest run … --openlineage URL`."""
