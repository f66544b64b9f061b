"""A run: the workflow file, the loop from source to sink, and the report."""
