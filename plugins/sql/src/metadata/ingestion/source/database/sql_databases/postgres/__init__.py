"""PostgreSQL: the source, its config, and its dialect."""
