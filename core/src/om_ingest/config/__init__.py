"""Settings of a workflow: `sourceConfig.config`, typed, and messages for validation errors.

The names are loaded when first used: most runs need the settings of one family.
"""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)
