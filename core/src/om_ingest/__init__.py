"""The public names for connector authors.

They are loaded when first used: commands that need no models stay fast.
"""

from __future__ import annotations

from typing import Any

from om_ingest.lazy import attach

_load, __dir__, __all__ = attach(__name__)
__all__ += ["__version__"]
__all__.sort()


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("om-ingest")
    return _load(name)
