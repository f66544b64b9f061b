"""`om-ingest new`: the project of a new connector, made from a template."""
