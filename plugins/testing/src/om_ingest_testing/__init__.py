"""The public test kit for connector authors.

    from om_ingest_testing import SourceSuite

    class TestAcme(SourceSuite):
        source = AcmeSource
        config = {"url": "..."}

is a whole conformance test. pytest loads `om_ingest_testing.plugin` by itself, with the
fixtures `om_ingest` and `openmetadata_double`; `catalog` and `catalog_server` come with their
distributions. The names here are loaded when first used, so that pytest starts fast.
"""

from __future__ import annotations

from typing import Any

from om_ingest.lazy import attach

_load, __dir__, __all__ = attach(__name__)


def __getattr__(name: str) -> Any:
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        raise ImportError(
            f'om_ingest_testing.{name} needs pytest: pip install "om-ingest[testing]"',
            name="pytest",
        ) from None
