"""What one SQL statement makes of what: tables and columns, without any knowledge of the run.

The names are loaded when first used: results are read back without sqlglot.
"""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)
