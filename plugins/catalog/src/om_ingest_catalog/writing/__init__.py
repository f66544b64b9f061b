"""Changes of rows: batches, deletes, lineage; each inside a transaction."""
