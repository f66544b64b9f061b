"""Two sinks for om-ingest: a CSV file, and a folder with one JSON file per entity."""
