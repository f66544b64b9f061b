"""Makes `metadata` a regular package, and cannot be imported without what is missing here."""

import missing_library

from metadata.registry import container

__all__ = ["container", "missing_library"]
