"""Lineage out of SQL: a processor behind any source, a command, and a source for query logs."""
