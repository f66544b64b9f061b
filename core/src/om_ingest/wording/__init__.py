"""Pydantic's validation errors in plain words: `dataType: 'varchar' is no DataType; did you …`.

The one place where the wording is decided, for workflow files, records and texts of connectors.
Of pydantic only the attributes of its errors and models are used: an import would cost time.
"""

from om_ingest.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__)
