"""DuckDB: the source, its config, and its dialect."""
