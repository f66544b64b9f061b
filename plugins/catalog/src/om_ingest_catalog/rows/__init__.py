"""The SQLite file: its tables, rows, JSON bodies, indexes and lookups."""
