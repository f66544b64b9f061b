"""What changes rows: batches, deletes, edges; each inside a transaction."""
