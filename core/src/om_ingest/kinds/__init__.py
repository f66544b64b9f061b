"""Kinds of entities: the one table of them, and what it says about requests and records."""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)
