"""The sinks that come with the host; each is an entry point like anybody else's."""

DEFAULT_CATALOG = "om-ingest.db"
"""The catalog file in the working directory that is used where nobody names one."""
