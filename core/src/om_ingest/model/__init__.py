"""OpenMetadata's vocabulary as pydantic models, without any I/O.

They are loaded when first used: a connector pays for the families it has.
"""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)
