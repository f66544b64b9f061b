"""The sinks of the host, and what they are made of: the public floor for sinks of others."""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)
